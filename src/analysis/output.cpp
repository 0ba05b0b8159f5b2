#include "analysis/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

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

std::string text_line(const Figure& f) {
  const std::string name = f.item.empty() ? f.measure : f.measure + "  " + f.item;
  std::string line = fmt::format("  {:<46} {:>10.4g}", name, f.value);
  line += f.interval ? fmt::format("  {:>10.4g} to {:<10.4g}", f.interval->low, f.interval->high)
                     : std::string(26, ' ');
  line += fmt::format(" {:>8}", f.n);
  if (f.null) {
    line += fmt::format(
        "  {:.4g} ({:.4g} to {:.4g})", f.null->mean, f.null->range.low, f.null->range.high);
  }
  if (f.p) line += fmt::format("  p = {:.4f}", *f.p);
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

// The grams that most responses of the group use.
std::set<std::string> frequent_grams(std::vector<Figure> figures, size_t max_grams) {
  std::erase_if(figures, [](const Figure& f) { return !f.is_gram || f.measure != "use/share"; });
  std::ranges::stable_sort(figures, std::ranges::greater{}, &Figure::value);
  figures.resize(std::min(figures.size(), max_grams));
  std::set<std::string> names;
  for (const Figure& figure : figures) names.insert(figure.item);
  return names;
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
  ordered_json figures = ordered_json::array();
  for (const Figure& figure : analysis.figures) figures.push_back(to_json(figure));
  ordered_json differences = ordered_json::array();
  for (const Figure& figure : analysis.differences) differences.push_back(to_json(figure));
  return {{"format", 1},
          {"catalogue", {{"name", catalogue.name}, {"digest", catalogue.digest()}}},
          {"seed", config.seed},
          {"nulls", config.nulls},
          {"bootstrap", config.bootstrap},
          {"rarefied_draws", config.rarefied_draws},
          {"groups", std::move(groups)},
          {"figures", std::move(figures)},
          {"differences", std::move(differences)}};
}

std::string to_csv(const Analysis& analysis) {
  std::string text = "measure,item,group,value,low,high,n,null_mean,null_low,null_high,p\n";
  for (const Figure& figure : analysis.figures) text += csv_line(figure);
  for (const Figure& figure : analysis.differences) text += csv_line(figure);
  return text;
}

std::string to_text(const Analysis& analysis, size_t max_grams) {
  std::string text;
  const std::string head = fmt::format("  {:<46} {:>10}  {:<24} {:>8}  {}\n",
                                       "measure",
                                       "value",
                                       "95 % interval",
                                       "n",
                                       "random grams (95 %)");
  for (const GroupFacts& group : analysis.groups) {
    text += fmt::format("{}: {} responses to {} problems\n{}",
                        group.label,
                        group.num_responses,
                        group.num_problems,
                        head);
    std::vector<Figure> figures;
    for (const Figure& f : analysis.figures) {
      if (f.group == group.label) figures.push_back(f);
    }
    const std::set<std::string> shown = frequent_grams(figures, max_grams);
    for (const Figure& f : figures) {
      if (!f.is_gram || shown.contains(f.item)) text += text_line(f);
    }
  }
  if (!analysis.differences.empty()) {
    text += analysis.differences.front().group + ", paired by problem\n" + head;
    for (const Figure& f : analysis.differences) {
      if (!f.is_gram) text += text_line(f);
    }
  }
  return text;
}

}  // namespace stratagram::analysis
