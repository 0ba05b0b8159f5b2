#include "grams/quality.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "core/stream.h"

namespace stratagram::grams {
namespace {

struct Judged {
  double weight = 0;
  bool strategic = false;
  bool called = false;
};

// Weights by label and call.
struct Table {
  double both = 0;
  double only_called = 0;
  double only_strategic = 0;
  double neither = 0;

  void add(const Judged& judged) {
    (judged.strategic ? (judged.called ? both : only_strategic)
                      : (judged.called ? only_called : neither)) += judged.weight;
  }
};

std::optional<double> precision_of(const Table& table) {
  const double called = table.both + table.only_called;
  return called > 0 ? std::optional(table.both / called) : std::nullopt;
}

std::optional<double> recall_of(const Table& table) {
  const double strategic = table.both + table.only_strategic;
  return strategic > 0 ? std::optional(table.both / strategic) : std::nullopt;
}

std::optional<double> kappa_of(const Table& table) {
  const double all = table.both + table.only_called + table.only_strategic + table.neither;
  if (all == 0) return std::nullopt;
  const double called = (table.both + table.only_called) / all;
  const double strategic = (table.both + table.only_strategic) / all;
  const double by_chance = called * strategic + (1 - called) * (1 - strategic);
  if (by_chance >= 1) return std::nullopt;
  return ((table.both + table.neither) / all - by_chance) / (1 - by_chance);
}

std::optional<QualityFigure> figure_of(const Table& table,
                                       const std::vector<Table>& draws,
                                       std::optional<double> (*measure)(const Table&)) {
  const std::optional<double> value = measure(table);
  if (!value) return std::nullopt;
  std::vector<double> drawn;
  for (const Table& draw : draws) {
    if (const auto one = measure(draw)) drawn.push_back(*one);
  }
  if (drawn.empty()) return QualityFigure{.value = *value, .low = *value, .high = *value};
  std::ranges::sort(drawn);
  const auto at = [&](double share) {
    return drawn[static_cast<size_t>(std::lround(share * static_cast<double>(drawn.size() - 1)))];
  };
  return QualityFigure{.value = *value, .low = at(0.025), .high = at(0.975)};
}

}  // namespace

Quality quality_of(const std::vector<Label>& labels,
                   const std::function<bool(const std::string&)>& called,
                   int64_t num_draws,
                   uint64_t seed) {
  Quality quality{.num_labels = static_cast<int64_t>(labels.size())};
  std::map<double, std::vector<Judged>> strata;
  Table table;
  for (const Label& label : labels) {
    const Judged judged{
        .weight = label.weight, .strategic = label.strategic, .called = called(label.text)};
    quality.num_strategic += judged.strategic ? 1 : 0;
    quality.num_called += judged.called ? 1 : 0;
    table.add(judged);
    strata[label.weight].push_back(judged);
  }

  std::vector<Table> draws(static_cast<size_t>(num_draws));
  for (size_t draw = 0; draw < draws.size(); ++draw) {
    const Stream stream({.seed = seed, .purpose = "quality", .step = draw});
    uint64_t position = 0;
    for (const auto& [weight, members] : strata) {
      for (size_t i = 0; i < members.size(); ++i) {
        draws[draw].add(members[stream.below(members.size(), position++)]);
      }
    }
  }
  quality.precision = figure_of(table, draws, precision_of);
  quality.recall = figure_of(table, draws, recall_of);
  quality.kappa = figure_of(table, draws, kappa_of);
  return quality;
}

}  // namespace stratagram::grams
