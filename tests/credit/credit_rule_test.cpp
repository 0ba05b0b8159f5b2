#include "credit/credit_rule.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/config.h"
#include "core/error.h"
#include "credit/rule_table.h"
#include "tests/support/credit_steps.h"
#include "tests/support/reference/plain_credit.h"

namespace stratagram::credit {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

// Every third token; no relation to the planning mask.
std::vector<uint8_t> every_third(const Completion& completion) {
  std::vector<uint8_t> mask(completion.token_ids.size(), 0);
  for (size_t t = 0; t < mask.size(); t += 3) mask[t] = 1;
  return mask;
}

CreditContext with_placebo() {
  return {.placebo_mask = &every_third};
}

std::vector<Group> assigned(CreditConfig config, std::vector<Group> step) {
  make_credit_rule(config, with_placebo())->assign(step);
  return step;
}

TEST(CreditRule, OfEveryNameEqualsThePlainReference) {
  for (const std::string& rule : rule_names()) {
    const std::vector<Group> step =
        assigned({.rule = rule, .alpha = 0.3, .high_entropy_share = 0.4}, made_up_step());
    const PlainCredit plain{.rule = rule, .alpha = 0.3, .share = 0.4};
    for (const Group& group : step) {
      for (size_t i = 0; i < group.trajectories.size(); ++i) {
        const Trajectory& trajectory = group.trajectories[i];
        const std::vector<uint8_t> placebo = every_third(trajectory.completion);
        for (size_t t = 0; t < trajectory.advantages.size(); ++t) {
          // Advantages below 1 are stored as float32, twice.
          EXPECT_NEAR(trajectory.advantages[t],
                      plain_advantage(plain, step, group, {i, t}, placebo[t] != 0),
                      2e-7)
              << rule << " response " << i << " token " << t;
        }
      }
    }
  }
}

TEST(Hicra, WithAlphaZeroEqualsGrpoBitForBit) {
  for (const char* baseline : {"group_mean", "group_std", "leave_one_out"}) {
    const std::vector<Group> hicra =
        assigned({.rule = "hicra", .baseline = baseline, .alpha = 0}, made_up_step());
    const std::vector<Group> grpo =
        assigned({.rule = "grpo", .baseline = baseline}, made_up_step());
    for (size_t g = 0; g < grpo.size(); ++g) {
      for (size_t i = 0; i < grpo[g].trajectories.size(); ++i) {
        EXPECT_EQ(hicra[g].trajectories[i].advantages, grpo[g].trajectories[i].advantages);
      }
    }
  }
}

TEST(Hicra, RaisesSuccessByAFifthAndSoftensFailureByAFifth) {
  std::vector<Group> step = made_up_step({.num_groups = 1, .group_size = 2});
  for (Trajectory& trajectory : step[0].trajectories) {
    std::fill(trajectory.planning_mask.begin(), trajectory.planning_mask.end(), 1);
  }

  step = assigned({}, step);

  EXPECT_THAT(step[0].trajectories[0].advantages, Each(0.6F));
  EXPECT_THAT(step[0].trajectories[1].advantages, Each(-0.4F));
}

TEST(CreditRule, GivesNothingToAGroupWithoutSpread) {
  for (const std::string& rule : rule_names()) {
    std::vector<Group> step = made_up_step();
    for (Trajectory& trajectory : step[1].trajectories) trajectory.judgement.reward = 0.1;

    step = assigned({.rule = rule}, step);

    for (const Trajectory& trajectory : step[1].trajectories) {
      EXPECT_THAT(trajectory.advantages, Each(0.0F)) << rule;
    }
  }
}

TEST(CreditRule, GivesTheSameWhateverTheOrderOfTheStep) {
  for (const std::string& rule : rule_names()) {
    std::vector<Group> step = made_up_step();
    // Ties in entropy, so that only the names of the tokens can decide.
    for (Group& group : step) {
      for (Trajectory& trajectory : group.trajectories) {
        for (float& entropy : trajectory.completion.entropies) entropy = std::round(entropy);
      }
    }
    std::vector<Group> turned(step.rbegin(), step.rend());

    step = assigned({.rule = rule}, step);
    turned = assigned({.rule = rule}, turned);

    for (size_t g = 0; g < step.size(); ++g) {
      const Group& other = turned[turned.size() - 1 - g];
      for (size_t i = 0; i < step[g].trajectories.size(); ++i) {
        EXPECT_EQ(step[g].trajectories[i].advantages, other.trajectories[i].advantages) << rule;
      }
    }
  }
}

TEST(HighEntropy, TakesExactlyItsShareWhenAllEntropiesAreEqual) {
  std::vector<Group> step = made_up_step();
  for (Group& group : step) {
    for (Trajectory& trajectory : group.trajectories) {
      for (float& entropy : trajectory.completion.entropies) entropy = 1.0F;
    }
  }
  const std::vector<Group> plain = assigned({.rule = "grpo"}, step);

  step = assigned({.rule = "high_entropy"}, step);

  int64_t changed = 0;
  for (size_t g = 0; g < step.size(); ++g) {
    for (size_t i = 0; i < step[g].trajectories.size(); ++i) {
      const std::vector<float>& before = plain[g].trajectories[i].advantages;
      const std::vector<float>& after = step[g].trajectories[i].advantages;
      for (size_t t = 0; t < after.size(); ++t) changed += before[t] != after[t] ? 1 : 0;
    }
  }
  EXPECT_EQ(changed, std::llround(0.2 * static_cast<double>(plain_num_tokens(step))));
}

TEST(MaskOnlyAndExecutionOnly, AddUpToGrpo) {
  const std::vector<Group> mask = assigned({.rule = "mask_only"}, made_up_step());
  const std::vector<Group> execution = assigned({.rule = "execution_only"}, made_up_step());
  const std::vector<Group> grpo = assigned({.rule = "grpo"}, made_up_step());

  for (size_t g = 0; g < grpo.size(); ++g) {
    for (size_t i = 0; i < grpo[g].trajectories.size(); ++i) {
      const std::vector<float>& whole = grpo[g].trajectories[i].advantages;
      for (size_t t = 0; t < whole.size(); ++t) {
        EXPECT_EQ(
            mask[g].trajectories[i].advantages[t] + execution[g].trajectories[i].advantages[t],
            whole[t]);
      }
    }
  }
}

TEST(Placebo, WantsAMaskProvider) {
  EXPECT_THAT([] { (void)make_credit_rule({.rule = "placebo"}); },
              ThrowsMessage<Error>(HasSubstr("wanted a placebo catalogue")));
}

TEST(CreditRule, NamesTheNearestRuleForAnUnknownOne) {
  EXPECT_THAT([] { (void)make_credit_rule({.rule = "hikra"}); },
              ThrowsMessage<Error>(HasSubstr("no rule 'hikra'; did you mean 'hicra'?")));
}

TEST(CreditRule, NamesTheRecordWithoutItsPlanningMask) {
  std::vector<Group> step = made_up_step();
  step[1].trajectories[2].planning_mask.clear();

  EXPECT_THAT([&] { make_credit_rule({.rule = "hicra"})->assign(step); },
              ThrowsMessage<Error>(HasSubstr("problem 'problem-1', sample 2")));
  EXPECT_NO_THROW(make_credit_rule({.rule = "grpo"})->assign(step));
}

TEST(CreditRule, NamesTheTokenWhoseEntropyIsNotFinite) {
  std::vector<Group> step = made_up_step();
  step[0].trajectories[1].completion.entropies[1] = std::numeric_limits<float>::infinity();

  EXPECT_THAT([&] { make_credit_rule({.rule = "grpo"})->assign(step); },
              ThrowsMessage<Error>(HasSubstr("problem 'problem-0', sample 1, token 1")));
}

TEST(CreditRule, SaysWhetherItActsOnPlanningTokens) {
  for (const std::string& rule : rule_names()) {
    const bool wanted =
        rule != "grpo" && rule != "placebo" && rule != "high_entropy" && rule != "entropy_shaped";
    EXPECT_EQ(make_credit_rule({.rule = rule}, with_placebo())->needs_planning(), wanted) << rule;
  }
}

// The example of credit_rule.h.
class SurpriseRule : public TokenRule {
 public:
  using TokenRule::TokenRule;
  [[nodiscard]] double advantage_of(const TokenView& token, double advantage) const override {
    return advantage * (1.0 + config().alpha * std::min(-token.logprob(), 1.0));
  }
};

TEST(CreditRule, OfTheHeadersExamplePaysForSurprise) {
  const RuleEntry entry{"surprise", &make_rule<SurpriseRule>, {"alpha"}};
  std::vector<Group> step = made_up_step({.num_groups = 1, .group_size = 2});
  Completion& completion = step[0].trajectories[0].completion;
  completion.logprobs[0] = -0.5F;
  completion.logprobs[1] = -7.0F;

  entry.make({.rule = "surprise", .alpha = 0.2}, {})->assign(step);

  EXPECT_FLOAT_EQ(step[0].trajectories[0].advantages[0], 0.5F * 1.1F);
  EXPECT_FLOAT_EQ(step[0].trajectories[0].advantages[1], 0.5F * 1.2F);
}

// A rule may read the text of a token.
class LetterRule : public TokenRule {
 public:
  using TokenRule::TokenRule;
  [[nodiscard]] double advantage_of(const TokenView& token, double) const override {
    return token.text() == "b" ? 1.0 : 0.0;
  }
};

TEST(TokenView, GivesTheTextOfItsToken) {
  std::vector<Group> step = made_up_step({.num_groups = 1, .group_size = 2});

  LetterRule({}, {}).assign(step);

  const std::vector<float>& advantages = step[0].trajectories[0].advantages;
  for (size_t t = 0; t < advantages.size(); ++t) EXPECT_EQ(advantages[t], t == 1 ? 1.0F : 0.0F);
}

// An inventor's slip must not reach the optimizer.
class BrokenRule : public TokenRule {
 public:
  using TokenRule::TokenRule;
  [[nodiscard]] double advantage_of(const TokenView&, double advantage) const override {
    return advantage / 0.0;
  }
};

TEST(CreditRule, NamesTheTokenWhoseAdvantageIsNotFinite) {
  std::vector<Group> step = made_up_step();

  EXPECT_THAT([&] { BrokenRule({.rule = "broken"}, {}).assign(step); },
              ThrowsMessage<Error>(
                  HasSubstr("credit rule 'broken': problem 'problem-0', sample 0, token 0")));
}

TEST(CreditConfig, ReportsANumberThatTheRuleDoesNotRead) {
  CreditConfig config;
  ConfigFields fields;
  fields.section("credit", config);
  fields.set("credit.alpha=0.1");
  EXPECT_THAT(fields.problems(), IsEmpty());

  fields.set("credit.rule=grpo");

  EXPECT_THAT(fields.problems(), Contains(HasSubstr("'credit.alpha' has no effect")));
}

}  // namespace
}  // namespace stratagram::credit
