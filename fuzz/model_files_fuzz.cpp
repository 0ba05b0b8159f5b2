// Any bytes as a GGUF model, read into tensors and built into a model: what the header check lets
// through must not surprise torch.
#include "core/error.h"
#include "fuzz/driver.h"
#include "fuzz/input_file.h"
#include "model/weights.h"
#include "tests/support/tiny_gguf.h"

namespace stratagram {
namespace {

std::vector<std::string> seeds() {
  TinyGguf qwen3{.architecture = "qwen3"};
  qwen3.tensor("blk.0.attn_q_norm.weight").shape = {16};
  qwen3.tensor("blk.0.attn_k_norm.weight").shape = {16};
  TinyGguf scaled;
  scaled.tensor("rope_freqs.weight").shape = {8};
  TinyGguf empty = scaled;
  empty.tensor("rope_freqs.weight").shape = {0};
  empty.tensor("blk.0.attn_q.weight").shape = {0, 32};
  return {TinyGguf{}.bytes(), qwen3.bytes(), scaled.bytes(), empty.bytes()};
}

void try_file(const fuzz::InputFile& file, std::string_view bytes) {
  model::LoadedModel loaded = model::load_model_files(file.write(bytes), at::kFloat);
  const model::Transformer built(std::move(loaded.config), std::move(loaded.weights));
  STRATAGRAM_CHECK(built.num_parameters() > 0, "a model without parameters");
}

int run(int argc, char** argv) {
  const fuzz::InputFile file;
  return fuzz::run_fuzz(argc, argv, seeds, [&](std::string_view bytes) { try_file(file, bytes); });
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
