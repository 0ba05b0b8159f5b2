#include "model/bert.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <fmt/format.h>

#include <string>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "model/safetensors.h"
#include "model/weights.h"

namespace stratagram::model {
namespace {

void check_weights(const BertConfig& config, const Weights& weights, const std::string& where) {
  for (const auto& [name, shape] : bert_tensors(config)) {
    const auto found = weights.find(name);
    if (found == weights.end()) {
      fail(ErrorKind::kData,
           "{}: tensor '{}' {} is missing; the file and config.json do not belong together",
           where,
           name,
           shape_text(shape));
    }
    if (found->second.sizes() != at::IntArrayRef(shape)) {
      fail(ErrorKind::kData,
           "{}: tensor '{}': wanted {}, as config.json says, got {}",
           where,
           name,
           shape_text(shape),
           shape_text(found->second.sizes().vec()));
    }
  }
}

}  // namespace

Bert::Bert(const BertConfig& config, const Weights& weights, const std::string& where)
    : config_(config) {
  check_weights(config_, weights, where);
  const auto linear = [&](const std::string& name) {
    return Linear{.weight = weights.at(name + ".weight"), .bias = weights.at(name + ".bias")};
  };
  words_VD_ = weights.at("embeddings.word_embeddings.weight");
  positions_PD_ = weights.at("embeddings.position_embeddings.weight") +
                  weights.at("embeddings.token_type_embeddings.weight")[0];
  norm_ = linear("embeddings.LayerNorm");
  for (int64_t i = 0; i < config_.num_layers; ++i) {
    const std::string layer = fmt::format("encoder.layer.{}.", i);
    layers_.push_back({.query = linear(layer + "attention.self.query"),
                       .key = linear(layer + "attention.self.key"),
                       .value = linear(layer + "attention.self.value"),
                       .mix = linear(layer + "attention.output.dense"),
                       .mix_norm = linear(layer + "attention.output.LayerNorm"),
                       .up = linear(layer + "intermediate.dense"),
                       .down = linear(layer + "output.dense"),
                       .norm = linear(layer + "output.LayerNorm")});
  }
}

at::Tensor Bert::normed(const at::Tensor& x, const Linear& norm) const {
  return at::layer_norm(x, {config_.width}, norm.weight, norm.bias, config_.norm_eps);
}

at::Tensor Bert::forward(const at::Tensor& tokens_BT) const {
  STRATAGRAM_CHECK(
      tokens_BT.dim() == 2 && tokens_BT.size(1) >= 1 && tokens_BT.size(1) <= config_.max_positions,
      "Bert: wanted tokens [B, 1 to {}], got {}",
      config_.max_positions,
      shape_text(tokens_BT.sizes().vec()));
  const at::Tensor positions_TD = positions_PD_.narrow(0, 0, tokens_BT.size(1));
  at::Tensor hidden_BTD = normed(at::embedding(words_VD_, tokens_BT) + positions_TD, norm_);
  for (const Layer& layer : layers_) hidden_BTD = run_layer(layer, hidden_BTD);
  return hidden_BTD;
}

at::Tensor Bert::run_layer(const Layer& layer, const at::Tensor& hidden_BTD) const {
  const int64_t num_heads = config_.num_heads;
  const auto project = [&](const at::Tensor& x, const Linear& linear) {
    return at::linear(x, linear.weight, linear.bias);
  };
  // [B, Q, T, H], Q heads of width H
  const auto heads = [&](const Linear& linear) {
    return project(hidden_BTD, linear)
        .view({hidden_BTD.size(0), hidden_BTD.size(1), num_heads, config_.width / num_heads})
        .transpose(1, 2);
  };
  const at::Tensor mixed_BQTH =
      at::scaled_dot_product_attention(heads(layer.query), heads(layer.key), heads(layer.value));
  const at::Tensor mixed_BTD = mixed_BQTH.transpose(1, 2).reshape(hidden_BTD.sizes());
  const at::Tensor middle_BTD = normed(hidden_BTD + project(mixed_BTD, layer.mix), layer.mix_norm);
  const at::Tensor wide_BTM = at::gelu(project(middle_BTD, layer.up));
  return normed(middle_BTD + project(wide_BTM, layer.down), layer.norm);
}

Bert load_bert(const std::filesystem::path& folder) {
  const std::filesystem::path config_file = folder / "config.json";
  const std::string where = config_file.string();
  const BertConfig config =
      parse_bert_config(parse_json_object(read_file(config_file), where), where);
  const std::filesystem::path file = folder / "model.safetensors";
  if (!std::filesystem::exists(file)) {
    fail(
        ErrorKind::kData,
        "{}: there is no model.safetensors; weights in other formats (pytorch_model.bin, ONNX) and "
        "in several files are not read",
        folder.string());
  }
  constexpr std::string_view kPrefix = "bert.";
  Weights weights;
  for (auto& [name, tensor] : load_safetensors(file)) {
    const bool has_prefix = name.starts_with(kPrefix);
    weights[has_prefix ? name.substr(kPrefix.size()) : name] = tensor.to(at::kFloat);
  }
  return {config, weights, file.string()};
}

}  // namespace stratagram::model
