#include "eval/summary.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"
#include "core/stream.h"

namespace stratagram::eval {
namespace {

using nlohmann::json;

int64_t num_correct(const Group& group) {
  int64_t count = 0;
  for (const Trajectory& trajectory : group.trajectories) {
    if (trajectory.judgement.verdict == Verdict::kCorrect) ++count;
  }
  return count;
}

}  // namespace

Estimate estimate(std::span<const double> values, uint64_t seed, int64_t k) {
  const Stream stream(
      {.seed = seed, .purpose = "eval bootstrap", .step = static_cast<uint64_t>(k)});
  return {.mean = metrics::mean(values).value_or(0),
          .standard_error = metrics::standard_error(values),
          .interval = metrics::bootstrap_interval(values, stream)};
}

Summary summarise(std::span<const Group> groups, uint64_t seed) {
  STRATAGRAM_CHECK(!groups.empty() && !groups.front().trajectories.empty(),
                   "summarise: wanted at least one problem with a sample");
  Summary summary{.num_problems = static_cast<int64_t>(groups.size()),
                  .num_samples = static_cast<int64_t>(groups.front().trajectories.size())};
  int64_t tokens = 0;
  int64_t truncated = 0;
  int64_t unparseable = 0;
  for (const Group& group : groups) {
    STRATAGRAM_CHECK(static_cast<int64_t>(group.trajectories.size()) == summary.num_samples,
                     "summarise: every problem needs the same number of samples");
    for (const Trajectory& trajectory : group.trajectories) {
      tokens += static_cast<int64_t>(trajectory.completion.token_ids.size());
      if (trajectory.completion.finish == Finish::kLength) ++truncated;
      if (trajectory.judgement.verdict == Verdict::kUnparseable) ++unparseable;
    }
  }
  const auto all = static_cast<double>(summary.num_problems * summary.num_samples);
  summary.truncated_share = static_cast<double>(truncated) / all;
  summary.unparseable_share = static_cast<double>(unparseable) / all;
  summary.mean_length = static_cast<double>(tokens) / all;
  const auto add = [&](int64_t k) {
    std::vector<double> values;
    for (const Group& group : groups) {
      values.push_back(metrics::pass_at_k(summary.num_samples, num_correct(group), k));
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
