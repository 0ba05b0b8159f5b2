#include "train/adamw.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "model/gradient_sums.h"

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

AdamW::AdamW(const model::Weights& weights,
             const OptimizerConfig& config,
             const std::filesystem::path& folder)
    : config_(config) {
  const at::AutoGradMode off(false);
  int64_t disk_bytes = 0;
  for (const auto& [name, weight] : weights) {
    STRATAGRAM_CHECK(weight.is_contiguous() && weight.is_floating_point(),
                     "AdamW: weight '{}': wanted contiguous floats, got {} {}",
                     name,
                     c10::toString(weight.scalar_type()),
                     weight.sizes().vec());
    if (config.state_on_disk &&
        !(weight.device().is_cpu() && model::sum_dtype(weight.scalar_type()) == at::kFloat)) {
      fail(ErrorKind::kConfig,
           "optimizer.state_on_disk: wanted float32 or less in the CPU's memory, got '{}' of {} on "
           "{}",
           name,
           c10::toString(weight.scalar_type()),
           weight.device().str());
    }
    disk_bytes += DiskTensors::bytes_of(weight.sizes()) * (is_low_precision(weight) ? 3 : 2);
  }
  if (config.state_on_disk) disk_.emplace(folder, disk_bytes);
  for (const auto& [name, weight] : weights) {
    model::want_gradient_(weight);
    Parameter& parameter = parameters_.emplace_back(
        Parameter{.name = name, .weight = weight, .master = weight.detach()});
    const auto zeros = [&] {
      return disk_ ? disk_->zeros(weight.sizes())
                   : at::zeros(weight.sizes(),
                               weight.options().dtype(model::sum_dtype(weight.scalar_type())));
    };
    if (is_low_precision(weight)) {
      parameter.master = zeros();
      parameter.master.copy_(weight);
    }
    parameter.exp_avg = zeros();
    parameter.exp_avg_sq = zeros();
    release(parameter);
  }
}

void AdamW::release(const Parameter& parameter) const {
  if (!disk_) return;
  if (parameter.low_precision()) DiskTensors::release(parameter.master);
  DiskTensors::release(parameter.exp_avg);
  DiskTensors::release(parameter.exp_avg_sq);
}

void AdamW::release_state() const {
  for (const auto& parameter : parameters_) release(parameter);
}

at::Tensor AdamW::gradient_of(const Parameter& parameter) {
  at::Tensor& gradient = parameter.weight.mutable_grad();
  const at::ScalarType dtype = parameter.master.scalar_type();
  if (!gradient.defined()) {
    gradient = at::zeros(parameter.weight.sizes(), parameter.weight.options().dtype(dtype));
  }
  return gradient.to(dtype).contiguous();
}

AdamW::Change AdamW::update_(Parameter& parameter, const at::Tensor& gradient, const Step& step) {
  const at::Tensor weight = parameter.weight.detach().view(-1);
  const at::TensorOptions on_device = weight.options().dtype(at::kDouble);
  Change change{.before = at::zeros({}, on_device), .change = at::zeros({}, on_device)};
  // Some at a time, so that neither the copy nor a state on disk takes the memory of the largest
  // weight.
  for (int64_t begin = 0; begin < weight.numel(); begin += kItemsAtOnce) {
    const int64_t count = std::min(kItemsAtOnce, weight.numel() - begin);
    const auto part = [&](const at::Tensor& whole) {
      return whole.view(-1).narrow(0, begin, count);
    };
    update_part_({.weight = part(weight),
                  .master = part(parameter.master),
                  .gradient = part(gradient),
                  .exp_avg = part(parameter.exp_avg),
                  .exp_avg_sq = part(parameter.exp_avg_sq),
                  .decay = parameter.weight.dim() > 1 ? config_.weight_decay : 0.0},
                 step,
                 change);
  }
  return change;
}

void AdamW::update_part_(const Part& part, const Step& step, Change& change) {
  const bool low_precision = !part.master.is_alias_of(part.weight);
  const auto each_on_disk = [&](void (*call)(const at::Tensor&)) {
    if (!disk_) return;
    if (low_precision) call(part.master);
    call(part.exp_avg);
    call(part.exp_avg_sq);
  };
  each_on_disk(&DiskTensors::fetch);
  const at::Tensor before = part.master.clone();
  at::_fused_adamw_(
      {part.master},
      {part.gradient},
      {part.exp_avg},
      {part.exp_avg_sq},
      {},
      {at::full({}, static_cast<double>(num_updates_), part.weight.options().dtype(at::kFloat))},
      step.learning_rate,
      config_.beta1,
      config_.beta2,
      part.decay,
      config_.epsilon,
      /*amsgrad=*/false,
      /*maximize=*/false,
      step.scale);
  change.before.add_(squared_norm(before));
  change.change.add_(squared_norm(before.sub_(part.master)));
  if (low_precision) part.weight.copy_(part.master);
  each_on_disk(&DiskTensors::release);
}

UpdateReport AdamW::step_(double learning_rate) {
  const at::AutoGradMode off(false);
  std::vector<at::Tensor> gradients, squares;
  for (const auto& parameter : parameters_) {
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
  Step step{.learning_rate = learning_rate, .scale = std::nullopt};
  if (config_.max_gradient_norm > 0 && report.gradient_norm > config_.max_gradient_norm) {
    // The kernel divides the gradient by its scale, so clipping costs no pass of its own.
    step.scale = at::full({},
                          report.gradient_norm / config_.max_gradient_norm,
                          gradients.front().options().dtype(at::kFloat));
  }
  std::vector<at::Tensor> changes, sizes;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const Change change = update_(parameters_[i], gradients[i], step);
    sizes.push_back(change.before);
    changes.push_back(change.change);
  }
  const double size = global_norm(sizes);
  report.update_ratio = size > 0 ? global_norm(changes) / size : 0.0;
  drop_gradients_();
  return report;
}

void AdamW::drop_gradients_() {
  for (const auto& parameter : parameters_) {
    parameter.weight.mutable_grad().reset();
  }
}

model::Weights AdamW::state() const {
  model::Weights state;
  for (const auto& parameter : parameters_) {
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
    if (parameter.low_precision()) {
      take(state, "master." + parameter.name, parameter.master, where);
      parameter.weight.copy_(parameter.master);
      ++num_taken;
    }
    release(parameter);
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
