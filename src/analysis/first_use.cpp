#include "analysis/first_use.h"

#include <map>
#include <string>
#include <utility>

#include "analysis/measures.h"
#include "core/interrupt.h"

namespace stratagram::analysis {
namespace {

constexpr double kDefinedShare = 0.95;

// The responses of a step that have each use, problem i taken times[i] times, or each once.
struct StepUses {
  int64_t responses = 0;
  std::vector<int64_t> uses;
};

StepUses uses_of(const StepTallies& step, size_t num_uses, std::span<const int64_t> times) {
  StepUses sums{.responses = 0, .uses = std::vector<int64_t>(num_uses, 0)};
  for (size_t i = 0; i < step.problems.size(); ++i) {
    const int64_t taken = times.empty() ? 1 : times[i];
    if (taken == 0) continue;
    sums.responses += taken * step.problems[i].responses;
    for (const auto& [use, tally] : step.problems[i].uses) {
      sums.uses[static_cast<size_t>(use)] += taken * tally.responses;
    }
  }
  return sums;
}

// The index of the step at which `use` takes hold.
std::optional<size_t> takes_hold(const std::vector<StepUses>& steps,
                                 size_t use,
                                 const AnalysisConfig& config) {
  int64_t in_a_row = 0;
  for (size_t s = 0; s < steps.size(); ++s) {
    const auto wanted = config.hold_share * static_cast<double>(steps[s].responses);
    const int64_t found = steps[s].uses[use];
    in_a_row = found > 0 && static_cast<double>(found) >= wanted ? in_a_row + 1 : 0;
    if (in_a_row == config.hold_steps) return s + 1 - static_cast<size_t>(in_a_row);
  }
  return std::nullopt;
}

// One draw: problems with replacement, in each step for itself.
std::vector<StepUses> drawn_uses(std::span<const StepTallies> steps,
                                 size_t num_uses,
                                 const Stream& stream,
                                 uint64_t& position) {
  std::vector<StepUses> drawn;
  drawn.reserve(steps.size());
  for (const StepTallies& step : steps) {
    std::vector<int64_t> times(step.problems.size(), 0);
    for (size_t i = 0; i < times.size(); ++i) ++times[stream.below(times.size(), position++)];
    drawn.push_back(uses_of(step, num_uses, times));
  }
  return drawn;
}

void add_intervals(std::span<const StepTallies> steps,
                   const AnalysisConfig& config,
                   const Stream& stream,
                   std::vector<FirstUse>& found) {
  std::vector<std::vector<double>> draws(found.size());
  uint64_t position = 0;
  for (int64_t draw = 0; draw < config.bootstrap; ++draw) {
    throw_if_interrupted("stopped; nothing was written, so run the command again");
    const std::vector<StepUses> drawn = drawn_uses(steps, found.size(), stream, position);
    for (size_t use = 0; use < found.size(); ++use) {
      if (!found[use].takes_hold) continue;
      const auto at = takes_hold(drawn, use, config);
      if (at) draws[use].push_back(static_cast<double>(steps[*at].step));
    }
  }
  const double wanted = kDefinedShare * static_cast<double>(config.bootstrap);
  for (size_t use = 0; use < found.size(); ++use) {
    if (static_cast<double>(draws[use].size()) < wanted) continue;
    found[use].interval = metrics::central_interval(std::move(draws[use]));
  }
}

}  // namespace

std::vector<FirstUse> first_uses(std::span<const StepTallies> steps,
                                 size_t num_uses,
                                 const AnalysisConfig& config,
                                 const Stream& stream) {
  std::vector<StepUses> observed;
  observed.reserve(steps.size());
  for (const StepTallies& step : steps) observed.push_back(uses_of(step, num_uses, {}));
  std::vector<FirstUse> found(num_uses);
  for (size_t use = 0; use < num_uses; ++use) {
    for (size_t s = 0; s < steps.size(); ++s) {
      if (observed[s].uses[use] == 0) continue;
      if (!found[use].first) found[use].first = steps[s].step;
      found[use].responses += observed[s].uses[use];
    }
    if (const auto at = takes_hold(observed, use, config)) found[use].takes_hold = steps[*at].step;
  }
  if (config.bootstrap >= 2) add_intervals(steps, config, stream, found);
  return found;
}

void add_first_uses(const Groups& groups, Analysis& analysis) {
  std::map<std::string, std::vector<StepTallies>> sources;
  for (const auto& [key, group] : groups.all()) {
    if (key.for_comparison || !key.step) continue;
    sources[key.source].push_back({.step = *key.step, .problems = group.by_lens[0]});
  }
  const grams::Catalogue& catalogue = groups.lenses().catalogue();
  const size_t num = num_uses(catalogue.grams.size());
  for (const auto& [source, steps] : sources) {
    const Stream stream(
        {.seed = groups.config().seed, .purpose = "first use", .problem = hash_name(source)});
    const std::vector<FirstUse> found = first_uses(steps, num, groups.config(), stream);
    for (size_t use = 0; use < num; ++use) {
      const FirstUse& mine = found[use];
      if (!mine.first) continue;
      Figure figure{.measure = "aha/first_use",
                    .item = use_name(catalogue, use),
                    .group = source,
                    .value = static_cast<double>(*mine.first),
                    .n = mine.responses,
                    .is_gram = use < catalogue.grams.size()};
      analysis.first_uses.push_back(figure);
      if (!mine.takes_hold) continue;
      figure.measure = "aha/takes_hold";
      figure.value = static_cast<double>(*mine.takes_hold);
      figure.interval = mine.interval;
      analysis.first_uses.push_back(std::move(figure));
    }
  }
}

}  // namespace stratagram::analysis
