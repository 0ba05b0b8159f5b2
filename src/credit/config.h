// credit/config.h -- which credit rule a run uses, and its numbers.
#pragma once

#include <string>

namespace stratagram {
class ConfigFields;
}

namespace stratagram::credit {

/// Definitions, section 3.
struct CreditConfig {
  std::string rule = "hicra";
  std::string baseline = "group_mean";  ///< "group_mean", "group_std" or "leave_one_out"
  double alpha = 0.2;
  double high_entropy_share = 0.2;
  double beta = 0.4;
  double kappa = 2.0;
  std::string placebo_catalogue{};  ///< a file; wanted by the rule "placebo" alone

  /// Each number is marked as without effect under the rules that do not list it.
  void describe(ConfigFields& fields);
};

}  // namespace stratagram::credit
