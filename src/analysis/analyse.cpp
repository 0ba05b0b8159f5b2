#include "analysis/analyse.h"

#include <fmt/ranges.h>

#include <numeric>
#include <set>
#include <utility>

#include "analysis/bootstrap.h"
#include "analysis/groups.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "grams/placebo.h"

namespace stratagram::analysis {
namespace {

constexpr size_t kMaxNgrams = size_t{2} << 20;
constexpr int64_t kMinChoices = 5;

std::vector<grams::Placebo> draw_nulls(const AnalysisInput& input, const AnalysisConfig& config) {
  if (config.nulls == 0) return {};
  const grams::Matcher matcher(input.catalogue);
  grams::PlaceboPool pool(
      matcher, {.max_ngrams = kMaxNgrams, .min_choices = kMinChoices, .skip_unmatched = true});
  text::SolutionOptions reading = input.reading;
  reading.tokens = false;
  text::SolutionReader reader(input.paths, reading);
  for (auto solution = reader.next(); solution; solution = reader.next()) {
    throw_if_interrupted("stopped; nothing was written, so run the command again");
    pool.add(solution->response);
  }
  if (pool.num_occurring() == 0) {
    spdlog::warn("no gram of {} occurs, so there is no null model", input.catalogue.name);
    return {};
  }
  const Stream stream({.seed = config.seed, .purpose = "null models"});
  std::vector<uint64_t> seeds;
  for (int64_t i = 0; i < config.nulls; ++i) {
    seeds.push_back(stream.bits(static_cast<uint64_t>(i)));
  }
  return pool.draw(seeds);
}

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

Evaluate evaluator(const Groups& groups, Population& population) {
  return [&](std::span<const int64_t> times) {
    return evaluate(population.sum(times), groups.lenses().catalogue(), groups.config());
  };
}

// From the values of each null, a list a null.
std::optional<NullRange> null_of(const std::vector<std::vector<std::optional<double>>>& nulls,
                                 size_t figure) {
  std::vector<double> values;
  for (const auto& null : nulls) {
    if (null[figure]) values.push_back(*null[figure]);
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

void measure_group(const Groups& groups,
                   const GroupKey& key,
                   const Group& group,
                   const std::vector<FigureId>& ids,
                   Analysis& analysis) {
  std::vector<size_t> places(group.problems.size());
  std::iota(places.begin(), places.end(), 0);
  const Chosen chosen{{&group, places}};
  const std::vector<int64_t> once(places.size(), 1);
  Population population = population_of(groups, chosen, 0);
  const Evaluate evaluate_times = evaluator(groups, population);
  const std::vector<Value> values = evaluate_times(once);
  const Stream stream({.seed = groups.config().seed,
                       .purpose = "analysis bootstrap",
                       .problem = hash_name(key.label())});
  const auto intervals =
      bootstrap_intervals(evaluate_times, ids, places.size(), groups.config().bootstrap, stream);
  std::vector<std::vector<std::optional<double>>> nulls;
  for (size_t lens = 1; lens < groups.lenses().size(); ++lens) {
    Population null = population_of(groups, chosen, lens);
    nulls.push_back(plain_values(evaluator(groups, null)(once)));
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!values[i].value) continue;
    analysis.figures.push_back({.measure = ids[i].measure,
                                .item = ids[i].item,
                                .group = key.label(),
                                .value = *values[i].value,
                                .interval = intervals[i],
                                .n = values[i].n,
                                .null = ids[i].of_grams ? null_of(nulls, i) : std::nullopt,
                                .is_gram = ids[i].is_gram});
  }
  int64_t responses = 0;
  for (const ProblemTally& tally : group.by_lens[0]) responses += tally.responses;
  analysis.groups.push_back({.label = key.label(),
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

void compare(const Groups& groups, const std::vector<FigureId>& ids, Analysis& analysis) {
  const auto& [first_name, second_name] = *groups.config().compare;
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
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!found[i].value) continue;
    analysis.differences.push_back({.measure = ids[i].measure,
                                    .item = ids[i].item,
                                    .group = second_name + " less " + first_name,
                                    .value = *found[i].value,
                                    .interval = found[i].interval,
                                    .n = found[i].n,
                                    .null = ids[i].of_grams ? null_of(nulls, i) : std::nullopt,
                                    .p = found[i].p,
                                    .is_gram = ids[i].is_gram});
  }
}

}  // namespace

Analysis analyse(const AnalysisInput& input,
                 const AnalysisConfig& config,
                 const std::function<void(int64_t)>& progress) {
  const std::vector<grams::Placebo> placebos = draw_nulls(input, config);
  const Lenses lenses(input.catalogue, placebos, config.follower_words);
  Groups groups(lenses, config);
  Analysis analysis;
  text::SolutionReader reader(input.paths, input.reading);
  for (auto solution = reader.next(); solution; solution = reader.next()) {
    throw_if_interrupted("stopped; nothing was written, so run the command again");
    groups.add(*solution, reader.file().filename().string());
    analysis.num_bytes += static_cast<int64_t>(solution->response.size());
    if (progress) progress(groups.num_responses());
  }
  if (groups.num_responses() == 0) {
    fail(ErrorKind::kData, "the files hold no response; name files of rollouts");
  }
  const std::vector<FigureId> ids = figure_ids(input.catalogue);
  for (const auto& [key, group] : groups.all()) {
    if (!key.for_comparison) measure_group(groups, key, group, ids, analysis);
  }
  if (config.compare) compare(groups, ids, analysis);
  return analysis;
}

}  // namespace stratagram::analysis
