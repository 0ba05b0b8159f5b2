// reward/grader.h -- text in, verdict, reward and reason out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/records.h"
#include "reward/config.h"

namespace stratagram::reward {

/// Immutable, so safe to share between threads.
class Grader {
 public:
  /// Throws Error(kConfig) for an unknown extraction rule.
  explicit Grader(RewardConfig config);

  /// The five verdicts, by counted steps and never by a clock, so that a text gets the same one on
  /// every machine. Never throws on any text. Reasons are those of compare_answers() and
  /// check_countdown(), and
  ///   no_answer   nothing that could be an answer was found (unparseable)
  ///   cut_off     the response reached its length budget before an answer (unparseable): then a
  ///               stray last number is not one
  ///   equal_each  several boxes that are no right answer together but are each right by
  ///               themselves (correct)
  /// `absolute_error` is what the problem itself allows; at least 0.
  [[nodiscard]] Judgement judge(const Problem& problem,
                                std::string_view response,
                                Finish finish,
                                std::optional<double> absolute_error = {}) const;

  /// True when the response keeps the configured format.
  [[nodiscard]] bool keeps_format(std::string_view response) const;

  [[nodiscard]] const RewardConfig& config() const { return config_; }

 private:
  RewardConfig config_;
};

/// DAPO's soft punishment of long responses (arXiv 2503.14476, eq. 13): 0 up to max - zone tokens,
/// then linear down to -1 at max. 0 when zone is 0.
[[nodiscard]] double overlong_punishment(int64_t num_tokens, int64_t max_tokens, int64_t zone);

}  // namespace stratagram::reward
