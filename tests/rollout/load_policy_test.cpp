#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/file.h"
#include "rollout/policy.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_gguf.h"

namespace stratagram::rollout {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kData = STRATAGRAM_TEST_DATA;

/// Writes the tiny Llama (64 rows of embedding) with a tokenizer beside it.
void write_model(const TempFolder& folder,
                 const json& config_change,
                 const std::string& tokenizer) {
  const std::string model = std::string(kData) + "/model/llama/";
  json config = json::parse(read_file(model + "config.json"));
  config.update(config_change);
  folder.write("config.json", config.dump());
  fs::copy(model + "model.safetensors", folder.path() / "model.safetensors");
  folder.write("tokenizer.json", tokenizer);
}

std::string small_tokenizer() {
  json spec = json::parse(read_file(std::string(kData) + "/text/smollm/tokenizer.json"));
  spec["model"]["vocab"] = {{"a", 0}, {"b", 1}, {"ab", 2}};
  spec["model"]["merges"] = {"a b"};
  spec["added_tokens"] = json::array();
  return spec.dump();
}

void expect_refused(const fs::path& path, const std::string& what) {
  expect_error([&] { (void)load_policy(path, {}); }, ErrorKind::kData, what);
}

TEST(LoadPolicy, TakesATokenizerWithFewerTokensThanTheModelHasRows) {
  const TempFolder folder;
  write_model(folder, json::object(), small_tokenizer());

  EXPECT_EQ(load_policy(folder.path(), {}).tokenizer.vocab_size(), 3);
}

TEST(LoadPolicy, RefusesATokenizerWithMoreTokensThanTheModelHasRows) {
  const TempFolder folder;
  write_model(
      folder, json::object(), read_file(std::string(kData) + "/text/smollm/tokenizer.json"));

  expect_refused(folder.path(), "tokens, the model's embedding 64 rows; they do not belong");
}

TEST(LoadPolicy, RefusesAnEndTokenThatTheTokenizerDoesNotHave) {
  const TempFolder folder;
  write_model(folder, {{"eos_token_id", 7}}, small_tokenizer());

  expect_refused(folder.path(), "token id 7 is not in the tokenizer's vocabulary");
}

TEST(LoadPolicy, RefusesAModelWithoutAnEndToken) {
  const TempFolder folder;
  write_model(folder, {{"eos_token_id", nullptr}}, small_tokenizer());

  expect_refused(folder.path(), "wanted an end token");
}

TEST(LoadPolicy, RefusesAFolderWithoutATokenizer) {
  const TempFolder folder;
  write_model(folder, json::object(), small_tokenizer());
  fs::remove(folder.path() / "tokenizer.json");

  expect_refused(folder.path(), "has no tokenizer.json");
}

TEST(CheckDeviceCount, RefusesADeviceBeyondThoseThatThereAreAndSaysHowMany) {
  EXPECT_NO_THROW(check_device_count(at::Device("cuda:1"), 2));
  EXPECT_NO_THROW(check_device_count(at::Device("cuda"), 1));
  EXPECT_NO_THROW(check_device_count(at::Device("cuda:0"), 1));

  expect_error(
      [] { check_device_count(at::Device("cuda:2"), 2); },
      ErrorKind::kDevice,
      "device cuda:2: this machine has 2 CUDA devices, so wanted cuda:N with N from 0 to 1");
  expect_error([] { check_device_count(at::Device("cuda:1"), 1); },
               ErrorKind::kDevice,
               "has 1 CUDA device, so");
}

TEST(LoadPolicy, RefusesAGgufWhoseTokenizerIsLargerThanItsEmbedding) {
  TinyGguf model;
  model.tokens.push_back("ba");
  const TempFolder folder;

  expect_refused(folder.write("m.gguf", model.bytes()),
                 "the tokenizer has 6 tokens, the model's embedding 5 rows");
}

}  // namespace
}  // namespace stratagram::rollout
