#include "model/safetensors.h"

#include <gtest/gtest.h>

#include "core/stream.h"
#include "tests/support/expect_error.h"
#include "tests/support/safetensors_bytes.h"

namespace stratagram::model {
namespace {

const auto file_of = safetensors_bytes;

TEST(ParseSafetensors, FindsNamesShapesAndBytes) {
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[2,3],"data_offsets":[4,16]},)"
      R"("a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})";

  const auto entries = parse_safetensors(file_of(header, 16), "x");

  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries.at("b").shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(entries.at("b").begin, 8 + header.size() + 4);
  EXPECT_EQ(entries.at("b").end, 8 + header.size() + 16);
}

void expect_refused(const std::string& file, const char* what) {
  expect_error([&] { (void)parse_safetensors(file, "m.safetensors"); }, ErrorKind::kData, what);
  expect_error(
      [&] { (void)parse_safetensors(file, "m.safetensors"); }, ErrorKind::kData, "m.safetensors");
}

TEST(ParseSafetensors, RefusesDamagedFiles) {
  expect_refused("abc", "too few");
  expect_refused(std::string(8, '\xff') + "{}", "header has");
  expect_refused(file_of("{]", 0), "not a JSON object");
  expect_refused(file_of("[1]", 0), "not a JSON object");
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4),
                 "tensor 'a': data_offsets [0, 8]");
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 8),
                 "'a' (F32 [2]) needs 8 bytes");
  expect_refused(file_of(R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}})", 8),
                 "got 'F4'");
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8),
                 "shape [-2]");
  expect_refused(
      file_of(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})", 8),
      "no tensor has that many");
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8),
                 "ascending");
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                         R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
                         12),
                 "overlap");
  expect_refused(file_of(R"({"a":{"shape":[2],"data_offsets":[0,8]}})", 8), "dtype");
}

TEST(ParseSafetensors, RefusesAHeaderThatWouldNotFitTheMachine) {
  std::string file = file_of("{}", 0);
  file[7] = '\x7f';
  expect_refused(file, "says that its header has 9151314442816847874 bytes, wanted at most 2");
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,1e300]}})", 8),
                 "field 'data_offsets': wanted an array of one type");
  expect_refused(
      file_of(R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]}})", 8),
      "field 'shape'");
}

// A message that shows the value, or a copy of it, would go as deep as the text does.
TEST(ParseSafetensors, RefusesAHeaderThatIsNestedWithoutEnd) {
  expect_refused(file_of(R"({"a":{"dtype":)" + std::string(1'000'000, '['), 0), "nested deeper");
}

TEST(ParseSafetensors, RefusesATensorThatComesTwice) {
  expect_refused(file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                         R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                         2),
                 "tensor 'a' comes twice");
}

// Any change of any byte of the header gives a table whose tensors lie inside the file, or an
// error.
TEST(ParseSafetensors, NeverReadsOutsideAFileWithFlippedBits) {
  const std::string good = file_of(
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],)"
      R"("data_offsets":[8,12]}})",
      12);
  const Stream stream({.seed = 1, .purpose = "flip"});
  int64_t refused = 0;
  for (uint64_t i = 0; i < 4000; ++i) {
    std::string bad = good;
    bad[stream.below(bad.size(), 2 * i)] ^= static_cast<char>(1U << stream.below(8, 2 * i + 1));
    try {
      for (const auto& [name, entry] : parse_safetensors(bad, "x")) {
        ASSERT_LE(entry.begin, entry.end);
        ASSERT_LE(entry.end, bad.size());
      }
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::kData) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace stratagram::model
