#include "credit/rule_table.h"

#include <algorithm>

#include "credit/rules/entropy_shaped.h"
#include "credit/rules/execution_only.h"
#include "credit/rules/grpo.h"
#include "credit/rules/hicra.h"
#include "credit/rules/high_entropy.h"
#include "credit/rules/mask_only.h"
#include "credit/rules/placebo.h"
#include "credit/rules/sign_flip.h"
#include "credit/rules/symmetric.h"

namespace stratagram::credit {

std::span<const RuleEntry> rule_table() {
  static const std::vector<RuleEntry> table = {
      {"grpo", &make_rule<GrpoRule>, {}},
      {"hicra", &make_rule<HicraRule>, {"alpha"}},
      {"symmetric", &make_rule<SymmetricRule>, {"alpha"}},
      {"sign_flip", &make_rule<SignFlipRule>, {"alpha"}},
      {"placebo", &make_rule<PlaceboRule>, {"alpha", "placebo_catalogue"}},
      {"high_entropy", &make_rule<HighEntropyRule>, {"alpha", "high_entropy_share"}},
      {"mask_only", &make_rule<MaskOnlyRule>, {}},
      {"execution_only", &make_rule<ExecutionOnlyRule>, {}},
      {"entropy_shaped", &make_rule<EntropyShapedRule>, {"beta", "kappa"}},
  };
  return table;
}

std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  for (const RuleEntry& entry : rule_table()) names.push_back(entry.name);
  return names;
}

std::vector<std::string> rules_that_read(std::string_view key) {
  std::vector<std::string> names;
  for (const RuleEntry& entry : rule_table()) {
    if (std::find(entry.reads.begin(), entry.reads.end(), key) != entry.reads.end()) {
      names.push_back(entry.name);
    }
  }
  return names;
}

}  // namespace stratagram::credit
