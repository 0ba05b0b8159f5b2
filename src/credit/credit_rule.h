// credit/credit_rule.h -- from rewards to one advantage a response token: one small strategy each.
//
// A rule sees the whole step as records: token ids, text and its byte ranges, log-probabilities,
// entropies, planning mask, rewards, group. It sees no model and no tensor.
//
// To add a rule, write one header in credit/rules/ and name it in one line of rule_table.cpp; its
// name is then a value of credit.rule, with the help, checks and reports of all the others. This
// one pays for surprise, token by token:
//
//   class SurpriseRule : public TokenRule {
//    public:
//     using TokenRule::TokenRule;
//     [[nodiscard]] double advantage_of(const TokenView& token, double advantage) const override {
//       return advantage * (1.0 + config().alpha * std::min(-token.logprob(), 1.0));
//     }
//   };
//
//   {"surprise", &make_rule<SurpriseRule>, {"alpha"}},     // the line in rule_table.cpp
//
// A rule that needs more than one token at a time derives from CreditRule and overrides shape_().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/records.h"
#include "credit/config.h"

namespace stratagram::credit {

/// What rules may use besides the step itself.
struct CreditContext {
  /// 1 on each token of a response that a gram of the placebo catalogue touches; needed by the rule
  /// "placebo" alone.
  std::function<std::vector<uint8_t>(const Completion&)> placebo_mask{};
};

/// Immutable, so safe to share between threads if the context's functions are.
class CreditRule {
 public:
  CreditRule(CreditConfig config, CreditContext context)
      : config_(std::move(config)), context_(std::move(context)) {}
  virtual ~CreditRule() = default;
  CreditRule(const CreditRule&) = delete;
  CreditRule& operator=(const CreditRule&) = delete;

  /// Fills Trajectory::advantages of every response of the step: the group's advantage by
  /// credit.baseline on each token, then what the rule makes of it.
  /// Throws Error(kInternal) for a record whose vectors differ in length or that lacks its planning
  /// mask; Error(kNumeric), with problem, sample and token, for a log-probability, an entropy or an
  /// advantage that is not finite.
  void assign(std::span<Group> step) const;

  /// True when the rule acts on planning tokens: then a step without any teaches it nothing.
  [[nodiscard]] virtual bool needs_planning() const { return false; }

 protected:
  /// Rewrites the advantages, which hold the group's one on each token. Order and size of the step
  /// must make no difference to a response beyond what the rule is about.
  virtual void shape_(std::span<Group> step) const = 0;

  [[nodiscard]] const CreditConfig& config() const { return config_; }
  [[nodiscard]] const CreditContext& context() const { return context_; }

 private:
  CreditConfig config_;
  CreditContext context_;
};

/// One response token with all that is known of it. A view: it lives as long as the step.
struct TokenView {
  const Group& group;
  const Trajectory& trajectory;
  size_t index;  ///< of the token inside the response

  [[nodiscard]] int32_t id() const { return trajectory.completion.token_ids[index]; }
  /// Its bytes in the response; empty for a special token.
  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] double logprob() const { return trajectory.completion.logprobs[index]; }
  [[nodiscard]] double entropy() const { return trajectory.completion.entropies[index]; }
  /// False where the step was not tagged.
  [[nodiscard]] bool planning() const {
    return index < trajectory.planning_mask.size() && trajectory.planning_mask[index] != 0;
  }
};

/// A rule that decides on each token alone.
class TokenRule : public CreditRule {
 public:
  using CreditRule::CreditRule;

  /// What becomes of `advantage`, which the group gave the token.
  [[nodiscard]] virtual double advantage_of(const TokenView& token, double advantage) const = 0;

 protected:
  void shape_(std::span<Group> step) const final;
};

/// Paper eq. 2, A + alpha |A|: more for what was right, less for what was wrong.
[[nodiscard]] double lifted(double advantage, double alpha);

/// Throws Error(kConfig) for a rule that does not exist, with the nearest name, and for a context
/// that lacks what the rule needs.
[[nodiscard]] std::unique_ptr<CreditRule> make_credit_rule(const CreditConfig& config,
                                                           const CreditContext& context = {});

}  // namespace stratagram::credit
