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
  const char* better = "";  ///< a measure that says the same better, and takes the place
};
constexpr std::array<Column, 12> kColumns{{
    {"accuracy/mean", "accuracy", ""},
    {"length/words", "length", "words"},
    {"planning/word_share", "planning", "words", "planning/share"},
    {"planning/share", "planning", "tokens"},
    {"semantic_entropy/plain", "semantic", "plain", "semantic_entropy/rarefied"},
    {"semantic_entropy/rarefied", "semantic", "rarefied"},
    {"conditional_entropy/plain", "condit.", "plain", "conditional_entropy/rarefied"},
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

using StepValues = std::map<std::string, std::map<int64_t, double>>;  ///< by measure, then step

StepValues values_of(const Analysis& analysis, const std::string& source) {
  std::map<std::string, int64_t> steps;  ///< by label
  for (const GroupFacts& group : analysis.groups) {
    if (group.source == source && group.step) steps[group.label] = *group.step;
  }
  StepValues values;
  for (const Figure& f : analysis.figures) {
    const auto step = steps.find(f.group);
    if (f.item.empty() && step != steps.end()) values[f.measure][step->second] = f.value;
  }
  return values;
}

// A line a step of one source, a column a measure that any of its steps has.
std::string step_table(const Analysis& analysis, const std::string& source) {
  const StepValues values = values_of(analysis, source);
  std::string head = fmt::format("  {:>6} {:>9}", "step", "responses");
  std::string subhead = fmt::format("  {:>6} {:>9}", "", "");
  std::vector<const Column*> shown;
  for (const Column& column : kColumns) {
    if (!values.contains(column.measure) || values.contains(column.better)) continue;
    shown.push_back(&column);
    head += fmt::format(" {:>9}", column.head);
    subhead += fmt::format(" {:>9}", column.subhead);
  }
  subhead.erase(subhead.find_last_not_of(' ') + 1);
  std::string text = fmt::format("{}\n{}\n{}\n", source, head, subhead);
  for (const GroupFacts& group : analysis.groups) {
    if (group.source != source || !group.step) continue;
    const int64_t step = *group.step;
    text += fmt::format("  {:>6} {:>9}", step, group.num_responses);
    for (const Column* column : shown) {
      const auto& by_step = values.at(column->measure);
      const auto found = by_step.find(step);
      text += found == by_step.end() ? fmt::format(" {:>9}", "-")
                                     : fmt::format(" {:>9.4g}", found->second);
    }
    text += '\n';
  }
  return text;
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
