#include "model/recompute.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

namespace stratagram::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using LayerFunction = std::function<at::Tensor(const at::Tensor&)>;

// Boxes the function for AutogradContext::saved_data, which holds IValues only.
struct FunctionHolder : torch::CustomClassHolder {
  explicit FunctionHolder(LayerFunction given) : function(std::move(given)) {}
  LayerFunction function;
};

struct Recomputed : torch::autograd::Function<Recomputed> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& input,
                            const LayerFunction& function) {
    context->save_for_backward({input});
    context->saved_data["function"] =
        c10::IValue::make_capsule(c10::make_intrusive<FunctionHolder>(function));
    const at::AutoGradMode off(false);
    return function(input);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const at::Tensor input = context->get_saved_variables().at(0).detach().requires_grad_(true);
    const auto holder = context->saved_data.at("function").toCapsule();
    const auto& function = static_cast<const FunctionHolder&>(*holder).function;
    at::Tensor output;
    {
      const at::AutoGradMode on(true);
      output = function(input);
    }
    torch::autograd::backward({output}, {gradients.at(0)});
    return {input.grad(), at::Tensor()};
  }
};

}  // namespace

at::Tensor run_recomputed(const LayerFunction& function, const at::Tensor& input) {
  return Recomputed::apply(input, function);
}

}  // namespace stratagram::model
