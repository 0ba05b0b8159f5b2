// analysis/figures.h -- from tallies to figures: those of each group with interval and null model,
// and the paired differences of two sources.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "analysis/analyse.h"
#include "analysis/groups.h"
#include "analysis/measures.h"

namespace stratagram::analysis {

/// Adds groups and figures. Relative perplexities are those of a step over those of the first step
/// of its source that has such tokens.
void measure_groups(const Groups& groups, const std::vector<FigureId>& ids, Analysis& analysis);

/// Adds the differences of two sources, which are those that `compare` of the configuration names.
/// Throws Error(kData) when one of them is absent, and when they share no problem.
void compare_sources(const Groups& groups,
                     const std::pair<std::string, std::string>& names,
                     const std::vector<FigureId>& ids,
                     Analysis& analysis);

}  // namespace stratagram::analysis
