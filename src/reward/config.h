// reward/config.h -- what a response earns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "math/equality_options.h"

namespace stratagram {
class ConfigFields;
}

namespace stratagram::reward {

struct RewardConfig {
  double correct = 1.0;
  double wrong = 0.0;         ///< any verdict but correct
  double format_bonus = 0.0;  ///< added when the response keeps `format`
  std::string format = "boxed";
  /// Where an answer is sought, first to last.
  std::vector<std::string> extraction{
      "boxed", "answer_tag", "final_answer", "phrase", "hashes", "last_formula", "last_number"};
  double relative_tolerance = math::Tolerance{}.relative;
  int64_t significant_digits = math::Tolerance{}.min_significant_digits;
  bool strict_units = math::EqualityOptions{}.strict_units;
  bool strict_names = math::EqualityOptions{}.strict_labels;
  int64_t max_steps = math::EqualityOptions{}.max_steps;
  int64_t overlong_tokens = 0;  ///< length of DAPO's soft punishment zone; 0 = none

  void describe(ConfigFields& fields);

  /// How answers are compared.
  [[nodiscard]] math::EqualityOptions equality() const;

  /// Throws Error(kConfig) for an unknown extraction rule, with the known ones.
  void check() const;
};

}  // namespace stratagram::reward
