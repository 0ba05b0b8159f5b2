// speed/exact_pass.h -- what rollout and trainer say against passes in float64 by libtorch's
// operators alone, which no kernel of ours takes. Nothing is timed before it agrees.
#pragma once

#include <span>

#include "core/records.h"
#include "model/transformer.h"

namespace stratagram::speed {

/// The largest difference of a completion's log-probabilities and entropies to those of the same
/// weights in float64. Throws Error(kInternal) beyond what the dtype's rounding explains.
double check_rollout(const model::Transformer& model,
                     const Prompt& prompt,
                     const Completion& completion);

/// Over all names, the largest 2-norm of a difference over that of the wanted gradient. Gradients
/// far smaller than the largest count by a thousandth of that, because some are zero but for
/// rounding, as those of key biases. Infinite when only one side has a gradient or one is not
/// finite.
[[nodiscard]] double gradient_difference(const model::Weights& got, const model::Weights& wanted);

/// gradient_difference() of the groups' policy loss to that of the same weights in float64. The
/// groups need advantages, and are taken to be sampled by this very policy. Throws like
/// check_rollout().
double check_gradients(const model::Transformer& model, std::span<const Group> groups);

/// The model with aliases of its weights, which want gradients while those of the model itself do
/// not.
[[nodiscard]] model::Transformer with_gradients(const model::Transformer& model);

}  // namespace stratagram::speed
