#include "embed/policy_encoder.h"

#include <ATen/ops/arange.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/error.h"
#include "embed/length_batches.h"

namespace stratagram::embed {
namespace {

bool is_empty(const Range& range) {
  return range.begin == range.end;
}

// Tokens that the tokenizer puts before a text own no bytes of it.
int64_t num_special_before(const text::Encoding& encoding) {
  const auto first = std::ranges::find_if_not(encoding.byte_ranges, is_empty);
  return std::distance(encoding.byte_ranges.begin(), first);
}

}  // namespace

PolicyEncoder::PolicyEncoder(const model::Transformer& model,
                             const text::Tokenizer& tokenizer,
                             nlohmann::json record)
    : model_(&model), tokenizer_(&tokenizer), record_(std::move(record)) {}

at::Tensor PolicyEncoder::pooled(const at::Tensor& tokens_BT, int64_t num_before) const {
  const int64_t num_rows = tokens_BT.size(0);
  const int64_t length = tokens_BT.size(1);
  const at::Tensor tokens_N = tokens_BT.reshape({-1}).to(model_->device());
  const at::Tensor positions_N = at::arange(length, tokens_N.options()).repeat({num_rows});
  model::PackedAttention attention(std::vector<int64_t>(static_cast<size_t>(num_rows), length));
  const at::Tensor hidden_ND = model_->forward(tokens_N, positions_N, attention);
  const at::Tensor hidden_BTD = hidden_ND.to(at::kFloat).view({num_rows, length, -1});
  return hidden_BTD.narrow(1, num_before, length - num_before).mean(1).to(at::kCPU);
}

grams::Embeddings PolicyEncoder::embed(std::span<const std::string> texts,
                                       const std::function<void(int64_t)>& progress) const {
  const c10::InferenceMode inference;
  std::vector<std::vector<int32_t>> sequences;
  sequences.reserve(texts.size());
  int64_t num_before = 0;
  for (const std::string& text : texts) {
    text::Encoding encoding = tokenizer_->encode(text, /*add_special=*/true);
    num_before = num_special_before(encoding);
    // The causal model sees nothing of what stands after a text, so that is left out.
    while (!encoding.ids.empty() && is_empty(encoding.byte_ranges.back())) {
      encoding.ids.pop_back();
      encoding.byte_ranges.pop_back();
    }
    const auto length = static_cast<int64_t>(encoding.ids.size());
    if (length <= num_before || length > model_->config().max_positions) {
      fail(ErrorKind::kData,
           "'{}': wanted 1 to {} tokens, the positions of the policy, got {}",
           text,
           model_->config().max_positions,
           std::max<int64_t>(0, length));
    }
    sequences.push_back(std::move(encoding.ids));
  }
  return encode_by_length(
      sequences,
      model_->config().width,
      [this, num_before](const at::Tensor& tokens_BT) { return pooled(tokens_BT, num_before); },
      progress);
}

nlohmann::json PolicyEncoder::description() const {
  nlohmann::json description = {{"kind", "policy"}, {"width", model_->config().width}};
  description.update(record_);
  return description;
}

}  // namespace stratagram::embed
