// eval/verifier.h -- verdicts of an evaluation: the grader as a recipe sets it, the absolute error
// that a problem may allow, and which answers are the same.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/records.h"
#include "eval/recipe.h"
#include "reward/grader.h"

namespace stratagram::eval {

/// Immutable, so safe to share between threads.
class Verifier {
 public:
  /// Throws Error(kConfig) for an unknown extraction rule.
  explicit Verifier(const Judging& judging);

  /// As reward::Grader::judge(), with the absolute error of the problem's fields. Throws
  /// Error(kData) for such a field that is no number of at least 0.
  [[nodiscard]] Judgement judge(const Problem& problem,
                                const text::Fields& fields,
                                std::string_view response,
                                Finish finish) const;

  /// Whether the grader takes `b` for `a`, equal texts always: what majorities are counted by.
  [[nodiscard]] bool same_answer(const std::string& a, const std::string& b) const;

  /// What verdicts depend on: {"judging": as to_json(Judging) less its groups, "version" of the
  /// verifier, "probes"}. "probes" is a digest of the verdicts on a fixed list of answers, so that
  /// a grader that was changed shows where its version number did not.
  [[nodiscard]] nlohmann::json identity() const;

 private:
  Judging judging_;
  reward::Grader grader_;
};

}  // namespace stratagram::eval
