#include "model/transformer.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "model/gradient_sums.h"
#include "model/layer_math.h"
#include "model/recompute.h"

namespace stratagram::model {
namespace {

std::string layer_name(int64_t layer, const char* part) {
  return fmt::format("model.layers.{}.{}", layer, part);
}

void check_weights(const ModelConfig& config, const Weights& weights) {
  const auto expected = expected_tensors(config);
  const at::Tensor* first = nullptr;
  for (const auto& [name, shape] : expected) {
    const auto found = weights.find(name);
    if (found == weights.end()) {
      fail(ErrorKind::kData,
           "model weights: tensor '{}' {} is missing; the file and config.json do not belong "
           "together",
           name,
           shape);
    }
    const at::Tensor& tensor = found->second;
    if (tensor.sizes() != at::IntArrayRef(shape)) {
      fail(ErrorKind::kData,
           "model weights: tensor '{}': wanted shape {} from config.json, got {}",
           name,
           shape,
           tensor.sizes().vec());
    }
    if (first == nullptr) first = &tensor;
    if (tensor.scalar_type() != first->scalar_type() || tensor.device() != first->device()) {
      fail(ErrorKind::kData,
           "model weights: tensor '{}': wanted {} on {}, as the first tensor, got {} on {}",
           name,
           c10::toString(first->scalar_type()),
           first->device().str(),
           c10::toString(tensor.scalar_type()),
           tensor.device().str());
    }
  }
  if (weights.size() == expected.size()) return;
  for (const auto& [name, tensor] : weights) {
    bool known = false;
    for (const auto& wanted : expected) known = known || wanted.first == name;
    if (!known) {
      fail(ErrorKind::kData,
           "model weights: tensor '{}' {} has no place in a model of this configuration",
           name,
           tensor.sizes().vec());
    }
  }
}

}  // namespace

std::vector<std::pair<std::string, std::vector<int64_t>>> expected_tensors(
    const ModelConfig& config) {
  const int64_t width = config.width;
  const int64_t query_width = config.num_heads * config.head_width;
  const int64_t key_width = config.num_kv_heads * config.head_width;
  std::vector<std::pair<std::string, std::vector<int64_t>>> tensors;
  tensors.emplace_back("model.embed_tokens.weight", std::vector{config.vocab_size, width});
  for (int64_t i = 0; i < config.num_layers; ++i) {
    const auto add = [&](const char* part, std::vector<int64_t> shape) {
      tensors.emplace_back(layer_name(i, part), std::move(shape));
    };
    add("input_layernorm.weight", {width});
    add("self_attn.q_proj.weight", {query_width, width});
    add("self_attn.k_proj.weight", {key_width, width});
    add("self_attn.v_proj.weight", {key_width, width});
    add("self_attn.o_proj.weight", {width, query_width});
    if (config.qkv_bias) {
      add("self_attn.q_proj.bias", {query_width});
      add("self_attn.k_proj.bias", {key_width});
      add("self_attn.v_proj.bias", {key_width});
    }
    if (config.o_bias) add("self_attn.o_proj.bias", {width});
    if (config.qk_norm) {
      add("self_attn.q_norm.weight", {config.head_width});
      add("self_attn.k_norm.weight", {config.head_width});
    }
    add("post_attention_layernorm.weight", {width});
    add("mlp.gate_proj.weight", {config.mlp_width, width});
    add("mlp.up_proj.weight", {config.mlp_width, width});
    add("mlp.down_proj.weight", {width, config.mlp_width});
  }
  tensors.emplace_back("model.norm.weight", std::vector{width});
  if (!config.tied_head) {
    tensors.emplace_back("lm_head.weight", std::vector{config.vocab_size, width});
  }
  return tensors;
}

Transformer::Transformer(ModelConfig config, Weights weights)
    : config_(std::move(config)), weights_(std::move(weights)) {
  check_weights(config_, weights_);
  const auto layer_tensor = [&](int64_t layer, const char* part) {
    const auto found = weights_.find(layer_name(layer, part));
    return found == weights_.end() ? at::Tensor() : found->second;
  };
  for (int64_t i = 0; i < config_.num_layers; ++i) {
    layers_.push_back(
        {.in_norm = layer_tensor(i, "input_layernorm.weight"),
         .q_norm = layer_tensor(i, "self_attn.q_norm.weight"),
         .k_norm = layer_tensor(i, "self_attn.k_norm.weight"),
         .mlp_norm = layer_tensor(i, "post_attention_layernorm.weight"),
         .down = layer_tensor(i, "mlp.down_proj.weight"),
         .qkv = join_parts_(i, {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"}),
         .o = join_parts_(i, {"self_attn.o_proj"}),
         .gate_up = join_parts_(i, {"mlp.gate_proj", "mlp.up_proj"})});
  }
  embedding_VD_ = weights_.at("model.embed_tokens.weight");
  final_norm_D_ = weights_.at("model.norm.weight");
  head_VD_ = config_.tied_head ? embedding_VD_ : weights_.at("lm_head.weight");
  // Angles are computed in float32 at least, as transformers does, whatever the weights' dtype.
  const at::ScalarType angle_dtype = dtype() == at::kDouble ? at::kDouble : at::kFloat;
  frequencies_F_ = at::tensor(rope_frequencies(config_), at::TensorOptions().dtype(at::kDouble))
                       .to(device(), angle_dtype);
}

JoinedLinear Transformer::join_parts_(int64_t layer, const std::vector<const char*>& parts) {
  JoinedLinear joined;
  const auto join_all = [&](const char* kind, std::vector<at::Tensor>& tensors) {
    std::vector<at::Tensor*> found;
    for (const char* part : parts) {
      const auto tensor = weights_.find(layer_name(layer, part) + kind);
      if (tensor != weights_.end()) found.push_back(&tensor->second);
    }
    if (found.empty()) return at::Tensor();
    const at::Tensor whole = join_(found);
    for (const at::Tensor* part : found) tensors.push_back(*part);
    return whole;
  };
  joined.weight_OI = join_all(".weight", joined.weights);
  joined.bias_O = join_all(".bias", joined.biases);
  return joined;
}

at::Tensor Transformer::forward(const at::Tensor& tokens_N,
                                const at::Tensor& positions_N,
                                Attention& attention,
                                const ForwardOptions& options) const {
  STRATAGRAM_CHECK(tokens_N.dim() == 1 && positions_N.sizes() == tokens_N.sizes(),
                   "forward: wanted tokens and positions [N], got {} and {}",
                   tokens_N.sizes().vec(),
                   positions_N.sizes().vec());
  const Rotation rotation = make_rotation(frequencies_F_, positions_N);
  at::Tensor hidden_ND = embed(embedding_VD_, tokens_N);
  const Products& products = options.products;
  const bool keep_inputs_only = options.recompute && c10::GradMode::is_enabled();
  for (int64_t i = 0; i < config_.num_layers; ++i) {
    if (keep_inputs_only) {
      hidden_ND = run_recomputed(
          [this, i, rotation, &attention, &products](const at::Tensor& input_ND) {
            return run_layer(i, input_ND, rotation, attention, products);
          },
          hidden_ND);
    } else {
      hidden_ND = run_layer(i, hidden_ND, rotation, attention, products);
    }
  }
  return rms_norm(hidden_ND, final_norm_D_, config_.norm_eps);
}

at::Tensor Transformer::run_layer(int64_t index,
                                  const at::Tensor& hidden_ND,
                                  const Rotation& rotation,
                                  Attention& attention,
                                  const Products& products) const {
  const Layer& layer = layers_[index];
  const int64_t num_tokens = hidden_ND.size(0);
  const int64_t head_width = config_.head_width;
  const auto norm = [&](const at::Tensor& x, const at::Tensor& weight) {
    return rms_norm(x, weight, config_.norm_eps);
  };
  const auto heads = [&](const at::Tensor& x_ND, int64_t num_heads) {
    return x_ND.view({num_tokens, num_heads, head_width});
  };

  const int64_t key_width = config_.num_kv_heads * head_width;
  const NormedProduct joined =
      norm_linear(hidden_ND, {layer.in_norm, config_.norm_eps}, layer.qkv, products);
  const std::vector<at::Tensor> qkv =
      joined.result_NO.split_with_sizes({config_.num_heads * head_width, key_width, key_width}, 1);
  at::Tensor q_NQH = heads(qkv[0], config_.num_heads);
  at::Tensor k_NKH = heads(qkv[1], config_.num_kv_heads);
  const at::Tensor v_NKH = heads(qkv[2], config_.num_kv_heads);
  if (config_.qk_norm) {
    q_NQH = norm(q_NQH, layer.q_norm);
    k_NKH = norm(k_NKH, layer.k_norm);
  }
  const at::Tensor mixed_NQH =
      attention.attend(index, rotate(q_NQH, rotation), rotate(k_NKH, rotation), v_NKH);
  const at::Tensor mixed_ND = mixed_NQH.reshape({num_tokens, config_.num_heads * head_width});
  const at::Tensor middle_ND = add_linear(joined.x_NI, mixed_ND, layer.o, products);

  const NormedProduct both =
      norm_linear(middle_ND, {layer.mlp_norm, config_.norm_eps}, layer.gate_up, products);
  return add_gated_linear(both.x_NI, both.result_NO, layer.down, products);
}

std::vector<const at::Tensor*> Transformer::matrices() const {
  std::vector<const at::Tensor*> all;
  for (const Layer& layer : layers_) {
    for (const at::Tensor* weight :
         {&layer.qkv.weight_OI, &layer.o.weight_OI, &layer.gate_up.weight_OI, &layer.down}) {
      all.push_back(weight);
    }
  }
  all.push_back(&head_VD_);
  return all;
}

bool Transformer::can_pack() const {
  constexpr int64_t kFewestElements = 1 << 16;
  const std::vector<const at::Tensor*> all = matrices();
  return std::all_of(all.begin(), all.end(), [&](const at::Tensor* weight) {
    return PackedProducts::available(*weight) && weight->numel() >= kFewestElements;
  });
}

PackedProducts Transformer::packed_for(int64_t num_rows) const {
  PackedProducts products(num_rows);
  for (const at::Tensor* weight : matrices()) products.add(*weight);
  return products;
}

int64_t Transformer::num_parameters() const {
  int64_t total = 0;
  for (const auto& [name, tensor] : weights_) total += tensor.numel();
  return total;
}

}  // namespace stratagram::model
