#include "train/adamw_update.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_vector_norm.h>

#include <optional>

#include "model/elements.h"
#include "train/adamw_kernel.h"
#include "train/masters.h"

namespace stratagram::train {

at::Tensor squared_norm(const at::Tensor& tensor) {
  return at::linalg_vector_norm(tensor, 2).to(at::kDouble).square();
}

at::Tensor AdamWNumbers::master() const {
  return lower.defined() ? join_masters(weight.detach(), lower) : weight.detach();
}

void AdamWNumbers::set_master_(const at::Tensor& master) const {
  if (lower.defined()) split_masters_(master, weight.detach(), lower);
}

std::vector<at::Tensor> AdamWNumbers::state() const {
  if (lower.defined()) return {exp_avg, exp_avg_sq, lower};
  return {exp_avg, exp_avg_sq};
}

AdamWNumbers AdamWNumbers::part(int64_t begin, int64_t count) const {
  const auto some = [&](const at::Tensor& whole) {
    return whole.defined() ? whole.detach().view(-1).narrow(0, begin, count) : whole;
  };
  return {.weight = some(weight),
          .exp_avg = some(exp_avg),
          .exp_avg_sq = some(exp_avg_sq),
          .lower = some(lower)};
}

void update_numbers_(const AdamWNumbers& numbers,
                     const at::Tensor& gradient,
                     const AdamWRule& rule,
                     const AdamWSquares& squares) {
  if (!model::has_kernels(numbers.weight)) {
    return update_by_operators_(numbers, gradient, rule, squares);
  }
  const KernelSquares part = update_by_kernel_(numbers, gradient, rule);
  squares.masters.add_(part.masters);
  squares.changes.add_(part.changes);
}

void update_by_operators_(const AdamWNumbers& numbers,
                          const at::Tensor& gradient,
                          const AdamWRule& rule,
                          const AdamWSquares& squares) {
  const at::TensorOptions number = gradient.options().dtype(at::kFloat);
  std::optional<at::Tensor> divisor;
  if (rule.gradient_divisor != 1) divisor = at::full({}, rule.gradient_divisor, number);
  const at::Tensor master = numbers.master();
  const at::Tensor before = master.clone();
  at::_fused_adamw_({master},
                    {gradient},
                    {numbers.exp_avg},
                    {numbers.exp_avg_sq},
                    {},
                    {at::full({}, static_cast<double>(rule.num_updates), number)},
                    rule.learning_rate,
                    rule.beta1,
                    rule.beta2,
                    rule.decay,
                    rule.epsilon,
                    /*amsgrad=*/false,
                    /*maximize=*/false,
                    divisor);
  squares.masters.add_(squared_norm(before));
  squares.changes.add_(squared_norm(before.sub_(master)));
  numbers.set_master_(master);
}

}  // namespace stratagram::train
