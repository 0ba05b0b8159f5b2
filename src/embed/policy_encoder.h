// embed/policy_encoder.h -- a policy's own view of a text: the mean of its last hidden states
// (after the final norm) over the text's tokens.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "grams/embedder.h"
#include "model/transformer.h"
#include "text/tokenizer.h"

namespace stratagram::embed {

class PolicyEncoder : public grams::Embedder {
 public:
  /// Model and tokenizer must outlive it. `record` names the model and its digest.
  PolicyEncoder(const model::Transformer& model,
                const text::Tokenizer& tokenizer,
                nlohmann::json record);

  /// A text is given as it stands, after what the tokenizer puts before every text; those tokens
  /// are seen but not in the mean. Vectors are not scaled. Throws Error(kData) for a text without
  /// tokens, or with more than the model has positions.
  [[nodiscard]] grams::Embeddings embed(
      std::span<const std::string> texts,
      const std::function<void(int64_t)>& progress) const override;

  [[nodiscard]] nlohmann::json description() const override;

 private:
  [[nodiscard]] at::Tensor pooled(const at::Tensor& tokens_BT, int64_t num_before) const;

  const model::Transformer* model_;
  const text::Tokenizer* tokenizer_;
  nlohmann::json record_;
};

}  // namespace stratagram::embed
