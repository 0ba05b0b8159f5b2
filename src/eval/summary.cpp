#include "eval/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/jsonl.h"
#include "core/records.h"
#include "core/stream.h"

namespace stratagram::eval {
namespace {

using nlohmann::json;

struct Judged {
  bool is_correct = false;
  bool is_truncated = false;
  bool is_unparseable = false;
  double length = 0;
  std::optional<std::string> predicted{};
  std::string kind{};
  std::map<std::string, std::string> groups{};
};

Judged judged_of(const std::string& line) {
  const std::string where = "a sample";
  const json row = parse_json_object(line, where);
  const auto verdict = field_of<std::string>(row, "verdict", where);
  Judged judged{
      .is_correct = verdict == verdict_name(Verdict::kCorrect),
      .is_truncated = field_of<std::string>(row, "finish", where) == finish_name(Finish::kLength),
      .is_unparseable = verdict == verdict_name(Verdict::kUnparseable),
      .length = static_cast<double>(field_of<int64_t>(row, "length", where)),
      .predicted = optional_field_of<std::string>(row, "predicted", where),
      .kind = optional_field_of<std::string>(row, "kind", where).value_or("math")};
  const json groups = row.value("groups", json::object());
  for (const auto& [name, unused] : groups.items()) {
    judged.groups[name] = field_of<std::string>(groups, name, where);
  }
  return judged;
}

double share(const std::vector<Judged>& samples, bool Judged::* what) {
  const auto count =
      std::ranges::count_if(samples, [&](const Judged& judged) { return judged.*what; });
  return static_cast<double>(count) / static_cast<double>(samples.size());
}

bool equal_but_for_blanks(const std::string& a, const std::string& b) {
  const auto without = [](std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
    return text;
  };
  return without(a) == without(b);
}

// An answer is right when its first sample is.
Ballot ballot_of(const std::vector<Judged>& samples, const SameAnswer& same) {
  std::vector<std::optional<std::string>> answers;
  answers.reserve(samples.size());
  for (const Judged& judged : samples) answers.push_back(judged.predicted);
  Ballot ballot;
  ballot.votes = cluster_answers(
      answers, samples.front().kind == "math" ? same : SameAnswer(equal_but_for_blanks));
  for (size_t i = 0; i < samples.size(); ++i) {
    if (!ballot.votes[i]) continue;
    const bool is_first = *ballot.votes[i] == static_cast<int64_t>(ballot.is_right.size());
    if (is_first) ballot.is_right.push_back(samples[i].is_correct);
  }
  return ballot;
}

// One value of each problem for each figure.
struct Columns {
  std::map<int64_t, std::vector<double>> pass{};
  std::map<int64_t, std::vector<double>> majority{};
  std::vector<double> truncated{};
  std::vector<double> unparseable{};
  std::vector<double> length{};
  std::map<std::pair<std::string, std::string>, std::vector<double>> groups{};
};

std::vector<int64_t> ks_of(int64_t num_samples) {
  std::vector<int64_t> ks;
  for (int64_t k = 1; k < num_samples; k *= 2) ks.push_back(k);
  ks.push_back(num_samples);
  return ks;
}

void add_problem(const std::vector<Judged>& samples, const SameAnswer& same, Columns& columns) {
  const auto n = static_cast<int64_t>(samples.size());
  const double accuracy = share(samples, &Judged::is_correct);
  const int64_t num_correct = std::ranges::count_if(samples, &Judged::is_correct);
  const Ballot ballot = ballot_of(samples, same);
  for (const int64_t k : ks_of(n)) {
    columns.pass[k].push_back(metrics::pass_at_k(n, num_correct, k));
    if (k > 1) columns.majority[k].push_back(majority_at_k(ballot, k));
  }
  columns.truncated.push_back(share(samples, &Judged::is_truncated));
  columns.unparseable.push_back(share(samples, &Judged::is_unparseable));
  double tokens = 0;
  for (const Judged& judged : samples) tokens += judged.length;
  columns.length.push_back(tokens / static_cast<double>(n));
  for (const auto& group : samples.front().groups) columns.groups[group].push_back(accuracy);
}

Estimate estimate_of(std::span<const double> values, const StreamKey& key) {
  return {.mean = metrics::mean(values).value_or(0),
          .standard_error = metrics::standard_error(values),
          .interval = metrics::bootstrap_interval(values, Stream(key))};
}

json to_json(const Estimate& value) {
  json entry = {{"mean", value.mean}};
  if (value.standard_error) entry["standard_error"] = *value.standard_error;
  if (value.interval) entry["interval_95"] = {value.interval->low, value.interval->high};
  return entry;
}

std::string uncertainty(const Estimate& value, double scale, int digits) {
  if (!value.interval) return "";
  return fmt::format("  95 % interval {:.{}f} to {:.{}f}  standard error {:.{}f}",
                     scale * value.interval->low,
                     digits,
                     scale * value.interval->high,
                     digits,
                     scale * value.standard_error.value_or(0),
                     digits);
}

std::string percent_line(const std::string& label, const Estimate& value) {
  constexpr double kPercent = 100;
  return fmt::format(
      "  {:<14}{:6.2f} %{}\n", label, kPercent * value.mean, uncertainty(value, kPercent, 2));
}

std::string group_lines(const Summary& summary) {
  size_t width = 0;
  for (const GroupRow& row : summary.groups) width = std::max(width, row.value.size());
  std::string text;
  std::string group;
  for (const GroupRow& row : summary.groups) {
    if (row.group != group) text += fmt::format("  pass@1 by {}\n", row.group);
    group = row.group;
    text += fmt::format("    {:<{}}  {:4} problems  {:6.2f} %{}\n",
                        row.value,
                        width,
                        row.num_problems,
                        100 * row.pass_at_1.mean,
                        uncertainty(row.pass_at_1, 100, 2));
  }
  return text;
}

}  // namespace

Estimate estimate(std::span<const double> values, uint64_t seed, int64_t k) {
  return estimate_of(values,
                     {.seed = seed, .purpose = "eval bootstrap", .step = static_cast<uint64_t>(k)});
}

Summary summarise(const SampleRows& rows, uint64_t seed, const SameAnswer& same) {
  STRATAGRAM_CHECK(rows.num_wanted() > 0 && rows.num_done() == rows.num_wanted(),
                   "summarise: {} of {} samples are there",
                   rows.num_done(),
                   rows.num_wanted());
  Columns columns;
  for (int64_t problem = 0; problem < rows.num_problems(); ++problem) {
    std::vector<Judged> samples;
    for (int64_t sample = 0; sample < rows.num_samples(); ++sample) {
      samples.push_back(judged_of(rows.line(problem, sample)));
    }
    add_problem(samples, same, columns);
  }
  Summary summary{.num_problems = rows.num_problems(), .num_samples = rows.num_samples()};
  for (const auto& [k, values] : columns.pass) summary.pass_at[k] = estimate(values, seed, k);
  const auto of = [&](const std::vector<double>& values, const char* purpose, int64_t k) {
    return estimate_of(values,
                       {.seed = seed, .purpose = purpose, .step = static_cast<uint64_t>(k)});
  };
  for (const auto& [k, values] : columns.majority) {
    summary.majority_at[k] = of(values, "eval bootstrap of majorities", k);
  }
  summary.truncated = of(columns.truncated, "eval bootstrap of truncated", 1);
  summary.unparseable = of(columns.unparseable, "eval bootstrap of unparseable", 1);
  summary.length = of(columns.length, "eval bootstrap of length", 1);
  for (const auto& [key, values] : columns.groups) {
    summary.groups.push_back(
        {.group = key.first,
         .value = key.second,
         .num_problems = static_cast<int64_t>(values.size()),
         .pass_at_1 = estimate_of(values,
                                  {.seed = seed,
                                   .purpose = "eval bootstrap of groups",
                                   .problem = hash_name(key.first + "/" + key.second)})});
  }
  return summary;
}

json to_json(const Summary& summary) {
  const auto by_k = [](const std::map<int64_t, Estimate>& values) {
    json entries = json::object();
    for (const auto& [k, value] : values) entries[std::to_string(k)] = to_json(value);
    return entries;
  };
  json result = {{"num_problems", summary.num_problems},
                 {"num_samples", summary.num_samples},
                 {"pass_at", by_k(summary.pass_at)},
                 {"maj_at", by_k(summary.majority_at)},
                 {"truncated_share", to_json(summary.truncated)},
                 {"unparseable_share", to_json(summary.unparseable)},
                 {"mean_length", to_json(summary.length)},
                 {"groups", json::array()}};
  for (const GroupRow& row : summary.groups) {
    result["groups"].push_back({{"group", row.group},
                                {"value", row.value},
                                {"num_problems", row.num_problems},
                                {"pass_at_1", to_json(row.pass_at_1)}});
  }
  return result;
}

std::string to_text(const Summary& summary, const std::string& title) {
  std::string text = fmt::format(
      "{}: {} problems x {} samples\n", title, summary.num_problems, summary.num_samples);
  for (const auto& [k, value] : summary.pass_at) {
    text += percent_line(fmt::format("pass@{}", k), value);
  }
  for (const auto& [k, value] : summary.majority_at) {
    text += percent_line(fmt::format("maj@{}", k), value);
  }
  text += percent_line("truncated", summary.truncated);
  text += percent_line("without answer", summary.unparseable);
  text += fmt::format("  {:<14}{:6.1f} tokens{}\n",
                      "length",
                      summary.length.mean,
                      uncertainty(summary.length, 1, 1));
  return text + group_lines(summary);
}

std::string overview(const std::vector<std::pair<std::string, Summary>>& summaries) {
  size_t width = std::string("benchmark").size();
  for (const auto& [name, summary] : summaries) width = std::max(width, name.size());
  std::string text = fmt::format(
      "{:<{}}  problems  samples  pass@1  std.err.  95 % interval    maj@n"
      "  truncated  no answer   length\n",
      "benchmark",
      width);
  double sum = 0;
  double squares = 0;
  for (const auto& [name, summary] : summaries) {
    const Estimate& pass = summary.pass_at.at(1);
    const double error = pass.standard_error.value_or(0);
    sum += pass.mean;
    squares += error * error;
    const auto majority = summary.majority_at.find(summary.num_samples);
    text += fmt::format(
        "{:<{}}  {:8}  {:7}  {:6.2f}  {:8.2f}  {:<13}  {:>6}  {:9.2f}  {:9.2f}  {:7.1f}\n",
        name,
        width,
        summary.num_problems,
        summary.num_samples,
        100 * pass.mean,
        100 * error,
        pass.interval
            ? fmt::format("{:.2f}-{:.2f}", 100 * pass.interval->low, 100 * pass.interval->high)
            : std::string("-"),
        majority == summary.majority_at.end() ? std::string("-")
                                              : fmt::format("{:.2f}", 100 * majority->second.mean),
        100 * summary.truncated.mean,
        100 * summary.unparseable.mean,
        summary.length.mean);
  }
  const auto number = static_cast<double>(summaries.size());
  text += fmt::format("{:<{}}  {:8}  {:7}  {:6.2f}  {:8.2f}\n",
                      "mean",
                      width,
                      "",
                      "",
                      100 * sum / number,
                      100 * std::sqrt(squares) / number);
  return text;
}

}  // namespace stratagram::eval
