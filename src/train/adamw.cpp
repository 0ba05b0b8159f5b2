#include "train/adamw.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>
#include <fmt/ranges.h>

#include <cmath>
#include <optional>

#include "core/error.h"

namespace stratagram::train {
namespace {

bool is_low_precision(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kBFloat16 || tensor.scalar_type() == at::kHalf;
}

at::Tensor squared_norm(const at::Tensor& tensor) {
  return at::linalg_vector_norm(tensor, 2).to(at::kDouble).square();
}

// One copy from the device for all tensors.
double global_norm(const std::vector<at::Tensor>& squares) {
  if (squares.empty()) return 0.0;
  return std::sqrt(at::stack(squares).sum().item<double>());
}

void take(const model::Weights& state,
          const std::string& name,
          at::Tensor& into,
          const std::string& where) {
  const auto found = state.find(name);
  if (found == state.end()) fail(ErrorKind::kData, "{}: tensor '{}' is missing", where, name);
  const at::Tensor& given = found->second;
  if (given.sizes() != into.sizes() || given.scalar_type() != into.scalar_type()) {
    fail(ErrorKind::kData,
         "{}: tensor '{}': wanted {} {}, got {} {}; the state belongs to another model or dtype",
         where,
         name,
         c10::toString(into.scalar_type()),
         into.sizes().vec(),
         c10::toString(given.scalar_type()),
         given.sizes().vec());
  }
  into.copy_(given);
}

}  // namespace

AdamW::AdamW(const model::Weights& weights, const OptimizerConfig& config) : config_(config) {
  const at::AutoGradMode off(false);
  for (const auto& [name, weight] : weights) {
    STRATAGRAM_CHECK(weight.is_contiguous() && weight.is_floating_point(),
                     "AdamW: weight '{}': wanted contiguous floats, got {} {}",
                     name,
                     c10::toString(weight.scalar_type()),
                     weight.sizes().vec());
    weight.requires_grad_(true);
    Parameter parameter{.name = name, .weight = weight, .master = weight.detach()};
    if (is_low_precision(weight)) parameter.master = weight.detach().to(at::kFloat);
    parameter.exp_avg = at::zeros_like(parameter.master);
    parameter.exp_avg_sq = at::zeros_like(parameter.master);
    parameters_.push_back(std::move(parameter));
  }
}

void AdamW::gather_gradients_() {
  const at::AutoGradMode off(false);
  for (Parameter& parameter : parameters_) {
    at::Tensor& gradient = parameter.weight.mutable_grad();
    if (!parameter.low_precision() || !gradient.defined()) continue;
    if (parameter.gathered.defined()) {
      parameter.gathered.add_(gradient);
    } else {
      parameter.gathered = gradient.to(at::kFloat);
    }
    gradient.reset();
  }
}

at::Tensor AdamW::gradient_of(Parameter& parameter) {
  at::Tensor& gradient =
      parameter.low_precision() ? parameter.gathered : parameter.weight.mutable_grad();
  if (!gradient.defined()) gradient = at::zeros_like(parameter.master);
  return gradient.contiguous();
}

UpdateReport AdamW::step_(double learning_rate) {
  const at::AutoGradMode off(false);
  gather_gradients_();
  std::vector<at::Tensor> gradients, squares;
  for (Parameter& parameter : parameters_) {
    gradients.push_back(gradient_of(parameter));
    squares.push_back(squared_norm(gradients.back()));
  }
  UpdateReport report{.gradient_norm = global_norm(squares)};
  if (!std::isfinite(report.gradient_norm)) {
    drop_gradients_();
    return report;
  }
  report.applied = true;
  ++num_updates_;
  const bool clips =
      config_.max_gradient_norm > 0 && report.gradient_norm > config_.max_gradient_norm;
  std::vector<at::Tensor> changes, sizes;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    Parameter& parameter = parameters_[i];
    const at::TensorOptions scalar =
        at::TensorOptions().dtype(at::kFloat).device(parameter.master.device());
    // The kernel divides the gradient by its scale, so clipping costs no pass of its own.
    std::optional<at::Tensor> scale;
    if (clips) scale = at::full({}, report.gradient_norm / config_.max_gradient_norm, scalar);
    const at::Tensor before = parameter.master.clone();
    at::_fused_adamw_({parameter.master},
                      {gradients[i]},
                      {parameter.exp_avg},
                      {parameter.exp_avg_sq},
                      {},
                      {at::full({}, static_cast<double>(num_updates_), scalar)},
                      learning_rate,
                      config_.beta1,
                      config_.beta2,
                      parameter.weight.dim() > 1 ? config_.weight_decay : 0.0,
                      config_.epsilon,
                      /*amsgrad=*/false,
                      /*maximize=*/false,
                      scale);
    sizes.push_back(squared_norm(before));
    changes.push_back(squared_norm(before.sub_(parameter.master)));
    if (parameter.low_precision()) parameter.weight.copy_(parameter.master);
  }
  const double size = global_norm(sizes);
  report.update_ratio = size > 0 ? global_norm(changes) / size : 0.0;
  drop_gradients_();
  return report;
}

void AdamW::drop_gradients_() {
  for (Parameter& parameter : parameters_) {
    parameter.weight.mutable_grad().reset();
    parameter.gathered.reset();
  }
}

model::Weights AdamW::state() const {
  model::Weights state;
  for (const Parameter& parameter : parameters_) {
    state["exp_avg." + parameter.name] = parameter.exp_avg;
    state["exp_avg_sq." + parameter.name] = parameter.exp_avg_sq;
    if (parameter.low_precision()) state["master." + parameter.name] = parameter.master;
  }
  state["num_updates"] = at::full({1}, num_updates_, at::TensorOptions().dtype(at::kLong));
  return state;
}

void AdamW::load_(const model::Weights& state, const std::string& where) {
  const at::AutoGradMode off(false);
  at::Tensor count = at::full({1}, 0, at::TensorOptions().dtype(at::kLong));
  size_t num_taken = 1;
  take(state, "num_updates", count, where);
  for (Parameter& parameter : parameters_) {
    take(state, "exp_avg." + parameter.name, parameter.exp_avg, where);
    take(state, "exp_avg_sq." + parameter.name, parameter.exp_avg_sq, where);
    num_taken += 2;
    if (!parameter.low_precision()) continue;
    take(state, "master." + parameter.name, parameter.master, where);
    parameter.weight.copy_(parameter.master);
    ++num_taken;
  }
  if (state.size() != num_taken) {
    fail(ErrorKind::kData,
         "{}: holds {} tensors of optimizer state, wanted {}; it belongs to another model",
         where,
         state.size(),
         num_taken);
  }
  num_updates_ = count.item<int64_t>();
  drop_gradients_();
}

}  // namespace stratagram::train
