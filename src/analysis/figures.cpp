#include "analysis/figures.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "analysis/bootstrap.h"
#include "core/error.h"

namespace stratagram::analysis {
namespace {

std::vector<const ProblemTally*> pointers(const std::vector<ProblemTally>& tallies,
                                          std::span<const size_t> places) {
  std::vector<const ProblemTally*> all;
  all.reserve(places.size());
  for (const size_t place : places) all.push_back(&tallies[place]);
  return all;
}

// The tallies of some problems of some groups through one lens, ready to be summed.
using Chosen = std::vector<std::pair<const Group*, std::vector<size_t>>>;

Population population_of(const Groups& groups, const Chosen& chosen, size_t lens) {
  std::vector<const ProblemTally*> tallies;
  std::vector<const ProblemTally*> first;
  for (const auto& [group, places] : chosen) {
    for (const ProblemTally* tally : pointers(group->by_lens[lens], places)) {
      tallies.push_back(tally);
    }
    for (const ProblemTally* tally : pointers(group->by_lens[0], places)) first.push_back(tally);
  }
  return {std::move(tallies),
          std::move(first),
          groups.gram_of_pair(lens),
          groups.lenses().catalogue().grams.size()};
}

Evaluate evaluator(const Groups& groups, Population& population, const Baseline& baseline = {}) {
  return [&groups, &population, baseline](std::span<const int64_t> times) {
    return evaluate(population.sum(times), groups.lenses().catalogue(), groups.config(), baseline);
  };
}

// From the values of each null, a list a null.
std::optional<NullRange> null_of(const std::vector<std::vector<std::optional<double>>>& nulls,
                                 size_t figure) {
  std::vector<double> values;
  for (const auto& null : nulls) {
    const std::optional<double>& value = null[figure];
    if (value) values.push_back(*value);
  }
  const auto range = metrics::central_interval(values);
  if (!range) return std::nullopt;
  return NullRange{.mean = metrics::mean(values).value_or(0), .range = *range};
}

std::vector<std::optional<double>> plain_values(const std::vector<Value>& values) {
  std::vector<std::optional<double>> plain;
  plain.reserve(values.size());
  for (const Value& value : values) plain.push_back(value.value);
  return plain;
}

// Sets what is still empty: as in a run, the first step that has such tokens counts.
void set_baseline(const metrics::TokenSums& planning,
                  const metrics::TokenSums& execution,
                  Baseline& baseline) {
  if (!baseline.planning) baseline.planning = planning.perplexity();
  if (!baseline.execution) baseline.execution = execution.perplexity();
}

// `baselines` are those of the group's source, one a lens.
void measure_group(const Groups& groups,
                   const GroupKey& key,
                   std::vector<Baseline>& baselines,
                   const std::vector<FigureId>& ids,
                   Analysis& analysis) {
  const Group& group = groups.all().at(key);
  std::vector<size_t> places(group.problems.size());
  std::iota(places.begin(), places.end(), 0);
  const Chosen chosen{{&group, places}};
  const std::vector<int64_t> once(places.size(), 1);
  const auto through = [&](Population& population, size_t lens) {
    const ProblemTally& sums = population.sum(once).sums;
    if (key.step) set_baseline(sums.planning, sums.execution, baselines[lens]);
    return evaluator(groups, population, baselines[lens]);
  };
  Population population = population_of(groups, chosen, 0);
  const Evaluate evaluate_times = through(population, 0);
  const std::vector<Value> values = evaluate_times(once);
  const Stream stream({.seed = groups.config().seed,
                       .purpose = "analysis bootstrap",
                       .problem = hash_name(key.label())});
  const auto intervals =
      bootstrap_intervals(evaluate_times, ids, places.size(), groups.config().bootstrap, stream);
  std::vector<std::vector<std::optional<double>>> nulls;
  for (size_t lens = 1; lens < groups.lenses().size(); ++lens) {
    Population null = population_of(groups, chosen, lens);
    nulls.push_back(plain_values(through(null, lens)(once)));
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::optional<double>& value = values[i].value;
    if (!value) continue;
    analysis.figures.push_back({.measure = ids[i].measure,
                                .item = ids[i].item,
                                .group = key.label(),
                                .value = *value,
                                .interval = intervals[i],
                                .n = values[i].n,
                                .null = ids[i].of_grams ? null_of(nulls, i) : std::nullopt,
                                .is_gram = ids[i].is_gram});
  }
  int64_t responses = 0;
  for (const ProblemTally& tally : group.by_lens[0]) responses += tally.responses;
  analysis.groups.push_back({.label = key.label(),
                             .source = key.source,
                             .step = key.step,
                             .num_problems = static_cast<int64_t>(places.size()),
                             .num_responses = responses});
}

const Group& source_of(const Groups& groups, const std::string& name) {
  const auto found = groups.all().find({.source = name, .for_comparison = true});
  if (found == groups.all().end()) {
    std::set<std::string> names;
    for (const auto& [key, group] : groups.all()) {
      if (!key.for_comparison) names.insert(key.source);
    }
    fail(ErrorKind::kData,
         "--compare: no response is of source '{}'; there are: {}",
         name,
         fmt::join(names, ", "));
  }
  return found->second;
}

}  // namespace

void measure_groups(const Groups& groups, const std::vector<FigureId>& ids, Analysis& analysis) {
  std::map<std::string, std::vector<Baseline>> baselines;  ///< by source
  for (const auto& [key, group] : groups.all()) {
    if (key.for_comparison) continue;
    std::vector<Baseline>& mine = baselines[key.source];
    mine.resize(groups.lenses().size());
    measure_group(groups, key, mine, ids, analysis);
  }
}

void compare_sources(const Groups& groups,
                     const std::pair<std::string, std::string>& names,
                     const std::vector<FigureId>& ids,
                     Analysis& analysis) {
  const auto& [first_name, second_name] = names;
  const Group& first = source_of(groups, first_name);
  const Group& second = source_of(groups, second_name);
  std::vector<std::pair<size_t, size_t>> shared;
  for (const auto& [problem, place] : first.problems) {
    const auto found = second.problems.find(problem);
    if (found != second.problems.end()) shared.emplace_back(place, found->second);
  }
  if (shared.empty()) {
    fail(ErrorKind::kData,
         "--compare: {} and {} have no problem in common, so nothing can be paired",
         first_name,
         second_name);
  }
  std::ranges::sort(shared);  // the order of a hash map would decide the draws
  Chosen chosen{{&first, {}}, {&second, {}}};
  for (const auto& [a, b] : shared) {
    chosen[0].second.push_back(a);
    chosen[1].second.push_back(b);
  }
  const auto differences_through = [&](size_t lens, int64_t num_draws) {
    Population population = population_of(groups, chosen, lens);
    return paired_differences(
        evaluator(groups, population), ids, shared.size(), num_draws, groups.config().seed);
  };
  const std::vector<Difference> found = differences_through(0, groups.config().bootstrap);
  std::vector<std::vector<std::optional<double>>> nulls;
  for (size_t lens = 1; lens < groups.lenses().size(); ++lens) {
    std::vector<std::optional<double>>& values = nulls.emplace_back();
    for (const Difference& d : differences_through(lens, 0)) values.push_back(d.value);
  }
  const std::string label = fmt::format("{} less {}", second_name, first_name);
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::optional<double>& value = found[i].value;
    if (!value) continue;
    analysis.differences.push_back({.measure = ids[i].measure,
                                    .item = ids[i].item,
                                    .group = label,
                                    .value = *value,
                                    .interval = found[i].interval,
                                    .n = found[i].n,
                                    .null = ids[i].of_grams ? null_of(nulls, i) : std::nullopt,
                                    .p = found[i].p,
                                    .is_gram = ids[i].is_gram});
  }
}

}  // namespace stratagram::analysis
