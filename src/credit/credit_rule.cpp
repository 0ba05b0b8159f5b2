#include "credit/credit_rule.h"

#include <algorithm>
#include <cmath>

#include "core/config.h"
#include "core/error.h"
#include "credit/group_advantage.h"
#include "credit/rule_table.h"

namespace stratagram::credit {
namespace {

void check_record(const Group& group, const Trajectory& trajectory, bool needs_planning) {
  const Completion& completion = trajectory.completion;
  const size_t wanted = completion.token_ids.size();
  const auto check = [&](const char* name, size_t got) {
    STRATAGRAM_CHECK(got == wanted,
                     "problem '{}', sample {}: {} response tokens, but {} {}",
                     group.problem.id,
                     completion.sample,
                     wanted,
                     got,
                     name);
  };
  check("log-probabilities", completion.logprobs.size());
  check("entropies", completion.entropies.size());
  check("byte ranges", completion.byte_ranges.size());
  if (needs_planning) check("places in the planning mask", trajectory.planning_mask.size());
  for (size_t t = 0; t < wanted; ++t) {
    if (!std::isfinite(completion.logprobs[t]) || !std::isfinite(completion.entropies[t])) {
      fail(ErrorKind::kNumeric,
           "problem '{}', sample {}, token {}: wanted finite log-probability and entropy, got {} "
           "and {}",
           group.problem.id,
           completion.sample,
           t,
           completion.logprobs[t],
           completion.entropies[t]);
    }
  }
}

void check_result(const Group& group, const Trajectory& trajectory, const std::string& rule) {
  const Completion& completion = trajectory.completion;
  STRATAGRAM_CHECK(trajectory.advantages.size() == completion.token_ids.size(),
                   "credit rule '{}' left {} advantages for {} response tokens",
                   rule,
                   trajectory.advantages.size(),
                   completion.token_ids.size());
  const auto bad = std::find_if(trajectory.advantages.begin(),
                                trajectory.advantages.end(),
                                [](float advantage) { return !std::isfinite(advantage); });
  if (bad != trajectory.advantages.end()) {
    fail(ErrorKind::kNumeric,
         "credit rule '{}': problem '{}', sample {}, token {}: wanted a finite advantage, got {}",
         rule,
         group.problem.id,
         completion.sample,
         bad - trajectory.advantages.begin(),
         *bad);
  }
}

}  // namespace

void CreditRule::assign(std::span<Group> step) const {
  for (Group& group : step) {
    std::vector<double> rewards;
    for (const Trajectory& trajectory : group.trajectories) {
      check_record(group, trajectory, needs_planning());
      rewards.push_back(trajectory.judgement.reward);
    }
    const std::vector<double> advantages = group_advantages(rewards, config_.baseline);
    for (size_t i = 0; i < group.trajectories.size(); ++i) {
      Trajectory& trajectory = group.trajectories[i];
      trajectory.advantages.assign(trajectory.completion.token_ids.size(),
                                   static_cast<float>(advantages[i]));
    }
  }
  shape_(step);
  for (const Group& group : step) {
    for (const Trajectory& trajectory : group.trajectories) {
      check_result(group, trajectory, config_.rule);
    }
  }
}

std::string_view TokenView::text() const {
  const Completion& completion = trajectory.completion;
  const Range bytes = completion.byte_ranges[index];
  return std::string_view(completion.text).substr(bytes.begin, bytes.end - bytes.begin);
}

void TokenRule::shape_(std::span<Group> step) const {
  for (Group& group : step) {
    for (Trajectory& trajectory : group.trajectories) {
      for (size_t t = 0; t < trajectory.advantages.size(); ++t) {
        float& advantage = trajectory.advantages[t];
        advantage = static_cast<float>(advantage_of({group, trajectory, t}, advantage));
      }
    }
  }
}

double lifted(double advantage, double alpha) {
  return advantage + alpha * std::abs(advantage);
}

std::unique_ptr<CreditRule> make_credit_rule(const CreditConfig& config,
                                             const CreditContext& context) {
  for (const RuleEntry& entry : rule_table()) {
    if (entry.name == config.rule) return entry.make(config, context);
  }
  fail(ErrorKind::kConfig,
       "credit.rule: there is no rule '{}'; did you mean '{}'?",
       config.rule,
       nearest_name(config.rule, rule_names()));
}

}  // namespace stratagram::credit
