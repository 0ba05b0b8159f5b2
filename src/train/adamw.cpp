#include "train/adamw.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
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

// The tensor of that name, of the shape and dtype of `like`.
const at::Tensor& find(const model::Weights& state,
                       const std::string& name,
                       const at::Tensor& like,
                       const std::string& where) {
  const auto found = state.find(name);
  if (found == state.end()) fail(ErrorKind::kData, "{}: tensor '{}' is missing", where, name);
  const at::Tensor& given = found->second;
  if (given.sizes() != like.sizes() || given.scalar_type() != like.scalar_type()) {
    fail(ErrorKind::kData,
         "{}: tensor '{}': wanted {} {}, got {} {}; the state belongs to another model or dtype",
         where,
         name,
         c10::toString(like.scalar_type()),
         like.sizes().vec(),
         c10::toString(given.scalar_type()),
         given.sizes().vec());
  }
  return given;
}

// Calls with begin and count of some of a weight's numbers at a time, so that neither copies nor a
// state on disk take the memory of the largest weight.
template <typename Call>
void for_parts(int64_t num_items, const Call& call) {
  for (int64_t begin = 0; begin < num_items; begin += AdamW::kItemsAtOnce) {
    call(begin, std::min(AdamW::kItemsAtOnce, num_items - begin));
  }
}

at::Tensor masters_of(const AdamWNumbers& numbers) {
  at::Tensor masters = at::empty_like(numbers.exp_avg);
  for_parts(masters.numel(), [&](int64_t begin, int64_t count) {
    masters.view(-1).narrow(0, begin, count).copy_(numbers.part(begin, count).master());
  });
  return masters;
}

void take_masters(const AdamWNumbers& numbers,
                  const at::Tensor& masters,
                  const std::string& where) {
  for_parts(masters.numel(), [&](int64_t begin, int64_t count) {
    const at::Tensor part =
        masters.reshape({-1}).narrow(0, begin, count).to(numbers.weight.device());
    if (!at::isfinite(part).all().item<bool>()) {
      fail(ErrorKind::kData,
           "{}: wanted finite numbers, got others; the checkpoint was damaged, remove it to resume "
           "from an older one",
           where);
    }
    numbers.part(begin, count).set_master_(part);
  });
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
           "optimizer.state_on_disk: wanted float32 or bfloat16 in the CPU's memory, got '{}' of "
           "{} on {}",
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

at::Tensor AdamW::Parameter::gradient_() const {
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
  for_parts(num_items, [&](int64_t begin, int64_t count) {
    const AdamWNumbers part = numbers.part(begin, count);
    if (disk_) {
      for (const at::Tensor& tensor : part.state()) DiskTensors::fetch(tensor);
    }
    update_numbers_(part, gradient.view(-1).narrow(0, begin, count), rule, squares);
    release(part);
  });
  return squares;
}

UpdateReport AdamW::step_(double learning_rate) {
  const at::AutoGradMode off(false);
  std::vector<at::Tensor> gradients, squares;
  for (const auto& parameter : parameters_) {
    gradients.push_back(parameter.gradient_());
    squares.push_back(squared_norm(gradients.back()));
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
    if (numbers.lower.defined()) state["master." + name] = masters_of(numbers);
  }
  state["num_updates"] = at::full({1}, num_updates_, at::TensorOptions().dtype(at::kLong));
  return state;
}

void AdamW::load_(const model::Weights& state, const std::string& where) {
  const at::AutoGradMode off(false);
  const at::Tensor one_count = at::full({1}, 0, at::TensorOptions().dtype(at::kLong));
  const auto num_updates = find(state, "num_updates", one_count, where).item<int64_t>();
  size_t num_taken = 1;
  for (const auto& [name, numbers] : parameters_) {
    numbers.exp_avg.copy_(find(state, "exp_avg." + name, numbers.exp_avg, where));
    numbers.exp_avg_sq.copy_(find(state, "exp_avg_sq." + name, numbers.exp_avg_sq, where));
    num_taken += 2;
    if (numbers.lower.defined()) {
      const std::string master = "master." + name;
      take_masters(numbers,
                   find(state, master, numbers.exp_avg, where),
                   fmt::format("{}: tensor '{}'", where, master));
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
  num_updates_ = num_updates;
  drop_gradients_();
}

}  // namespace stratagram::train
