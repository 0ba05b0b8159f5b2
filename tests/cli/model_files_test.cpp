// Models that are missing, cut short, damaged or of a kind that is not supported.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/stream.h"
#include "tests/cli/workspace.h"
#include "tests/support/gguf_bytes.h"
#include "tests/support/tiny_folder.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> generate(const std::string& model) {
  return {"generate", "--model", model, "--prompt", "x", "--max-new-tokens", "2", "--out", "out"};
}

// A run of `model` must end with 3 and this message, and leave nothing behind.
void expect_refused(const Workspace& work,
                    const std::string& model,
                    const std::vector<std::string>& parts) {
  expect_failure(work.run(generate(model)), 3, parts);
  EXPECT_FALSE(work.exists("out"));
  EXPECT_FALSE(work.exists("out.part.jsonl"));

  expect_failure(
      work.run({"train", "run.toml", "--out", "run", "--set", "model.path=" + model}), 3, parts);
  EXPECT_FALSE(work.exists("run"));
}

TEST(ModelFiles, AMissingModelIsNamed) {
  const Workspace work;

  expect_refused(work, "nowhere", {"data error", "nowhere"});
}

TEST(ModelFiles, MissingWeightsAreNamed) {
  const Workspace work;
  fs::remove(work.path("model/model.safetensors"));

  expect_refused(work, "model", {"model", "wanted model.safetensors", "found neither"});
}

TEST(ModelFiles, CutWeightsAreNamedWithTheTensor) {
  const Workspace work;
  const std::string bytes = work.read("model/model.safetensors");
  work.write("model/model.safetensors", bytes.substr(0, bytes.size() - 8));

  expect_refused(
      work, "model", {"model.safetensors: tensor '", "cut short or damaged", "fetch it"});
}

TEST(ModelFiles, AnEmptyFileOfWeightsIsNamed) {
  const Workspace work;
  work.write("model/model.safetensors", "");

  expect_refused(work, "model", {"model.safetensors", "0 bytes are too few"});
}

// A flipped bit may pass as another weight or a harmless name; it must never crash the program.
TEST(ModelFiles, AFlippedBitInTheHeaderIsRefusedOrHarmless) {
  const Workspace work;
  const std::string bytes = work.read("model/model.safetensors");
  const size_t header = bytes.find("}}") + 2;
  const Stream stream({.seed = 5, .purpose = "flipped bits"});
  int64_t num_refused = 0;
  for (uint64_t i = 0; i < 8; ++i) {
    const uint64_t bit = stream.below(header * 8, i);
    SCOPED_TRACE("bit " + std::to_string(bit));
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    work.write("model/model.safetensors", flipped);

    const ProgramResult result = work.run({"models", "model"});

    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 3) << result.err;
    if (result.exit_code != 3) continue;
    ++num_refused;
    expect_failure(result, 3, {"stratagram models: data error: model/model.safetensors"});
  }
  EXPECT_GE(num_refused, 4);
}

TEST(ModelFiles, AConfigurationThatIsNoJsonIsNamed) {
  const Workspace work;
  work.write("model/config.json", "{");

  expect_refused(work, "model", {"model/config.json", "not a JSON object", "fetch it again"});
}

TEST(ModelFiles, AnUnsupportedArchitectureIsNamedWithTheSupportedOnes) {
  const Workspace work;
  write_tiny_folder(work.path("model"), {.config = {{"model_type", "mamba"}}});

  expect_refused(work, "model", {"model/config.json", "'mamba'", "llama", "qwen2", "qwen3"});
}

TEST(ModelFiles, ATokenizerOfAnotherModelIsNamed) {
  const Workspace work;
  write_tiny_folder(work.path("model"), {.vocab_size = 300});

  expect_refused(work, "model", {"model", "387 tokens", "300 rows", "they do not belong together"});
}

TEST(ModelFiles, AMissingOrBrokenTokenizerIsNamed) {
  const Workspace work;
  work.write("model/tokenizer.json", "{\"model\": {}}");
  expect_refused(work, "model", {"model/tokenizer.json"});

  fs::remove(work.path("model/tokenizer.json"));
  expect_refused(work, "model", {"model: has no tokenizer.json", "save the tokenizer"});
}

TEST(ModelFiles, WeightsThatTheConfigurationDoesNotDescribeAreNamed) {
  const Workspace work;
  write_tiny_folder(work.path("model"), {.config = {{"num_hidden_layers", 2}}});

  expect_refused(work, "model", {"model.layers.1."});
}

TEST(ModelFiles, ACutGgufIsNamed) {
  const Workspace work;
  GgufBytes header;
  header.counts(1, 2).value("general.architecture", std::string("llama"));
  work.write("cut.gguf", header.bytes());

  expect_refused(work, "cut.gguf", {"cut.gguf", "cut short or damaged", "fetch it again"});
}

TEST(ModelFiles, AGgufOfAnUnsupportedArchitectureIsNamed) {
  const Workspace work;
  GgufBytes file;
  file.counts(0, 1).value("general.architecture", std::string("mamba")).align();
  work.write("other.gguf", file.bytes());

  expect_refused(work, "other.gguf", {"other.gguf", "'mamba'", "llama, qwen2 or qwen3"});
}

TEST(ModelFiles, AFileThatIsNoGgufIsNamed) {
  const Workspace work;
  work.write("no.gguf", "PK\x03\x04 this is a zip");

  expect_refused(work, "no.gguf", {"no.gguf", "this is no GGUF file"});
}

}  // namespace
}  // namespace stratagram
