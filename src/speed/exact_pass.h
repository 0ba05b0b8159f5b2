// speed/exact_pass.h -- what rollout and trainer say against passes in float64 by libtorch's
// operators alone, which no kernel of ours takes. Nothing is timed before it agrees.
#pragma once

#include <span>

#include "core/records.h"
#include "model/transformer.h"
#include "speed/gradient_differences.h"

namespace stratagram::speed {

/// The largest difference of a completion's log-probabilities and entropies to those of the same
/// weights in float64. Throws Error(kInternal) beyond what the dtype's rounding explains.
double check_rollout(const model::Transformer& model,
                     const Prompt& prompt,
                     const Completion& completion);

/// The model with its weights in float64.
[[nodiscard]] model::Transformer in_float64(const model::Transformer& model);

/// Of the groups' policy loss, in the dtype that gradients are summed in; undefined for weights
/// without one. The groups need advantages, and are taken to be sampled by this very policy.
[[nodiscard]] model::Weights gradients_of(const model::Transformer& model,
                                          std::span<const Group> groups);

/// By how much the gradients in float64, which are `exact`, move when every weight moves by about
/// as much as the model's dtype rounds numbers: the root mean square of four draws.
[[nodiscard]] RoundingNorms rounding_of_gradients(const model::Transformer& model,
                                                  std::span<const Group> groups,
                                                  const model::Weights& exact);

/// largest_difference() of the kinds' gradients_of() against the same weights in float64. Throws
/// Error(kInternal) where a kind's is beyond what the dtype's rounding explains, or a single
/// weight's that without_rounding() keeps: where tokens cancel each other, a gain's gradient is
/// mostly rounding, by libtorch's operators as well.
double check_gradients(const model::Transformer& model, std::span<const Group> groups);

/// The model with aliases of its weights, which want gradients while those of the model itself do
/// not.
[[nodiscard]] model::Transformer with_gradients(const model::Transformer& model);

}  // namespace stratagram::speed
