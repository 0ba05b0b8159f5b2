#include "analysis/measures.h"

#include <fmt/format.h>

#include <map>
#include <numeric>

#include "analysis/measure_table.h"
#include "metrics/fork_histogram.h"

namespace stratagram::analysis {
namespace {

Context context_of(const Aggregate& a,
                   const grams::Catalogue& catalogue,
                   const AnalysisConfig& config,
                   const Baseline& baseline) {
  Context c{.a = a,
            .catalogue = catalogue,
            .config = config,
            .baseline = baseline,
            .roles = std::vector<int64_t>(kNumRoles, 0)};
  std::map<int64_t, int64_t> clusters;
  for (size_t i = 0; i < catalogue.grams.size(); ++i) {
    c.occurrences += a.grams[i];
    c.roles[static_cast<size_t>(catalogue.grams[i].role)] += a.grams[i];
    if (catalogue.grams[i].cluster >= 0) clusters[catalogue.grams[i].cluster] += a.grams[i];
  }
  for (const auto& [cluster, count] : clusters) c.clusters.push_back(count);
  c.followed = std::accumulate(a.pairs.begin(), a.pairs.end(), int64_t{0});
  if (!a.entropy_bins.empty()) {
    c.forks = metrics::fork_shares(a.entropy_bins, a.planning_bins, config.fork_share);
  }
  return c;
}

size_t num_items(Items items, size_t num_grams) {
  switch (items) {
    case Items::kOne:
      return 1;
    case Items::kRole:
      return kNumRoles;
    case Items::kRolePair:
      return kNumRoles * kNumRoles;
    case Items::kTenth:
      return kNumTenths;
    case Items::kUse:
      break;
  }
  return num_uses(num_grams);
}

std::string role_at(size_t role) {
  return grams::role_name(static_cast<grams::Role>(role));
}

std::string item_name(Items items, size_t item, const grams::Catalogue& catalogue) {
  switch (items) {
    case Items::kOne:
      return "";
    case Items::kRole:
      return role_at(item);
    case Items::kRolePair:
      return fmt::format("{} > {}", role_at(item / kNumRoles), role_at(item % kNumRoles));
    case Items::kTenth:
      return fmt::format("{:.1f}", static_cast<double>(item) / kNumTenths);
    case Items::kUse:
      break;
  }
  return use_name(catalogue, item);
}

}  // namespace

std::string use_name(const grams::Catalogue& catalogue, size_t use) {
  if (use < catalogue.grams.size()) return catalogue.grams[use].text;
  const size_t role = use - catalogue.grams.size();
  return role < kNumRoles ? fmt::format("<{}>", role_at(role)) : "<any>";
}

std::vector<MeasureDoc> measure_docs() {
  std::vector<MeasureDoc> docs;
  for (const Measure& measure : measures()) docs.push_back(measure.doc);
  docs.push_back({"aha/first_use", "1", "first step with a response that uses it"});
  docs.push_back({"aha/takes_hold", "1", "step from which on enough responses use it"});
  return docs;
}

std::vector<FigureId> figure_ids(const grams::Catalogue& catalogue) {
  std::vector<FigureId> ids;
  for (const Measure& measure : measures()) {
    for (size_t i = 0; i < num_items(measure.items, catalogue.grams.size()); ++i) {
      ids.push_back({.measure = measure.doc.name,
                     .item = item_name(measure.items, i, catalogue),
                     .is_count = measure.is_count,
                     .recentred = measure.recentred,
                     .is_gram = measure.items == Items::kUse && i < catalogue.grams.size(),
                     .of_grams = measure.of_grams});
    }
  }
  return ids;
}

std::vector<Value> evaluate(const Aggregate& sums,
                            const grams::Catalogue& catalogue,
                            const AnalysisConfig& config,
                            const Baseline& baseline) {
  const Context context = context_of(sums, catalogue, config, baseline);
  std::vector<Value> values;
  for (const Measure& measure : measures()) {
    for (size_t i = 0; i < num_items(measure.items, catalogue.grams.size()); ++i) {
      values.push_back(measure.value(context, i));
    }
  }
  return values;
}

}  // namespace stratagram::analysis
