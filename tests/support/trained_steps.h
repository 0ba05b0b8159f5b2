// tests/support/trained_steps.h -- made-up rollouts whose log-probabilities fit a tiny model, and
// the loss of an update worked out token by token, each sequence alone.
#pragma once

#include <vector>

#include "model/transformer.h"
#include "tests/support/credit_steps.h"
#include "tests/support/reference/plain_loss.h"
#include "train/config.h"
#include "train/responses.h"

namespace stratagram {

constexpr double kTemperature = 0.7;

/// made_up_step() credited by HICRA, with log-probabilities and entropies of `model` at
/// kTemperature; keyed noise of up to `noise` on the former moves the ratio away from 1.
[[nodiscard]] std::vector<Group> step_of_model(const model::Transformer& model,
                                               double noise,
                                               const StepOptions& options = {});

/// The loss of all these responses, in float64, with no packing and no tensor beyond the logits.
[[nodiscard]] double plain_update_loss(const model::Transformer& model,
                                       const std::vector<train::Response>& responses,
                                       const train::LossConfig& config,
                                       double max_length);

/// Every weight of the model wants a gradient; those there are are dropped.
void want_gradients(const model::Transformer& model);

/// The gradients by name, zeros where there is none.
[[nodiscard]] model::Weights gradients_of(const model::Transformer& model);

/// 2-norm of the difference over that of `wanted`, over all tensors together.
[[nodiscard]] double relative_difference(const model::Weights& got, const model::Weights& wanted);

}  // namespace stratagram
