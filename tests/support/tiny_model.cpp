#include "tests/support/tiny_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include "core/stream.h"
#include "model/head.h"

namespace stratagram {

model::ModelConfig tiny_config(const TinyOptions& options) {
  model::ModelConfig config;
  config.family = options.family;
  config.vocab_size = options.vocab_size;
  config.width = 24;
  config.num_layers = options.num_layers;
  config.num_heads = 4;
  config.num_kv_heads = 2;
  config.head_width = 10;
  config.mlp_width = 40;
  if (options.wide) {
    config.width = 256;
    config.num_kv_heads = 4;
    config.head_width = 64;
    config.mlp_width = 320;
  }
  config.max_positions = 256;
  config.tied_head = options.tied_head;
  config.qkv_bias = options.family == model::Family::kQwen2;
  config.qk_norm = options.family == model::Family::kQwen3;
  config.end_token_ids = {0};
  return config;
}

model::Transformer tiny_model(const TinyOptions& options) {
  const model::ModelConfig config = tiny_config(options);
  model::Weights weights;
  for (const auto& [name, shape] : expected_tensors(config)) {
    at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(at::kDouble));
    const Stream stream(
        {.seed = options.seed, .purpose = "tiny model", .problem = hash_name(name)});
    auto* values = tensor.mutable_data_ptr<double>();
    const bool is_norm = shape.size() == 1 && name.find("norm") != std::string::npos;
    for (int64_t i = 0; i < tensor.numel(); ++i) {
      values[i] = (is_norm ? 1.0 : 0.0) + options.scale * stream.normal(i);
    }
    weights[name] = tensor.to(options.dtype);
  }
  return {config, weights};
}

at::Tensor ids_tensor(const std::vector<int64_t>& ids) {
  return at::tensor(ids, at::TensorOptions().dtype(at::kLong));
}

at::Tensor packed_positions(const std::vector<int64_t>& lengths) {
  std::vector<int64_t> positions;
  for (const int64_t length : lengths) {
    for (int64_t i = 0; i < length; ++i) positions.push_back(i);
  }
  return ids_tensor(positions);
}

at::Tensor full_pass_logits(const model::Transformer& model, const std::vector<int64_t>& ids) {
  const std::vector<int64_t> lengths{static_cast<int64_t>(ids.size())};
  model::PackedAttention attention(lengths);
  const at::Tensor hidden_ND = model.forward(ids_tensor(ids), packed_positions(lengths), attention);
  return model.head_logits(hidden_ND);
}

at::Tensor wave(const std::vector<int64_t>& shape, double pace, at::ScalarType dtype) {
  int64_t count = 1;
  for (const int64_t n : shape) count *= n;
  return (at::arange(count, at::kDouble) * pace).sin().view(shape).to(dtype);
}

double max_difference(const at::Tensor& a, const at::Tensor& b) {
  if (a.numel() == 0) return 0;
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

}  // namespace stratagram
