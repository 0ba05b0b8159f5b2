// credit/rule_table.h -- every credit rule by its name. To add one, see credit_rule.h.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "credit/credit_rule.h"

namespace stratagram::credit {

struct RuleEntry {
  std::string name;  ///< the value of credit.rule
  std::unique_ptr<CreditRule> (*make)(const CreditConfig&, const CreditContext&);
  std::vector<std::string> reads;  ///< keys of CreditConfig besides rule and baseline
};

template <typename Rule>
std::unique_ptr<CreditRule> make_rule(const CreditConfig& config, const CreditContext& context) {
  return std::make_unique<Rule>(config, context);
}

[[nodiscard]] std::span<const RuleEntry> rule_table();

[[nodiscard]] std::vector<std::string> rule_names();

/// Names of the rules that read this key of CreditConfig.
[[nodiscard]] std::vector<std::string> rules_that_read(std::string_view key);

}  // namespace stratagram::credit
