#include "eval/summary.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"
#include "core/jsonl.h"
#include "core/records.h"
#include "core/stream.h"

namespace stratagram::eval {
namespace {

using nlohmann::json;

struct Judged {
  std::string verdict;
  std::string finish;
  int64_t length = 0;
};

Judged judged_of(const std::string& line) {
  const std::string where = "a sample";
  const json row = parse_json_object(line, where);
  return {.verdict = field_of<std::string>(row, "verdict", where),
          .finish = field_of<std::string>(row, "finish", where),
          .length = field_of<int64_t>(row, "length", where)};
}

}  // namespace

Estimate estimate(std::span<const double> values, uint64_t seed, int64_t k) {
  const Stream stream(
      {.seed = seed, .purpose = "eval bootstrap", .step = static_cast<uint64_t>(k)});
  return {.mean = metrics::mean(values).value_or(0),
          .standard_error = metrics::standard_error(values),
          .interval = metrics::bootstrap_interval(values, stream)};
}

Summary summarise(const SampleRows& rows, uint64_t seed) {
  STRATAGRAM_CHECK(rows.num_wanted() > 0 && rows.num_done() == rows.num_wanted(),
                   "summarise: {} of {} samples are there",
                   rows.num_done(),
                   rows.num_wanted());
  Summary summary{.num_problems = rows.num_problems(), .num_samples = rows.num_samples()};
  int64_t tokens = 0;
  int64_t truncated = 0;
  int64_t unparseable = 0;
  std::vector<int64_t> num_correct(static_cast<size_t>(summary.num_problems), 0);
  for (int64_t problem = 0; problem < summary.num_problems; ++problem) {
    for (int64_t sample = 0; sample < summary.num_samples; ++sample) {
      const Judged judged = judged_of(rows.line(problem, sample));
      tokens += judged.length;
      if (judged.finish == finish_name(Finish::kLength)) ++truncated;
      if (judged.verdict == verdict_name(Verdict::kUnparseable)) ++unparseable;
      if (judged.verdict == verdict_name(Verdict::kCorrect)) ++num_correct[problem];
    }
  }
  const auto all = static_cast<double>(rows.num_wanted());
  summary.truncated_share = static_cast<double>(truncated) / all;
  summary.unparseable_share = static_cast<double>(unparseable) / all;
  summary.mean_length = static_cast<double>(tokens) / all;
  const auto add = [&](int64_t k) {
    std::vector<double> values;
    values.reserve(num_correct.size());
    for (const int64_t correct : num_correct) {
      values.push_back(metrics::pass_at_k(summary.num_samples, correct, k));
    }
    summary.pass_at[k] = estimate(values, seed, k);
  };
  for (int64_t k = 1; k < summary.num_samples; k *= 2) add(k);
  add(summary.num_samples);
  return summary;
}

json to_json(const Summary& summary) {
  json pass = json::object();
  for (const auto& [k, value] : summary.pass_at) {
    json& entry = pass[std::to_string(k)];
    entry["mean"] = value.mean;
    if (value.standard_error) entry["standard_error"] = *value.standard_error;
    if (value.interval) entry["interval_95"] = {value.interval->low, value.interval->high};
  }
  return {{"num_problems", summary.num_problems},
          {"num_samples", summary.num_samples},
          {"pass_at", pass},
          {"truncated_share", summary.truncated_share},
          {"unparseable_share", summary.unparseable_share},
          {"mean_length", summary.mean_length}};
}

std::string to_text(const Summary& summary, const std::string& title) {
  std::string text = fmt::format(
      "{}: {} problems x {} samples\n", title, summary.num_problems, summary.num_samples);
  for (const auto& [k, value] : summary.pass_at) {
    text += fmt::format("  pass@{:<4}{:6.2f} %", k, 100 * value.mean);
    if (value.interval) {
      text += fmt::format("  95 % interval {:.2f} to {:.2f}  standard error {:.2f}",
                          100 * value.interval->low,
                          100 * value.interval->high,
                          100 * value.standard_error.value_or(0));
    }
    text += '\n';
  }
  text += fmt::format("  truncated {:.2f} %  without answer {:.2f} %  mean length {:.1f} tokens\n",
                      100 * summary.truncated_share,
                      100 * summary.unparseable_share,
                      summary.mean_length);
  return text;
}

}  // namespace stratagram::eval
