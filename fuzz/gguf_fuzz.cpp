// Any bytes as a GGUF file: its header, its model configuration, its tokenizer, and every tensor
// turned into floats.
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "fuzz/driver.h"
#include "model/dequant.h"
#include "model/gguf.h"
#include "tests/support/tiny_gguf.h"
#include "text/gguf_files.h"
#include "text/tokenizer.h"

namespace stratagram {
namespace {

std::vector<std::string> seeds() {
  TinyGguf qwen3{.architecture = "qwen3"};
  qwen3.tensor("blk.0.attn_q_norm.weight").shape = {16};
  qwen3.tensor("blk.0.attn_k_norm.weight").shape = {16};
  TinyGguf quantised;
  for (const uint32_t type : {3U, 12U, 13U, 14U, 30U}) {
    quantised.tensors.push_back({"t" + std::to_string(type), {1, 256}, type});
  }
  GgufBytes old(2);
  old.counts(1, 2)
      .value("general.alignment", 32U)
      .value("general.name", std::string("old"))
      .tensor("token_embd.weight", {2, 4}, 0, 0)
      .align()
      .raw(std::string(32, 'x'));
  return {TinyGguf{}.bytes(), qwen3.bytes(), quantised.bytes(), old.bytes()};
}

void try_file(std::string_view bytes) {
  const std::string where = "fuzz.gguf";
  const model::GgufFile file = model::parse_gguf(bytes, where);
  for (const auto& [name, entry] : file.tensors) {
    STRATAGRAM_CHECK(entry.begin <= entry.end && entry.end <= bytes.size(), "'{}' is out", name);
    std::vector<float> values(model::checked_numel(entry.shape, where));
    model::dequantize(model::block_format(entry.dtype),
                      bytes.substr(entry.begin, entry.end - entry.begin),
                      values.data());
    fuzz::accepts([&] { (void)model::hf_name_of_gguf(name, where); });
  }
  fuzz::accepts([&] { (void)model::config_from_gguf(file, where); });
  std::optional<text::Tokenizer> tokenizer;
  if (fuzz::accepts([&] { tokenizer = text::Tokenizer::from_gguf(file.metadata, where); })) {
    const std::vector<int32_t> ids = tokenizer->encode("ab <|end|>a\xff 12", true).ids;
    fuzz::must_accept([&] { (void)tokenizer->decode(ids, false); });
    fuzz::must_accept([&] { (void)text::tokenizer_files_of_gguf(file.metadata, where); });
  }
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::fuzz::run_fuzz(argc, argv, stratagram::seeds, stratagram::try_file);
}
