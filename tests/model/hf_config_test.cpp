#include "model/hf_config.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::model {
namespace {

using nlohmann::json;

json smollm2() {
  return {{"model_type", "llama"},
          {"vocab_size", 49152},
          {"hidden_size", 576},
          {"num_hidden_layers", 30},
          {"num_attention_heads", 9},
          {"num_key_value_heads", 3},
          {"intermediate_size", 1536},
          {"max_position_embeddings", 8192},
          {"rms_norm_eps", 1e-5},
          {"tie_word_embeddings", true},
          {"rope_theta", 100000},
          {"torch_dtype", "bfloat16"},
          {"eos_token_id", 2}};
}

TEST(HfConfig, ReadsTheSpellingsOfTransformers4And5Alike) {
  json four = smollm2();
  four["rope_scaling"] = {{"rope_type", "llama3"},
                          {"factor", 8.0},
                          {"low_freq_factor", 1.0},
                          {"high_freq_factor", 4.0},
                          {"original_max_position_embeddings", 8192}};
  json five = smollm2();
  five.erase("rope_theta");
  five.erase("torch_dtype");
  five["dtype"] = "bfloat16";
  five["rope_parameters"] = four["rope_scaling"];
  five["rope_parameters"]["rope_theta"] = 100000;

  const ModelConfig old_spelling = parse_hf_config(four, "four");

  EXPECT_EQ(old_spelling, parse_hf_config(five, "five"));
  EXPECT_EQ(old_spelling.rope.kind, "llama3");
  EXPECT_EQ(old_spelling.rope_theta, 100000);
  EXPECT_EQ(old_spelling.head_width, 64);
}

TEST(HfConfig, ReadsTheOldestSpellingOfLinearScaling) {
  json spec = smollm2();
  spec["rope_scaling"] = {{"type", "linear"}, {"factor", 2.5}};

  EXPECT_EQ(parse_hf_config(spec, "x").rope.kind, "linear");
  EXPECT_EQ(parse_hf_config(spec, "x").rope.factor, 2.5);
}

TEST(HfConfig, SurvivesWritingAndReading) {
  for (const char* type : {"llama", "qwen2", "qwen3"}) {
    json spec = smollm2();
    spec["model_type"] = type;
    spec["head_dim"] = 40;
    spec["eos_token_id"] = {2, 5};
    spec["rope_scaling"] = {{"rope_type", "linear"}, {"factor", 2.0}};
    const ModelConfig config = parse_hf_config(spec, type);

    EXPECT_EQ(parse_hf_config(to_hf_config(config, "float32"), type), config) << type;
  }
}

TEST(HfConfig, KnowsWhichFamiliesHaveBiasesAndNorms) {
  json spec = smollm2();
  spec["model_type"] = "qwen2";
  const ModelConfig qwen2 = parse_hf_config(spec, "x");
  EXPECT_TRUE(qwen2.qkv_bias);
  EXPECT_FALSE(qwen2.o_bias);
  spec["model_type"] = "qwen3";
  const ModelConfig qwen3 = parse_hf_config(spec, "x");
  EXPECT_TRUE(qwen3.qk_norm);
  EXPECT_FALSE(qwen3.qkv_bias);
  EXPECT_EQ(qwen3.head_width, 128);
  spec["model_type"] = "llama";
  spec["attention_bias"] = true;
  EXPECT_TRUE(parse_hf_config(spec, "x").o_bias);
}

TEST(HfConfig, TakesTheEndTokensOfTheGenerationConfig) {
  const TempFolder folder;
  folder.write("config.json", smollm2().dump());
  folder.write("generation_config.json", R"({"eos_token_id": [7, 9]})");

  EXPECT_EQ(read_hf_config(folder.path()).end_token_ids, (std::vector<int32_t>{7, 9}));
}

TEST(HfConfig, NamesWhatIsNotSupported) {
  const auto refuse = [](const json& change, const char* what) {
    json spec = smollm2();
    spec.update(change);
    expect_error([&] { (void)parse_hf_config(spec, "m/config.json"); }, ErrorKind::kData, what);
    expect_error(
        [&] { (void)parse_hf_config(spec, "m/config.json"); }, ErrorKind::kData, "m/config.json");
  };

  refuse({{"model_type", "mixtral"}, {"architectures", {"MixtralForCausalLM"}}},
         "MixtralForCausalLM");
  refuse({{"rope_scaling", {{"rope_type", "yarn"}, {"factor", 4}}}}, "got 'yarn'");
  refuse({{"hidden_act", "gelu"}}, "got 'gelu'");
  refuse({{"use_sliding_window", true}}, "use_sliding_window");
  refuse({{"mlp_bias", true}}, "mlp_bias");
  refuse({{"quantization_config", {{"bits", 4}}}}, "quantization_config");
  refuse({{"hidden_size", "large"}}, "hidden_size");
  refuse({{"num_key_value_heads", 4}}, "not a multiple");
  refuse({{"num_attention_heads", 0}}, "num_attention_heads");
  refuse({{"num_hidden_layers", 1e300}}, "num_hidden_layers");
  refuse({{"model_type", 5}}, "field 'model_type': wanted a string, got 5");
}

TEST(HfConfig, NamesNumbersThatMakeNoModel) {
  const auto refuse = [](const json& change, const char* what) {
    json spec = smollm2();
    spec.update(change);
    expect_error([&] { (void)parse_hf_config(spec, "m/config.json"); }, ErrorKind::kData, what);
  };
  const json llama3 = {{"rope_type", "llama3"},
                       {"factor", 8.0},
                       {"low_freq_factor", 1.0},
                       {"high_freq_factor", 4.0},
                       {"original_max_position_embeddings", 8192}};
  const auto scaled = [&](const char* key, const json& value) {
    json rope = llama3;
    rope[key] = value;
    return json{{"rope_scaling", rope}};
  };

  refuse({{"num_hidden_layers", 0}}, "num_hidden_layers: wanted 1 to 4096, got 0");
  refuse({{"num_hidden_layers", 2000000000}}, "num_hidden_layers: wanted 1 to 4096");
  refuse({{"hidden_size", -576}}, "hidden_size: wanted 1 to 2147483647, got -576");
  refuse({{"vocab_size", 18446744073709551615U}}, "field 'vocab_size'");
  refuse({{"num_attention_heads", 7}, {"num_key_value_heads", 7}},
         "hidden_size 576 is not a multiple of num_attention_heads 7");
  refuse({{"head_dim", 63}}, "head_dim: wanted an even number, got 63");
  refuse({{"rms_norm_eps", std::numeric_limits<double>::quiet_NaN()}}, "rms_norm_eps: wanted");
  refuse({{"rms_norm_eps", -1e-6}}, "rms_norm_eps: wanted");
  refuse({{"rope_theta", std::numeric_limits<double>::infinity()}}, "rope_theta: wanted");
  refuse({{"rope_theta", 0}}, "rope_theta: wanted");
  refuse(scaled("factor", std::numeric_limits<double>::infinity()), "rope factor: wanted");
  refuse(scaled("low_freq_factor", 0.0), "low_freq_factor");
  refuse(scaled("high_freq_factor", 0.5), "high_freq_factor must be above low_freq_factor");
  refuse(scaled("original_max_position_embeddings", 0), "original_max_position_embeddings");
  refuse({{"eos_token_id", 4294967298}}, "eos_token_id: wanted an id, got 4294967298");
  refuse({{"pad_token_id", 4294967298}}, "pad_token_id: wanted an id, got 4294967298");
}

// An explicit head_dim frees the width from the number of heads, as in Qwen3.
TEST(HfConfig, TakesAWidthThatHeadsDoNotDivideWhereHeadDimIsGiven) {
  json spec = smollm2();
  spec.update({{"num_attention_heads", 7}, {"num_key_value_heads", 7}, {"head_dim", 64}});

  EXPECT_EQ(parse_hf_config(spec, "x").head_width, 64);
}

}  // namespace
}  // namespace stratagram::model
