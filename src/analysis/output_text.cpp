// Tables for a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "analysis/output.h"

namespace stratagram::analysis {
namespace {

// The measures that a table by step has, with their headings.
struct Column {
  const char* measure;
  const char* head;
  const char* subhead;
};
constexpr std::array<Column, 12> kColumns{{
    {"accuracy/mean", "accuracy", ""},
    {"length/words", "length", "words"},
    {"planning/word_share", "planning", "words"},
    {"planning/share", "planning", "tokens"},
    {"semantic_entropy/plain", "semantic", "plain"},
    {"semantic_entropy/rarefied", "semantic", "rarefied"},
    {"conditional_entropy/plain", "condit.", "plain"},
    {"conditional_entropy/rarefied", "condit.", "rarefied"},
    {"entropy/planning", "entropy", "planning"},
    {"entropy/execution", "entropy", "execut."},
    {"relative_ppl/planning", "rel. ppl", "planning"},
    {"relative_ppl/execution", "rel. ppl", "execut."},
}};

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

std::string table_head() {
  return fmt::format("  {:<46} {:>10}  {:<24} {:>8}  {}\n",
                     "measure",
                     "value",
                     "95 % interval",
                     "n",
                     "random grams (95 %)");
}

std::string group_block(const Analysis& analysis, const GroupFacts& group, size_t max_grams) {
  std::string text = fmt::format(
      "{}: {} responses to {} problems\n", group.label, group.num_responses, group.num_problems);
  text += table_head();
  std::vector<Figure> figures;
  for (const Figure& f : analysis.figures) {
    if (f.group == group.label) figures.push_back(f);
  }
  const std::set<std::string> shown = frequent_grams(figures, max_grams);
  for (const Figure& f : figures) {
    if (!f.is_gram || shown.contains(f.item)) text += text_line(f);
  }
  return text;
}

// A line a step of one source, a column a measure that any of its steps has.
std::string step_table(const Analysis& analysis, const std::string& source) {
  std::map<std::string, std::map<std::string, double>> values;  ///< by measure, then by group
  for (const Figure& f : analysis.figures) {
    if (f.item.empty()) values[f.measure][f.group] = f.value;
  }
  std::string head;
  std::string subhead;
  std::string lines;
  for (const GroupFacts& group : analysis.groups) {
    if (group.source != source || !group.step) continue;
    lines += fmt::format("  {:>6} {:>9}", *group.step, group.num_responses);
    head.clear();
    subhead.clear();
    for (const Column& column : kColumns) {
      const auto& of_measure = values[column.measure];
      const bool any = std::ranges::any_of(analysis.groups, [&](const GroupFacts& other) {
        return other.source == source && other.step && of_measure.contains(other.label);
      });
      if (!any) continue;
      const auto found = of_measure.find(group.label);
      head += fmt::format(" {:>9}", column.head);
      subhead += fmt::format(" {:>9}", column.subhead);
      lines += found == of_measure.end() ? fmt::format(" {:>9}", "-")
                                         : fmt::format(" {:>9.4g}", found->second);
    }
    lines += "\n";
  }
  return fmt::format("{}\n  {:>6} {:>9}{}\n  {:>6} {:>9}{}\n{}",
                     source,
                     "step",
                     "responses",
                     head,
                     "",
                     "",
                     subhead,
                     lines);
}

// In the order of the steps at which they take hold; what never does is left out.
std::string first_use_table(const Analysis& analysis, const std::string& source) {
  std::vector<Figure> held;
  std::map<std::string, double> first;
  for (const Figure& f : analysis.first_uses) {
    if (f.group != source) continue;
    if (f.measure == "aha/first_use") first[f.item] = f.value;
    if (f.measure == "aha/takes_hold") held.push_back(f);
  }
  if (held.empty()) return "";
  std::ranges::stable_sort(held, {}, &Figure::value);
  std::string text = fmt::format("  {:<46} {:>10} {:>10}  {:<18} {:>9}\n",
                                 "takes hold",
                                 "first use",
                                 "takes hold",
                                 "95 % interval",
                                 "responses");
  for (const Figure& f : held) {
    const std::string interval =
        f.interval ? fmt::format("{:.4g} to {:.4g}", f.interval->low, f.interval->high) : "";
    text += fmt::format(
        "  {:<46} {:>10} {:>10}  {:<18} {:>9}\n", f.item, first[f.item], f.value, interval, f.n);
  }
  return text;
}

}  // namespace

std::string to_text(const Analysis& analysis, size_t max_grams) {
  std::string text;
  std::set<std::string> tabled;  ///< sources
  for (const GroupFacts& group : analysis.groups) {
    if (!group.step) {
      text += group_block(analysis, group, max_grams);
    } else if (tabled.insert(group.source).second) {
      text += step_table(analysis, group.source);
      text += first_use_table(analysis, group.source);
    }
  }
  if (!analysis.differences.empty()) {
    text += analysis.differences.front().group + ", paired by problem\n" + table_head();
    for (const Figure& f : analysis.differences) {
      if (!f.is_gram) text += text_line(f);
    }
  }
  return text;
}

}  // namespace stratagram::analysis
