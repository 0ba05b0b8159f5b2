// GGUF files that are damaged or lie: each is refused with what is wrong with which part of it.
#include <gtest/gtest.h>

#include <limits>

#include "model/gguf.h"
#include "model/weights.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_gguf.h"

namespace stratagram::model {
namespace {

constexpr uint64_t kHuge = std::numeric_limits<uint64_t>::max();

void expect_refused(const std::string& file, const char* what) {
  expect_error([&] { (void)parse_gguf(file, "m.gguf"); }, ErrorKind::kData, what);
  expect_error([&] { (void)parse_gguf(file, "m.gguf"); }, ErrorKind::kData, "m.gguf");
}

void expect_refused_model(const TinyGguf& model, const std::string& what) {
  const TempFolder folder;
  const auto file = folder.write("m.gguf", model.bytes());
  const auto load = [&] { (void)load_model_files(file, at::kFloat); };
  expect_error(load, ErrorKind::kData, what);
  expect_error(load, ErrorKind::kData, "m.gguf");
}

TEST(BrokenGguf, CountsAndLengthsNearTheEndOf64BitsAreRefused) {
  expect_refused(GgufBytes().counts(kHuge, 0).bytes(), "18446744073709551615 tensors");
  expect_refused(GgufBytes().counts(0, kHuge).bytes(), "18446744073709551615 key-values");
  expect_refused(GgufBytes().counts(0, 1).put<uint64_t>(kHuge).raw(std::string(40, 'k')).bytes(),
                 "more were wanted");
  expect_refused(
      GgufBytes().counts(0, 1).text("k").put<uint32_t>(8).put<uint64_t>(kHuge - 3).bytes(),
      "more were wanted");
  expect_refused(
      GgufBytes().counts(1, 0).put<uint64_t>(kHuge - 7).raw(std::string(40, 't')).bytes(),
      "more were wanted");
  expect_refused(
      GgufBytes().counts(1, 0).tensor("t", {kHuge, kHuge}, 0, 0).align().raw("x").bytes(),
      "no tensor has that many elements");
}

TEST(BrokenGguf, AnAlignmentThatIsNoPowerOfTwoIsRefused) {
  const auto aligned = [](uint32_t alignment) {
    return GgufBytes().counts(0, 1).value("general.alignment", alignment).align().bytes();
  };

  expect_refused(aligned(0), "general.alignment: wanted a power of two, got 0");
  expect_refused(aligned(24), "general.alignment: wanted a power of two, got 24");
  expect_refused(GgufBytes().counts(0, 1).value("general.alignment", std::string("x")).bytes(),
                 "general.alignment: wanted a power of two, got \"x\"");
  EXPECT_NO_THROW((void)parse_gguf(aligned(64), "m.gguf"));
}

TEST(BrokenGguf, ATensorTypeThatIsNotSupportedIsCalledByItsName) {
  const auto of_type = [](uint32_t type) {
    return GgufBytes().counts(1, 0).tensor("blk.0.w", {256}, type, 0).align().bytes();
  };

  expect_refused(of_type(6), "tensor 'blk.0.w': GGUF type 6 (Q5_0)");
  expect_refused(of_type(10), "GGUF type 10 (Q2_K)");
  expect_refused(of_type(4096), "GGUF type 4096:");
}

TEST(BrokenGguf, ARowThatIsNoMultipleOfTheBlockIsRefused) {
  expect_refused(GgufBytes().counts(1, 0).tensor("t", {2, 100}, 12, 0).align().bytes(),
                 "tensor 't': Q4_K has blocks of 256 values, its rows have 100");
}

TEST(BrokenGguf, ATensorOrKeyThatComesTwiceIsRefused) {
  expect_refused(GgufBytes()
                     .counts(2, 0)
                     .tensor("t", {8}, 0, 0)
                     .tensor("t", {8}, 0, 32)
                     .align()
                     .raw(std::string(64, 'x'))
                     .bytes(),
                 "tensor 't' comes twice");
  expect_refused(GgufBytes().counts(0, 2).value("k", 1U).value("k", 2U).bytes(),
                 "key 'k' comes twice");
}

TEST(BrokenGguf, AWholeModelLoadsAndOneThatLacksAWeightDoesNot) {
  const TempFolder folder;
  const auto file = folder.write("whole.gguf", TinyGguf{}.bytes());
  EXPECT_EQ(load_model_files(file, at::kFloat).weights.size(), 11U);

  TinyGguf lacking;
  std::erase_if(lacking.tensors,
                [](const GgufTensor& t) { return t.name == "blk.0.ffn_up.weight"; });
  expect_refused_model(lacking, "tensor 'model.layers.0.mlp.up_proj.weight' [32, 32] is missing");
}

TEST(BrokenGguf, WeightsOfAnotherShapeAreRefusedBeforeTheyAreUsed) {
  TinyGguf wrong;
  wrong.tensor("blk.0.attn_q.weight").shape = {64, 32};
  expect_refused_model(wrong, "wanted [32, 32], as its configuration says, got [64, 32]");
  TinyGguf extra;
  extra.tensor("blk.0.attn_norm.weight").shape = {1, 32};
  expect_refused_model(extra, "wanted [32], as its configuration says, got [1, 32]");
  TinyGguf empty;
  empty.tensor("blk.0.attn_q.weight").shape = {0, 32};
  expect_refused_model(empty, "got [0, 32]");
  TinyGguf scalar;
  scalar.tensor("blk.0.attn_k.weight") = {.name = "blk.0.attn_k.weight", .shape = {}, .type = 0};
  expect_refused_model(scalar, "got []");
}

TEST(BrokenGguf, RopeDivisorsThatAreNoLlama3ScalingAreRefused) {
  for (const uint64_t length : {0U, 3U, 8U}) {
    TinyGguf model;
    model.tensor("rope_freqs.weight").shape = {length};
    expect_refused_model(model, "'rope_freqs.weight' is no llama3 scaling");
  }
}

TEST(BrokenGguf, ALayerThatTheConfigurationDoesNotHaveIsRefused) {
  TinyGguf model;
  model.tensor("blk.1.attn_norm.weight").shape = {32};
  expect_refused_model(model, "'model.layers.1.input_layernorm.weight' [32] has no place");
}

TEST(BrokenGguf, NumbersThatAreNoneAreRefusedByTheirKey) {
  expect_refused_model({.norm_eps = std::numeric_limits<float>::quiet_NaN()}, "rms_norm_eps");
  expect_refused_model({.norm_eps = -1.0F}, "rms_norm_eps");
  expect_refused_model({.rope_theta = std::numeric_limits<float>::infinity()}, "rope_theta");
  expect_refused_model({.num_layers = 0}, "num_hidden_layers");
  expect_refused_model({.num_layers = 2000000000}, "num_hidden_layers");
}

// Whatever bit of the header turns, the file loads or is refused as a data file; nothing of torch
// comes through.
TEST(BrokenGguf, FlippedBitsAreDataErrorsOrHarmless) {
  const std::string good = TinyGguf{}.bytes();
  const TempFolder folder;
  int64_t refused = 0;
  for (size_t bit = 0; bit < 8 * 1700; bit += 7) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    const auto file = folder.write("m.gguf", bad);
    try {
      (void)load_model_files(file, at::kFloat);
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::kData) << error.what() << " at bit " << bit;
      ++refused;
    }
  }
  EXPECT_GT(refused, 800);
}

}  // namespace
}  // namespace stratagram::model
