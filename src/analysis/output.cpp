#include "analysis/output.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analysis/measures.h"
#include "core/jsonl.h"

namespace stratagram::analysis {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const Figure& figure) {
  ordered_json row = {{"measure", figure.measure}};
  if (!figure.item.empty()) row["item"] = figure.item;
  row["group"] = figure.group;
  row["value"] = round_significant(figure.value);
  if (figure.interval) {
    row["interval_95"] = {round_significant(figure.interval->low),
                          round_significant(figure.interval->high)};
  }
  row["n"] = figure.n;
  if (figure.null) {
    row["null"] = {{"mean", round_significant(figure.null->mean)},
                   {"low", round_significant(figure.null->range.low)},
                   {"high", round_significant(figure.null->range.high)}};
  }
  if (figure.p) row["p"] = round_significant(*figure.p);
  return row;
}

// RFC 4180: quotes around what holds a comma, a quote or a line break.
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c;
    if (c == '"') quoted += '"';
  }
  return quoted + "\"";
}

std::string number(double value) {
  return fmt::format("{:.6g}", value);
}

std::string csv_line(const Figure& f) {
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n",
                     cell(f.measure),
                     cell(f.item),
                     cell(f.group),
                     number(f.value),
                     f.interval ? number(f.interval->low) : "",
                     f.interval ? number(f.interval->high) : "",
                     f.n,
                     f.null ? number(f.null->mean) : "",
                     f.null ? number(f.null->range.low) : "",
                     f.null ? number(f.null->range.high) : "",
                     f.p ? number(*f.p) : "");
}

}  // namespace

ordered_json to_json(const Analysis& analysis,
                     const grams::Catalogue& catalogue,
                     const AnalysisConfig& config) {
  ordered_json groups = ordered_json::array();
  for (const GroupFacts& group : analysis.groups) {
    groups.push_back({{"group", group.label},
                      {"problems", group.num_problems},
                      {"responses", group.num_responses}});
  }
  ordered_json measures = ordered_json::object();
  for (const MeasureDoc& doc : measure_docs()) {
    measures[doc.name] = {{"unit", doc.unit}, {"meaning", doc.meaning}};
  }
  ordered_json figures = ordered_json::array();
  for (const Figure& figure : analysis.figures) figures.push_back(to_json(figure));
  ordered_json first_uses = ordered_json::array();
  for (const Figure& figure : analysis.first_uses) first_uses.push_back(to_json(figure));
  ordered_json differences = ordered_json::array();
  for (const Figure& figure : analysis.differences) differences.push_back(to_json(figure));
  return {{"format", 1},
          {"catalogue", {{"name", catalogue.name}, {"digest", catalogue.digest()}}},
          {"seed", config.seed},
          {"nulls", config.nulls},
          {"bootstrap", config.bootstrap},
          {"rarefied_draws", config.rarefied_draws},
          {"follower_words", config.follower_words},
          {"fork_share", config.fork_share},
          {"hold_share", config.hold_share},
          {"hold_steps", config.hold_steps},
          {"measures", std::move(measures)},
          {"groups", std::move(groups)},
          {"figures", std::move(figures)},
          {"first_uses", std::move(first_uses)},
          {"differences", std::move(differences)}};
}

std::string to_csv(const Analysis& analysis) {
  std::string text = "measure,item,group,value,low,high,n,null_mean,null_low,null_high,p\n";
  for (const Figure& figure : analysis.figures) text += csv_line(figure);
  for (const Figure& figure : analysis.first_uses) text += csv_line(figure);
  for (const Figure& figure : analysis.differences) text += csv_line(figure);
  return text;
}

}  // namespace stratagram::analysis
