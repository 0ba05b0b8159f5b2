#include "credit/config.h"

#include "core/config.h"
#include "credit/rule_table.h"

namespace stratagram::credit {

void CreditConfig::describe(ConfigFields& fields) {
  fields.add("rule",
             &rule,
             {.meaning = "how a response's advantage is spread over its tokens",
              .choices = rule_names(),
              .origin = "paper"});
  fields.add("baseline",
             &baseline,
             {.meaning = "what a reward is compared with: the mean of its group, the same divided "
                         "by the group's standard deviation, or the mean of the others",
              .choices = {"group_mean", "group_std", "leave_one_out"},
              .origin = "paper"});
  fields.add("alpha",
             &alpha,
             {.meaning = "strength of the change on the tokens that a rule singles out",
              .min = 0,
              .max = 1,
              .origin = "paper",
              .effective_key = "rule",
              .effective_values = rules_that_read("alpha")});
  fields.add("high_entropy_share",
             &high_entropy_share,
             {.meaning = "share of a step's response tokens that counts as high in entropy",
              .min = 0,
              .max = 1,
              .effective_key = "rule",
              .effective_values = rules_that_read("high_entropy_share")});
  fields.add("beta",
             &beta,
             {.meaning = "advantage added per nat of a token's entropy",
              .min = 0,
              .origin = "arXiv 2506.14758",
              .effective_key = "rule",
              .effective_values = rules_that_read("beta")});
  fields.add("kappa",
             &kappa,
             {.meaning = "the entropy bonus is at most |advantage| / kappa",
              .min = 1,
              .origin = "arXiv 2506.14758",
              .effective_key = "rule",
              .effective_values = rules_that_read("kappa")});
  fields.add("placebo_catalogue",
             &placebo_catalogue,
             {.meaning = "random grams in the place of strategic ones; `stratagram grams placebo` "
                         "makes such a catalogue",
              .effective_key = "rule",
              .effective_values = rules_that_read("placebo_catalogue")});
}

}  // namespace stratagram::credit
