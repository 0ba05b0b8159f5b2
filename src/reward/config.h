// reward/config.h -- what a response earns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stratagram {
class ConfigFields;
}

namespace stratagram::math {
struct EqualityOptions;
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
  double relative_tolerance = 1e-12;
  int64_t significant_digits = 6;  ///< a decimal with as many may be a rounded value
  bool strict_units = false;
  bool strict_names = false;
  int64_t max_steps = 500000;
  int64_t overlong_tokens = 0;  ///< length of DAPO's soft punishment zone; 0 = none

  void describe(ConfigFields& fields);

  /// How answers are compared.
  [[nodiscard]] math::EqualityOptions equality() const;

  /// Throws Error(kConfig) for an unknown extraction rule, with the known ones.
  void check() const;
};

}  // namespace stratagram::reward
