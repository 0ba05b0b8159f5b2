// Hugging Face folders whose files do not belong together: each is refused with the file and the
// tensor.
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/file.h"
#include "model/hf_config.h"
#include "model/weights.h"
#include "tests/support/expect_error.h"
#include "tests/support/safetensors_bytes.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

using nlohmann::json;

const std::string kUp = "model.layers.0.mlp.up_proj.weight";

/// A folder in two shards: the up projection of layer 0 in the second, all else in the first.
class BrokenFolder : public ::testing::Test {
 protected:
  BrokenFolder() : first_(tiny_model().weights()) {
    second_[kUp] = first_.at(kUp);
    first_.erase(kUp);
    folder_.write("config.json", to_hf_config(tiny_config(), "float32").dump());
    for (const auto& [name, tensor] : first_) map_[name] = "a.safetensors";
    map_[kUp] = "b.safetensors";
  }

  void write_all() const {
    save_safetensors(folder_.path() / "a.safetensors", first_);
    save_safetensors(folder_.path() / "b.safetensors", second_);
    folder_.write("model.safetensors.index.json", json{{"weight_map", map_}}.dump());
  }
  void expect_refused(const std::string& what) const {
    expect_error(
        [&] { (void)load_model_files(folder_.path(), at::kFloat); }, ErrorKind::kData, what);
  }

  TempFolder folder_;
  Weights first_;
  Weights second_;
  json map_;
};

TEST_F(BrokenFolder, LoadsWhileNothingIsWrong) {
  write_all();

  EXPECT_EQ(load_model_files(folder_.path(), at::kFloat).weights.size(),
            first_.size() + second_.size());
}

TEST_F(BrokenFolder, NamesAShardThatIsMissing) {
  write_all();
  std::filesystem::remove(folder_.path() / "b.safetensors");

  expect_refused("model.safetensors.index.json: names the file 'b.safetensors', which is not");
}

TEST_F(BrokenFolder, NamesATensorThatItsShardDoesNotHold) {
  first_[kUp] = second_.at(kUp);
  second_ = {{"model.norm.weight", first_.at("model.norm.weight")}};
  first_.erase("model.norm.weight");
  map_["model.norm.weight"] = "b.safetensors";
  write_all();

  expect_refused("says that '" + kUp + "' is in b.safetensors, which does not hold it");
}

TEST_F(BrokenFolder, NamesATensorThatTwoShardsHold) {
  second_["model.norm.weight"] = first_.at("model.norm.weight");
  write_all();

  expect_refused("b.safetensors: tensor 'model.norm.weight' stands in another shard too");
}

TEST_F(BrokenFolder, NamesAWeightThatTheConfigurationWants) {
  save_safetensors(folder_.path() / "model.safetensors", first_);

  expect_refused("tensor '" + kUp + "' [40, 24] is missing");
}

TEST_F(BrokenFolder, NamesAWeightWithAnotherShape) {
  second_[kUp] = at::ones({24, 40});
  write_all();
  expect_refused("b.safetensors: tensor '" + kUp +
                 "': wanted [40, 24], as its configuration says, got [24, 40]");

  second_[kUp] = at::ones({1, 40, 24});
  write_all();
  expect_refused("got [1, 40, 24]");
}

TEST_F(BrokenFolder, NamesAWeightThatTheModelHasNoPlaceFor) {
  second_["model.layers.0.mlp.experts.0.weight"] = at::ones({2});
  map_["model.layers.0.mlp.experts.0.weight"] = "b.safetensors";
  write_all();

  expect_refused("'model.layers.0.mlp.experts.0.weight' [2] has no place");
}

TEST_F(BrokenFolder, NamesAnIndexThatIsNoIndex) {
  folder_.write("model.safetensors.index.json", "{\"weight_map\": ");
  expect_refused("index.json: is not a JSON object");
  folder_.write("model.safetensors.index.json", R"({"weight_map": ["a"]})");
  expect_refused("wanted an object weight_map");
  folder_.write("model.safetensors.index.json", R"({"weight_map": {"a": 5}})");
  expect_refused("weight_map 'a': wanted a file name in the same folder, got 5");
}

TEST_F(BrokenFolder, NamesASafetensorsFileThatWasCutShort) {
  write_all();
  const std::string whole = read_file(folder_.path() / "b.safetensors");
  folder_.write("b.safetensors", whole.substr(0, whole.size() - 1));

  expect_refused("b.safetensors: tensor '" + kUp + "': data_offsets");
}

TEST_F(BrokenFolder, NamesADtypeThatIsNoneOfAWeight) {
  folder_.write("model.safetensors",
                safetensors_bytes(R"({"model.norm.weight":{"dtype":"U8","shape":[24],)"
                                  R"("data_offsets":[0,24]}})",
                                  24));

  expect_refused("tensor 'model.norm.weight': dtype: wanted F32, F16, BF16 or F64, got 'U8'");
}

TEST_F(BrokenFolder, NamesAConfigurationThatIsNoJson) {
  folder_.write("config.json", "{\"model_type\": \"llama\",");
  expect_refused("config.json: is not a JSON object");
  folder_.write("config.json", R"({"model_type": 5})");
  expect_refused("config.json: field 'model_type': wanted a string, got 5");
}

}  // namespace
}  // namespace stratagram::model
