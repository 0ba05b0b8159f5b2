#include "train/adamw.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/error.h"
#include "model/gradient_sums.h"

namespace stratagram::train {
namespace {

bool can_be_trained(const at::Tensor& weight) {
  const at::ScalarType dtype = weight.scalar_type();
  return dtype == at::kFloat || dtype == at::kDouble || dtype == at::kBFloat16;
}

// One copy from the device for all tensors.
double global_norm(const std::vector<at::Tensor>& squares) {
  if (squares.empty()) return 0.0;
  return std::sqrt(at::stack(squares).sum().item<double>());
}

void take(const model::Weights& state,
          const std::string& name,
          const at::Tensor& into,
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
    STRATAGRAM_CHECK(
        weight.is_contiguous() && can_be_trained(weight),
        "AdamW: weight '{}': wanted contiguous float32, float64 or bfloat16, got {} {}",
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
    disk_bytes += 2 * DiskTensors::bytes_of(weight.sizes());
    if (weight.scalar_type() == at::kBFloat16) {
      disk_bytes += DiskTensors::bytes_of(weight.sizes(), at::kShort);
    }
  }
  if (config.state_on_disk) disk_.emplace(folder, disk_bytes);
  for (const auto& [name, weight] : weights) {
    model::want_gradient_(weight);
    const auto zeros = [&](at::ScalarType dtype) {
      return disk_ ? disk_->zeros(weight.sizes(), dtype)
                   : at::zeros(weight.sizes(), weight.options().dtype(dtype));
    };
    const at::ScalarType full = model::sum_dtype(weight.scalar_type());
    AdamWNumbers numbers{.weight = weight, .exp_avg = zeros(full), .exp_avg_sq = zeros(full)};
    if (weight.scalar_type() == at::kBFloat16) numbers.lower = zeros(at::kShort);
    release(numbers);
    parameters_.push_back({.name = name, .numbers = std::move(numbers)});
  }
}

void AdamW::release(const AdamWNumbers& numbers) const {
  if (!disk_) return;
  for (const at::Tensor& tensor : numbers.state()) DiskTensors::release(tensor);
}

void AdamW::release_state() const {
  for (const auto& parameter : parameters_) release(parameter.numbers);
}

at::Tensor AdamW::Parameter::gradient() const {
  at::Tensor& gradient = numbers.weight.mutable_grad();
  const at::ScalarType dtype = numbers.exp_avg.scalar_type();
  if (!gradient.defined()) {
    gradient = at::zeros(numbers.weight.sizes(), numbers.weight.options().dtype(dtype));
  }
  return gradient.to(dtype).contiguous();
}

AdamWSquares AdamW::update_(const AdamWNumbers& numbers,
                            const at::Tensor& gradient,
                            AdamWRule rule) {
  const int64_t num_items = numbers.weight.numel();
  if (numbers.weight.dim() <= 1) rule.decay = 0;
  const at::TensorOptions on_device = gradient.options().dtype(at::kDouble);
  const AdamWSquares squares{.masters = at::zeros({}, on_device),
                             .changes = at::zeros({}, on_device)};
  // Some at a time, so that a state on disk does not take the memory of the largest weight.
  for (int64_t begin = 0; begin < num_items; begin += kItemsAtOnce) {
    const int64_t count = std::min(kItemsAtOnce, num_items - begin);
    const AdamWNumbers part = numbers.part(begin, count);
    if (disk_) {
      for (const at::Tensor& tensor : part.state()) DiskTensors::fetch(tensor);
    }
    update_numbers_(part, gradient.view(-1).narrow(0, begin, count), rule, squares);
    release(part);
  }
  return squares;
}

UpdateReport AdamW::step_(double learning_rate) {
  const at::AutoGradMode off(false);
  std::vector<at::Tensor> gradients, squares;
  for (const auto& parameter : parameters_) {
    gradients.push_back(parameter.gradient());
    squares.push_back(at::linalg_vector_norm(gradients.back(), 2).to(at::kDouble).square());
  }
  UpdateReport report{.gradient_norm = global_norm(squares)};
  if (!std::isfinite(report.gradient_norm)) {
    drop_gradients_();
    return report;
  }
  report.applied = true;
  ++num_updates_;
  AdamWRule rule{.learning_rate = learning_rate,
                 .beta1 = config_.beta1,
                 .beta2 = config_.beta2,
                 .epsilon = config_.epsilon,
                 .decay = config_.weight_decay,
                 .num_updates = num_updates_};
  if (config_.max_gradient_norm > 0 && report.gradient_norm > config_.max_gradient_norm) {
    // In the update itself, so clipping costs no pass of its own.
    rule.gradient_divisor = report.gradient_norm / config_.max_gradient_norm;
  }
  std::vector<at::Tensor> changes, sizes;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const AdamWSquares of_one = update_(parameters_[i].numbers, gradients[i], rule);
    sizes.push_back(of_one.masters);
    changes.push_back(of_one.changes);
  }
  const double size = global_norm(sizes);
  report.update_ratio = size > 0 ? global_norm(changes) / size : 0.0;
  drop_gradients_();
  return report;
}

void AdamW::drop_gradients_() {
  for (const auto& parameter : parameters_) {
    parameter.numbers.weight.mutable_grad().reset();
  }
}

model::Weights AdamW::state() const {
  model::Weights state;
  for (const auto& [name, numbers] : parameters_) {
    state["exp_avg." + name] = numbers.exp_avg;
    state["exp_avg_sq." + name] = numbers.exp_avg_sq;
    if (numbers.lower.defined()) state["master." + name] = numbers.master();
  }
  state["num_updates"] = at::full({1}, num_updates_, at::TensorOptions().dtype(at::kLong));
  return state;
}

void AdamW::load_(const model::Weights& state, const std::string& where) {
  const at::AutoGradMode off(false);
  at::Tensor count = at::full({1}, 0, at::TensorOptions().dtype(at::kLong));
  size_t num_taken = 1;
  take(state, "num_updates", count, where);
  for (const auto& [name, numbers] : parameters_) {
    take(state, "exp_avg." + name, numbers.exp_avg, where);
    take(state, "exp_avg_sq." + name, numbers.exp_avg_sq, where);
    num_taken += 2;
    if (numbers.lower.defined()) {
      at::Tensor master = at::empty_like(numbers.exp_avg);
      take(state, "master." + name, master, where);
      numbers.set_master_(master);
      ++num_taken;
    }
    release(numbers);
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
