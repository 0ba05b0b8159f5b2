#include "model/gguf.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/file.h"
#include "core/stream.h"
#include "model/dequant.h"
#include "tests/support/expect_error.h"
#include "tests/support/gguf_bytes.h"

namespace stratagram::model {
namespace {

using nlohmann::json;

GgufBytes small_file() {
  GgufBytes file;
  file.counts(2, 3)
      .value("general.architecture", std::string("llama"))
      .value("llama.block_count", 1U)
      .value("llama.rope.freq_base", 500.0F)
      .tensor("a", {2, 32}, 8, 0)
      .tensor("b", {3}, 0, 96)
      .align()
      .raw(std::string(96 + 12, 'x'));
  return file;
}

TEST(ParseGguf, FindsValuesAndTensors) {
  const GgufFile file = parse_gguf(small_file().bytes(), "m.gguf");

  EXPECT_EQ(file.metadata.at("llama.block_count"), 1);
  EXPECT_EQ(file.metadata.at("llama.rope.freq_base"), 500.0);
  EXPECT_EQ(file.tensors.at("a").dtype, "Q8_0");
  EXPECT_EQ(file.tensors.at("a").shape, (std::vector<int64_t>{2, 32}));
  EXPECT_EQ(file.tensors.at("a").end - file.tensors.at("a").begin, 68U);
  EXPECT_EQ(file.tensors.at("b").end, small_file().bytes().size());
}

void expect_refused(const std::string& file, const char* what) {
  expect_error([&] { (void)parse_gguf(file, "m.gguf"); }, ErrorKind::kData, what);
  expect_error([&] { (void)parse_gguf(file, "m.gguf"); }, ErrorKind::kData, "m.gguf");
}

TEST(ParseGguf, RefusesDamagedFiles) {
  expect_refused("GGML", "no GGUF file");
  expect_refused(GgufBytes(1).counts(0, 0).bytes(), "wanted 2 or 3, got 1");
  expect_refused(GgufBytes().counts(uint64_t{1} << 60, 0).bytes(), "tensors");
  expect_refused(GgufBytes().counts(0, uint64_t{1} << 60).bytes(), "key-values");
  expect_refused(
      GgufBytes().counts(0, 1).text("key").put<uint32_t>(99).raw(std::string(40, 'x')).bytes(),
      "value type 99");
  expect_refused(GgufBytes()
                     .counts(0, 1)
                     .text("key")
                     .put<uint32_t>(9)
                     .put<uint32_t>(4)
                     .put<uint64_t>(uint64_t{1} << 40)
                     .bytes(),
                 "values in an array");
  expect_refused(GgufBytes().counts(1, 0).tensor("t", {32}, 16, 0).align().bytes(), "GGUF type 16");
  expect_refused(GgufBytes().counts(1, 0).tensor("t", {33}, 8, 0).align().bytes(), "rows have 33");
  expect_refused(GgufBytes().counts(1, 0).tensor("t", {8}, 0, 64).align().raw("x").bytes(),
                 "tensor 't'");
  expect_refused(
      GgufBytes().counts(1, 0).tensor("t", {8}, 0, ~uint64_t{0} - 40).align().raw("x").bytes(),
      "tensor 't'");
  expect_refused(GgufBytes()
                     .counts(2, 0)
                     .tensor("t", {8}, 0, 0)
                     .tensor("u", {8}, 0, 16)
                     .align()
                     .raw(std::string(64, 'x'))
                     .bytes(),
                 "overlap");
  const std::string whole = small_file().bytes();
  for (size_t size = 4; size < whole.size(); ++size) {
    EXPECT_THROW((void)parse_gguf(whole.substr(0, size), "m.gguf"), Error) << size;
  }
}

TEST(ParseGguf, NeverReadsOutsideAFileWithFlippedBits) {
  const std::string good = small_file().bytes();
  const Stream stream({.seed = 2, .purpose = "flip"});
  int64_t refused = 0;
  for (uint64_t i = 0; i < 4000; ++i) {
    std::string bad = good;
    bad[stream.below(200, 2 * i)] ^= static_cast<char>(1U << stream.below(8, 2 * i + 1));
    try {
      for (const auto& [name, entry] : parse_gguf(bad, "x").tensors) {
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

TEST(Dequantize, EqualsTheReferenceForEveryType) {
  const json rows =
      json::parse(read_file(std::string(STRATAGRAM_TEST_DATA) + "/model/dequant.json"));
  ASSERT_EQ(rows.size(), 8U);
  for (const json& row : rows) {
    const auto bytes = row["bytes"].get<std::vector<uint8_t>>();
    const auto wanted = row["values"].get<std::vector<double>>();
    const BlockFormat& format = block_format_of_gguf(row["gguf_type"], "test");
    ASSERT_EQ(format.name, row["type"].get<std::string>());
    std::vector<float> values(wanted.size());

    dequantize(format, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, values.data());

    for (size_t i = 0; i < values.size(); ++i) {
      // The reference multiplies in another order: a unit in the last place.
      ASSERT_NEAR(values[i], wanted[i], 1e-6 * (1 + std::abs(wanted[i]))) << row["type"] << i;
    }
  }
}

TEST(GgufNames, AreThoseOfTheHuggingFaceLayout) {
  EXPECT_EQ(hf_name_of_gguf("blk.12.ffn_norm.weight", "x"),
            "model.layers.12.post_attention_layernorm.weight");
  EXPECT_EQ(hf_name_of_gguf("output.weight", "x"), "lm_head.weight");
  EXPECT_EQ(hf_name_of_gguf("rope_freqs.weight", "x"), "");
  expect_error([] { (void)hf_name_of_gguf("blk.0.ffn_gate_exps.weight", "m.gguf"); },
               ErrorKind::kData,
               "ffn_gate_exps");
}

TEST(GgufConfig, NamesAnArchitectureThatIsNotSupported) {
  GgufBytes file;
  file.counts(0, 1).value("general.architecture", std::string("mamba")).align();

  expect_error([&] { (void)config_from_gguf(parse_gguf(file.bytes(), "m.gguf"), "m.gguf"); },
               ErrorKind::kData,
               "got 'mamba'");
}

}  // namespace
}  // namespace stratagram::model
