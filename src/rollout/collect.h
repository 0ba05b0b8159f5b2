// rollout/collect.h -- samples of many prompts as rows, each kept as soon as it is complete.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "core/records.h"
#include "core/sample_rows.h"
#include "rollout/engine.h"

namespace stratagram::rollout {

struct Collection {
  std::span<const Prompt> prompts;  ///< one a problem of `rows`, in its order
  SampleRows& rows;
  std::function<nlohmann::json(int64_t problem, const Completion&)> row_of;
  /// What to do after a stop, for the message: an imperative sentence without its end.
  std::string go_on = "run the same command again to go on";
  std::function<void(const std::string& plan)> on_plan{};
  std::function<void(int64_t tokens, int64_t responses)> on_progress{};  ///< responses: of all rows
};

/// Samples what `rows` lacks. Draws are keyed by seed, problem id and sample, so it does not matter
/// how much was there. Throws like Engine::generate(); what was complete by then is in the rows.
void collect(Engine& engine,
             const SamplingConfig& sampling,
             uint64_t seed,
             const Collection& collection);

}  // namespace stratagram::rollout
