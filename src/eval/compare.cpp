#include "eval/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/jsonl.h"
#include "core/stream.h"
#include "eval/result_files.h"
#include "eval/summary.h"
#include "metrics/significance.h"

namespace stratagram::eval {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<double> values_of(const std::map<std::string, double>& by_problem) {
  std::vector<double> values;
  values.reserve(by_problem.size());
  for (const auto& [problem, value] : by_problem) values.push_back(value);
  return values;
}

Stream stream_of(uint64_t seed, const char* purpose) {
  return Stream({.seed = seed, .purpose = purpose});
}

std::string interval_text(const std::optional<metrics::Interval>& interval, const char* format) {
  if (!interval) return "not defined for one problem";
  return fmt::format(fmt::runtime(format), 100 * interval->low, 100 * interval->high);
}

std::string policy_lines(const ComparedBenchmark& benchmark, uint64_t seed) {
  size_t width = 0;
  for (const Scores& scores : benchmark.all) width = std::max(width, scores.name.size());
  const Scores& first = benchmark.all.front();
  std::string text = fmt::format("{}: pass@1 over {} problems, {} samples each\n",
                                 benchmark.name,
                                 first.accuracy.size(),
                                 first.conditions.at("num_samples").dump());
  for (const Scores& scores : benchmark.all) {
    const Estimate pass = estimate(values_of(scores.accuracy), seed, 1);
    text += fmt::format("  {:<{}}  {:6.2f} %   95 % interval {}\n",
                        scores.name,
                        width,
                        100 * pass.mean,
                        interval_text(pass.interval, "{:.2f} to {:.2f}"));
  }
  for (size_t i = 1; i < benchmark.all.size(); ++i) {
    const std::vector<std::string> names = differing_conditions(first, benchmark.all[i]);
    if (names.empty()) continue;
    text += fmt::format("  NOT COMPARABLE: {} and {} differ in {}\n",
                        first.name,
                        benchmark.all[i].name,
                        fmt::join(names, ", "));
  }
  return text;
}

std::string pair_line(const Scores& a, const Scores& b, const Difference& pair, double corrected) {
  std::string text = fmt::format(
      "  {} less {}: {:+.2f}   95 % interval {}   p = {:.4f}   Holm p = "
      "{:.4f}   detectable {}\n",
      b.name,
      a.name,
      100 * pair.mean,
      interval_text(pair.interval, "{:+.2f} to {:+.2f}"),
      pair.p.value_or(1),
      corrected,
      pair.detectable ? fmt::format("{:.2f}", 100 * *pair.detectable) : std::string("not defined"));
  const std::string missing = unpaired(a, b);
  if (!missing.empty()) text += fmt::format("    {}\n", missing);
  return text;
}

}  // namespace

Scores read_scores(const fs::path& folder, const std::string& benchmark) {
  const json result = read_result(folder, benchmark);
  Scores scores{.name = folder.lexically_normal().string()};
  for (const char* key :
       {"problems_digest", "num_problems", "template", "sampling", "num_samples", "verifier"}) {
    scores.conditions[key] = result.value(key, json());
  }
  JsonlReader reader(samples_file(folder, benchmark));
  for (auto row = reader.next(); row; row = reader.next()) {
    const auto id = field_of<std::string>(*row, "problem_id", reader.where());
    ++scores.counts[id];
    if (field_of<std::string>(*row, "verdict", reader.where()) == "correct") {
      scores.accuracy[id] += 1;
    } else {
      scores.accuracy.emplace(id, 0.0);
    }
  }
  if (scores.counts.empty()) {
    fail(ErrorKind::kData,
         "{}: holds no samples; evaluate again",
         samples_file(folder, benchmark).string());
  }
  for (auto& [id, value] : scores.accuracy) value /= static_cast<double>(scores.counts.at(id));
  return scores;
}

std::vector<std::string> differing_conditions(const Scores& a, const Scores& b) {
  std::vector<std::string> names;
  for (const auto& [name, value] : a.conditions.items()) {
    if (b.conditions.value(name, json()) != value) names.push_back(name);
  }
  return names;
}

Difference paired_difference(const Scores& a, const Scores& b, uint64_t seed) {
  std::vector<double> differences;
  for (const auto& [id, value] : a.accuracy) {
    const auto other = b.accuracy.find(id);
    if (other != b.accuracy.end()) differences.push_back(other->second - value);
  }
  if (differences.empty()) {
    fail(ErrorKind::kData,
         "{} and {} have no problem in common, so nothing can be paired; evaluate both on one set",
         a.name,
         b.name);
  }
  Difference difference{
      .num_problems = static_cast<int64_t>(differences.size()),
      .mean = metrics::mean(differences).value_or(0),
      .interval = metrics::bootstrap_interval(differences, stream_of(seed, "paired bootstrap")),
      .p = metrics::paired_permutation_p(differences, stream_of(seed, "paired permutation"))};
  if (const std::optional<double> error = metrics::standard_error(differences)) {
    difference.detectable = metrics::minimum_detectable_difference(*error);
  }
  return difference;
}

std::string unpaired(const Scores& a, const Scores& b) {
  int64_t only_a = 0;
  int64_t unequal = 0;
  for (const auto& [id, count] : a.counts) {
    const auto other = b.counts.find(id);
    if (other == b.counts.end()) {
      ++only_a;
    } else if (other->second != count) {
      ++unequal;
    }
  }
  const auto only_b = static_cast<int64_t>(std::ranges::count_if(
      b.counts, [&](const auto& entry) { return !a.counts.contains(entry.first); }));
  std::vector<std::string> parts;
  const auto add = [&](int64_t count, const std::string& what) {
    if (count > 0) parts.push_back(fmt::format("{} problems {}", count, what));
  };
  add(only_a, "only in " + a.name);
  add(only_b, "only in " + b.name);
  add(unequal, "with unequal numbers of samples");
  return parts.empty() ? "" : fmt::format("not paired: {}", fmt::join(parts, ", "));
}

std::string comparison_table(std::span<const ComparedBenchmark> benchmarks, uint64_t seed) {
  std::vector<std::string> lines;
  for (const ComparedBenchmark& benchmark : benchmarks) {
    lines.push_back(policy_lines(benchmark, seed) + "  paired differences, in points\n");
  }
  const size_t num_policies = benchmarks.empty() ? 0 : benchmarks.front().all.size();
  for (size_t a = 0; a < num_policies; ++a) {
    for (size_t b = a + 1; b < num_policies; ++b) {
      std::vector<Difference> pairs;
      std::vector<double> p;
      for (const ComparedBenchmark& benchmark : benchmarks) {
        pairs.push_back(paired_difference(benchmark.all.at(a), benchmark.all.at(b), seed));
        p.push_back(pairs.back().p.value_or(1));
      }
      const std::vector<double> corrected = metrics::holm(p);
      for (size_t i = 0; i < lines.size(); ++i) {
        lines[i] += pair_line(benchmarks[i].all[a], benchmarks[i].all[b], pairs[i], corrected[i]);
      }
    }
  }
  return fmt::format("{}", fmt::join(lines, ""));
}

}  // namespace stratagram::eval
