#include "train/measure.h"

#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <vector>

#include "grams/followers.h"
#include "metrics/entropy.h"
#include "metrics/statistics.h"
#include "metrics/token_sums.h"
#include "train/clock.h"
#include "train/dynamic_sampling.h"
#include "train/utilisation.h"

namespace stratagram::train {
namespace {

template <typename Visit>
void for_each_response(std::span<const Group> step, Visit visit) {
  for (const Group& group : step) {
    for (const Trajectory& trajectory : group.trajectories) visit(trajectory);
  }
}

std::vector<int64_t> values_of(const std::map<int64_t, int64_t>& counts) {
  std::vector<int64_t> values;
  values.reserve(counts.size());
  for (const auto& [key, count] : counts) values.push_back(count);
  return values;
}

}  // namespace

void measure_outcomes(std::span<const Group> step, metrics::StepRecord& record) {
  std::vector<double> rewards;
  std::vector<double> lengths;
  std::map<Verdict, int64_t> verdicts;
  int64_t truncated = 0;
  int64_t solved = 0;
  int64_t without_spread = 0;
  for (const Group& group : step) {
    bool any = false;
    for (const Trajectory& trajectory : group.trajectories) {
      rewards.push_back(trajectory.judgement.reward);
      lengths.push_back(static_cast<double>(trajectory.completion.token_ids.size()));
      ++verdicts[trajectory.judgement.verdict];
      any = any || trajectory.judgement.verdict == Verdict::kCorrect;
      truncated += trajectory.completion.finish == Finish::kLength ? 1 : 0;
    }
    solved += any ? 1 : 0;
    without_spread += has_spread(group) ? 0 : 1;
  }
  if (rewards.empty()) return;
  const auto num_responses = static_cast<double>(rewards.size());
  const auto num_groups = static_cast<double>(step.size());
  record.set("reward/mean", metrics::mean(rewards));
  record.set("accuracy/mean", static_cast<double>(verdicts[Verdict::kCorrect]) / num_responses);
  record.set("pass_at_k/train", static_cast<double>(solved) / num_groups);
  for (const Verdict verdict : {Verdict::kCorrect,
                                Verdict::kWrong,
                                Verdict::kUnparseable,
                                Verdict::kTimeout,
                                Verdict::kError}) {
    record.set(fmt::format("verdict/{}", verdict_name(verdict)),
               static_cast<double>(verdicts[verdict]) / num_responses);
  }
  record.set("length/mean", metrics::mean(lengths));
  record.set("length/median", metrics::quantile(lengths, 0.5));
  record.set("length/p95", metrics::quantile(lengths, 0.95));
  record.set("length/truncated_share", static_cast<double>(truncated) / num_responses);
  record.set("group/zero_spread_share", static_cast<double>(without_spread) / num_groups);
}

void measure_tokens(std::span<const Group> step,
                    const GramsSection& config,
                    Baseline& baseline,
                    metrics::StepRecord& record) {
  metrics::TokenSums planning;
  metrics::TokenSums execution;
  std::vector<float> entropies;
  std::vector<uint8_t> mask;
  for_each_response(step, [&](const Trajectory& trajectory) {
    const Completion& completion = trajectory.completion;
    for (size_t t = 0; t < completion.token_ids.size(); ++t) {
      metrics::TokenSums& sums = trajectory.planning_mask[t] != 0 ? planning : execution;
      sums.add(completion.logprobs[t], completion.entropies[t]);
    }
    entropies.insert(entropies.end(), completion.entropies.begin(), completion.entropies.end());
    mask.insert(mask.end(), trajectory.planning_mask.begin(), trajectory.planning_mask.end());
  });
  const int64_t total = planning.count + execution.count;
  if (total == 0) return;
  if (!baseline.planning) baseline.planning = planning.perplexity();
  if (!baseline.execution) baseline.execution = execution.perplexity();
  record.set("planning/share", static_cast<double>(planning.count) / static_cast<double>(total));
  record.set("ppl/planning", planning.perplexity());
  record.set("ppl/execution", execution.perplexity());
  record.set("relative_ppl/planning", metrics::ratio(planning.perplexity(), baseline.planning));
  record.set("relative_ppl/execution", metrics::ratio(execution.perplexity(), baseline.execution));
  record.set("entropy/planning", planning.mean_entropy());
  record.set("entropy/execution", execution.mean_entropy());
  record.set("entropy/all", (planning.entropy + execution.entropy) / static_cast<double>(total));
  const metrics::ForkShares forks = metrics::fork_shares(entropies, mask, config.fork_share);
  record.set("fork/high_given_planning", forks.high_given_planning);
  record.set("fork/planning_given_high", forks.planning_given_high);
}

void measure_grams(std::span<const Group> step,
                   const grams::Matcher& matcher,
                   const GramsSection& config,
                   metrics::StepRecord& record) {
  const std::vector<grams::Gram>& catalogue = matcher.catalogue().grams;
  std::unordered_map<std::string, int64_t> index;
  for (size_t i = 0; i < catalogue.size(); ++i) index[catalogue[i].text] = static_cast<int64_t>(i);
  std::map<int64_t, int64_t> by_gram;
  std::map<int64_t, int64_t> by_cluster;
  metrics::FollowerCounts follower_counts;
  for_each_response(step, [&](const Trajectory& trajectory) {
    for (const PlanningSpan& span : trajectory.planning_spans) {
      const int64_t gram = index.at(span.gram);
      ++by_gram[gram];
      if (catalogue[gram].cluster >= 0) ++by_cluster[catalogue[gram].cluster];
    }
    for (const grams::Follower& follower :
         grams::followers(matcher, trajectory.completion.text, config.follower_words)) {
      ++follower_counts[follower.gram][follower.key];
    }
  });
  const std::vector<int64_t> counts = values_of(by_gram);
  record.set("semantic_entropy/plain", metrics::shannon_entropy(counts));
  record.set("semantic_entropy/miller_madow", metrics::miller_madow_entropy(counts));
  record.set("semantic_entropy/rarefied", metrics::rarefied_entropy(counts, config.rarefied_draws));
  record.set("semantic_entropy/cluster", metrics::shannon_entropy(values_of(by_cluster)));
  record.set("conditional_entropy/plain", metrics::conditional_entropy(follower_counts));
  record.set("conditional_entropy/rarefied",
             metrics::rarefied_conditional_entropy(follower_counts, config.rarefied_draws));
}

int64_t num_response_tokens(std::span<const Group> groups) {
  int64_t tokens = 0;
  for_each_response(groups, [&](const Trajectory& trajectory) {
    tokens += static_cast<int64_t>(trajectory.completion.token_ids.size());
  });
  return tokens;
}

void measure_times(std::span<const Group> drawn,
                   const StepPasses& passes,
                   const StepTimes& times,
                   metrics::StepRecord& record) {
  record.set("time/rollout", times.rollout);
  record.set("time/reward", times.reward);
  record.set("time/train", times.train);
  record.set("time/total", times.total);
  const auto set_speed = [&](const char* name, int64_t tokens, double seconds) {
    if (seconds > 0) record.set(name, static_cast<double>(tokens) / seconds);
  };
  set_speed("speed/rollout", num_response_tokens(drawn), times.rollout);
  set_speed("speed/train", passes.num_trained_tokens, times.train);
  record.set("memory/peak", static_cast<double>(peak_memory_bytes()));
  if (!passes.gemm_peak) return;
  ModelWork work{.num_parameters = passes.num_parameters,
                 .num_tokens = passes.num_input_tokens,
                 .seconds = times.train,
                 .gemm_peak = *passes.gemm_peak};
  if (work.num_tokens > 0 && work.seconds > 0) {
    record.set("speed/utilisation", training_utilisation(work));
  }
  // The rollout computes a group's prompt once, too.
  work.num_tokens = num_response_tokens(drawn);
  for (const Group& group : drawn) {
    work.num_tokens += static_cast<int64_t>(group.prompt.token_ids.size());
  }
  work.seconds = times.rollout;
  if (work.seconds > 0) record.set("speed/utilisation_rollout", forward_utilisation(work));
}

StepFacts facts_of(std::span<const Group> step) {
  StepFacts facts;
  for (const Group& group : step) {
    ++facts.num_groups;
    facts.num_zero_spread += has_spread(group) ? 0 : 1;
    for (const Trajectory& trajectory : group.trajectories) {
      ++facts.num_responses;
      facts.num_truncated += trajectory.completion.finish == Finish::kLength ? 1 : 0;
      facts.num_unparseable += trajectory.judgement.verdict == Verdict::kUnparseable ? 1 : 0;
      for (const uint8_t planning : trajectory.planning_mask) facts.num_planning_tokens += planning;
    }
  }
  return facts;
}

}  // namespace stratagram::train
