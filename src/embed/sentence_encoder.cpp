#include "embed/sentence_encoder.h"

#include <ATen/TensorOperators.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <vector>

#include "core/digest.h"
#include "core/error.h"
#include "embed/length_batches.h"

namespace stratagram::embed {

SentenceEncoder::SentenceEncoder(const std::filesystem::path& folder)
    : folder_(folder),
      settings_(read_sentence_settings(folder)),
      tokenizer_(text::WordPieceTokenizer::from_json_file(folder / "tokenizer.json")),
      bert_(model::load_bert(folder)) {
  const model::BertConfig& config = bert_.config();
  if (tokenizer_.vocab_size() > config.vocab_size) {
    fail(ErrorKind::kData,
         "{}: tokenizer.json has {} tokens, config.json a vocabulary of {}; they do not belong "
         "together",
         folder.string(),
         tokenizer_.vocab_size(),
         config.vocab_size);
  }
  max_tokens_ = settings_.max_tokens.value_or(config.max_positions);
  const auto least = static_cast<int64_t>(tokenizer_.prefix().size() + tokenizer_.suffix().size());
  if (max_tokens_ < least + 1 || max_tokens_ > config.max_positions) {
    fail(ErrorKind::kData,
         "{}: max_seq_length: wanted {} to {}, the positions of config.json, got {}",
         folder.string(),
         least + 1,
         config.max_positions,
         max_tokens_);
  }
}

at::Tensor SentenceEncoder::pooled(const at::Tensor& tokens_BT) const {
  const at::Tensor hidden_BTD = bert_.forward(tokens_BT);
  at::Tensor pooled_BD =
      settings_.pooling == Pooling::kMean ? hidden_BTD.mean(1) : hidden_BTD.select(1, 0);
  if (!settings_.normalize) return pooled_BD;
  // As torch.nn.functional.normalize has it.
  constexpr double kLeastNorm = 1e-12;
  return pooled_BD / pooled_BD.norm(2, 1, /*keepdim=*/true).clamp_min(kLeastNorm);
}

grams::Embeddings SentenceEncoder::embed(std::span<const std::string> texts,
                                         const std::function<void(int64_t)>& progress) const {
  const c10::InferenceMode inference;
  std::vector<std::vector<int32_t>> sequences;
  sequences.reserve(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    sequences.push_back(tokenizer_.encode_with_special(texts[i], max_tokens_));
    if (sequences.back().empty()) {
      fail(ErrorKind::kData,
           "text {} ('{}') has no token for {}; an encoder whose tokenizer adds [CLS] would do",
           i,
           texts[i],
           folder_.string());
    }
  }
  return encode_by_length(
      sequences,
      bert_.config().width,
      [this](const at::Tensor& tokens_BT) { return pooled(tokens_BT); },
      progress);
}

nlohmann::json SentenceEncoder::description() const {
  const auto digest = [&](const char* file) { return sha256_file(folder_ / file); };
  return {{"kind", "sentence encoder"},
          {"width", bert_.config().width},
          {"pooling", settings_.pooling == Pooling::kMean ? "mean" : "cls"},
          {"normalized", settings_.normalize},
          {"weights_digest", digest("model.safetensors")},
          {"tokenizer_digest", digest("tokenizer.json")}};
}

}  // namespace stratagram::embed
