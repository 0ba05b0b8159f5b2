// embed/sentence_encoder.h -- a sentence encoder of the BERT kind from a sentence-transformers
// folder: WordPiece, BERT, pooling, and length 1 where the folder asks for it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "embed/sentence_folder.h"
#include "grams/embedder.h"
#include "model/bert.h"
#include "text/wordpiece.h"

namespace stratagram::embed {

class SentenceEncoder : public grams::Embedder {
 public:
  /// Reads config.json, model.safetensors, tokenizer.json, modules.json and the files that this
  /// names; computes in float32 on the CPU. Throws Error(kData) for what any of them asks for that
  /// is not supported, and when they do not fit together.
  explicit SentenceEncoder(const std::filesystem::path& folder);

  /// Texts longer than the folder's limit are cut at their end, as sentence-transformers does.
  [[nodiscard]] grams::Embeddings embed(
      std::span<const std::string> texts,
      const std::function<void(int64_t)>& progress) const override;

  [[nodiscard]] nlohmann::json description() const override;

 private:
  [[nodiscard]] at::Tensor pooled(const at::Tensor& tokens_BT) const;

  std::filesystem::path folder_;
  SentenceSettings settings_;
  text::WordPieceTokenizer tokenizer_;
  model::Bert bert_;
  int64_t max_tokens_ = 0;
};

}  // namespace stratagram::embed
