// model/bert.h -- a BERT encoder: every token sees every other of its sequence.
//
// B sequences of T tokens each, D width. Sequences of one length share a call, so there is no
// padding and no mask.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "model/bert_config.h"
#include "model/transformer.h"

namespace stratagram::model {

/// forward() is const and safe to call from several threads without gradients.
class Bert {
 public:
  /// Weights by their Hugging Face names without "bert." before them; others than bert_tensors()
  /// are ignored. Throws Error(kData) naming `where` and the first tensor that is missing or of a
  /// wrong shape.
  Bert(const BertConfig& config, const Weights& weights, const std::string& where);

  /// Hidden states of the last layer, [B, T, D], all tokens of the first segment.
  ///   tokens_BT  int64 in [0, vocab_size), T at most max_positions, on the weights' device
  [[nodiscard]] at::Tensor forward(const at::Tensor& tokens_BT) const;

  [[nodiscard]] const BertConfig& config() const { return config_; }

 private:
  struct Linear {
    at::Tensor weight, bias;
  };
  struct Layer {
    Linear query, key, value, mix, mix_norm, up, down, norm;
  };

  [[nodiscard]] at::Tensor run_layer(const Layer& layer, const at::Tensor& hidden_BTD) const;
  [[nodiscard]] at::Tensor normed(const at::Tensor& x, const Linear& norm) const;

  BertConfig config_;
  at::Tensor words_VD_;
  at::Tensor positions_PD_;  ///< with the first segment's vector added
  Linear norm_;
  std::vector<Layer> layers_;
};

/// Reads config.json and model.safetensors of a Hugging Face folder into float32 on the CPU. Throws
/// Error(kData) that says which file and tensor, what was wanted and what came.
[[nodiscard]] Bert load_bert(const std::filesystem::path& folder);

}  // namespace stratagram::model
