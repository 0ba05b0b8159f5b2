// model/transformer.h -- the one forward pass of the project: rollout, scoring and training all run
// it. What a family adds (biases, query and key norms, a tied head) is read from ModelConfig.
//
// N packed tokens, D width, V vocabulary.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/attention.h"
#include "model/config.h"
#include "model/joined_linear.h"
#include "model/products.h"
#include "model/rope.h"

namespace stratagram::model {

/// Tensors by their Hugging Face names, e.g. "model.layers.0.self_attn.q_proj.weight".
using Weights = std::map<std::string, at::Tensor>;

/// Name and shape of every tensor that a model of this configuration has, no more and no less.
[[nodiscard]] std::vector<std::pair<std::string, std::vector<int64_t>>> expected_tensors(
    const ModelConfig& config);

struct ForwardOptions {
  /// Keep only the input of each layer for the backward pass and run the layer again there; has no
  /// effect without gradients.
  bool recompute = false;
  const Products& products = plain_products();
};

/// Its weights() are the tensors that it computes with, so an optimizer's in-place update of them
/// shows. They are those it was given, but for matrices that multiply the same rows, which move
/// into one storage unless they lie there already: a model made from weights() shares them all.
/// forward() is const and safe to call from several threads without gradients.
class Transformer {
 public:
  /// Throws Error(kData) naming the first tensor that is missing, of a wrong shape, of another
  /// dtype or device than the first, or not expected.
  Transformer(ModelConfig config, Weights weights);

  /// Hidden states after the final norm, [N, D].
  ///   tokens_N     int64 in [0, V), on the weights' device
  ///   positions_N  int64, place of each token in its own sequence
  [[nodiscard]] at::Tensor forward(const at::Tensor& tokens_N,
                                   const at::Tensor& positions_N,
                                   Attention& attention,
                                   const ForwardOptions& options = {}) const;

  /// Logits before any temperature: the head's product, in the dtype of the weights, [N, V].
  [[nodiscard]] at::Tensor head_logits(const at::Tensor& hidden_ND,
                                       const Products& products = plain_products()) const {
    return products.linear(hidden_ND, head_VD_, {});
  }

  /// True when the weights can be packed and none is so small that a packed copy, which is padded,
  /// would be many times larger.
  [[nodiscard]] bool can_pack() const;
  /// Every weight that a pass over `num_rows` rows multiplies by, the head among them, packed.
  /// Throws Error(kInternal) unless can_pack().
  [[nodiscard]] PackedProducts packed_for(int64_t num_rows) const;

  /// [V, D]; the embedding itself when the head is tied.
  [[nodiscard]] const at::Tensor& head_weight_VD() const { return head_VD_; }

  [[nodiscard]] const ModelConfig& config() const { return config_; }
  [[nodiscard]] const Weights& weights() const { return weights_; }
  [[nodiscard]] at::Device device() const { return head_VD_.device(); }
  [[nodiscard]] at::ScalarType dtype() const { return head_VD_.scalar_type(); }
  [[nodiscard]] int64_t num_parameters() const;

 private:
  /// Tensors of one layer, resolved once; an undefined tensor where the family has none.
  struct Layer {
    at::Tensor in_norm, q_norm, k_norm, mlp_norm, down;
    JoinedLinear qkv, o, gate_up;
  };

  /// The named parts of a layer, those it has; moved into one storage.
  [[nodiscard]] JoinedLinear join_parts_(int64_t layer, const std::vector<const char*>& parts);
  /// Every matrix that a pass multiplies by.
  [[nodiscard]] std::vector<const at::Tensor*> matrices() const;
  [[nodiscard]] at::Tensor run_layer(int64_t index,
                                     const at::Tensor& hidden_ND,
                                     const Rotation& rotation,
                                     Attention& attention,
                                     const Products& products) const;

  ModelConfig config_;
  Weights weights_;
  std::vector<Layer> layers_;
  at::Tensor embedding_VD_;
  at::Tensor final_norm_D_;
  at::Tensor head_VD_;
  at::Tensor frequencies_F_;
};

}  // namespace stratagram::model
