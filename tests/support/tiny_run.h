// tests/support/tiny_run.h -- whole training runs in a second: a tiny policy that writes digits,
// blanks and a few words, so that verdicts, grams and lengths differ from response to response.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/records.h"
#include "grams/catalogue.h"
#include "model/transformer.h"
#include "rollout/policy.h"
#include "tests/support/tiny_model.h"
#include "train/run_config.h"

namespace stratagram {

struct TalkerOptions {
  TinyOptions model{.vocab_size = 0};  ///< 0: as many rows as the tokenizer has tokens
  double end_bias = 1.0;               ///< logit of the end token beside those of the words, about
};

/// A tiny_model() whose output head has a bias (its first hidden unit is constant): nearly all that
/// it samples is "1", "2", " ", " a", " the", "." and the end token.
[[nodiscard]] rollout::Policy talker(const TalkerOptions& options = {});

/// Problems "problem I" whose answers are 1 and 2 in turn; their solutions are "the I a ANSWER".
[[nodiscard]] std::vector<Problem> digit_problems(int64_t count);

/// "a", "the" (one cluster) and "a the" (another).
[[nodiscard]] grams::Catalogue talker_catalogue();

/// Six steps of 3 problems with 4 samples each, HICRA, a temperature that is not 1, a checkpoint
/// every 2 steps. The learning rate is high, so that a few steps change the policy.
[[nodiscard]] train::RunConfig tiny_run_config();

struct TinyRun {
  train::RunConfig config = tiny_run_config();
  TalkerOptions talker{};
  std::vector<Problem> problems = digit_problems(7);
  grams::Catalogue catalogue = talker_catalogue();
  std::optional<grams::Catalogue> placebo{};
  bool resume = false;
  /// Called after each step and in each rollout; may throw or request_interrupt().
  std::function<void(int64_t steps_done)> on_step{};
  std::function<void(int64_t step)> on_rollout{};
};

struct RunEnd {
  std::vector<nlohmann::json> metrics;  ///< without time, speed and memory
  model::Weights weights;               ///< after the last step; not those of the policy itself
  std::vector<std::string> warnings;
  std::string error;  ///< what ended the run early; empty for a run that came to its end
};

/// Trains in `folder`. An Error ends the run and is recorded, anything else goes through. The
/// interrupt flag is down afterwards.
RunEnd run_tiny(const std::filesystem::path& folder, const TinyRun& run);

/// Content of every file below the folder but .lock, config.json and the lines of metrics.jsonl, by
/// relative path.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> files_of(
    const std::filesystem::path& folder);

/// Fails the test unless both have the same names and bits.
void expect_same_weights(const model::Weights& a, const model::Weights& b);
/// True when all bits are equal.
[[nodiscard]] bool same_weights(const model::Weights& a, const model::Weights& b);
/// Copies that later updates do not change.
[[nodiscard]] model::Weights cloned(const model::Weights& weights);

/// Lines of a metrics.jsonl without time, speed and memory.
[[nodiscard]] std::vector<nlohmann::json> timeless_metrics(const std::filesystem::path& folder);

/// The rows of rollouts/STEP.jsonl.
[[nodiscard]] std::vector<nlohmann::json> rollout_rows(const std::filesystem::path& folder,
                                                       int64_t step);

}  // namespace stratagram
