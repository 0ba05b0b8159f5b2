#include "eval/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "core/stream.h"
#include "eval/result_files.h"
#include "eval/summary.h"

namespace stratagram::eval {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json read_result(const fs::path& file) {
  json result = json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  if (!result.is_object() || !result.contains("problems_digest")) {
    fail(ErrorKind::kData,
         "{}: wanted a result of `stratagram eval --out`, found something else",
         file.string());
  }
  return result;
}

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

}  // namespace

std::vector<std::string> benchmarks_in(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string file = entry.path().filename().string();
    if (!file.ends_with(kSamplesEnding)) continue;
    std::string name = file.substr(0, file.size() - kSamplesEnding.size());
    // Written last, so an evaluation that was stopped has none.
    if (fs::exists(result_file(folder, name), error)) names.push_back(std::move(name));
  }
  if (names.empty()) {
    fail(ErrorKind::kData,
         "{}: wanted a folder with results of `stratagram eval --out`, found no NAME{} with its "
         "NAME{} in it",
         folder.string(),
         kSamplesEnding,
         kResultEnding);
  }
  std::ranges::sort(names);
  return names;
}

Scores read_scores(const fs::path& folder, const std::string& benchmark) {
  const json result = read_result(result_file(folder, benchmark));
  Scores scores{.name = folder.lexically_normal().string()};
  for (const char* key : {"problems_digest", "prompt", "system", "sampling", "num_samples"}) {
    scores.conditions[key] = result.value(key, json());
  }
  std::map<std::string, int64_t> counts;
  JsonlReader reader(samples_file(folder, benchmark));
  for (auto row = reader.next(); row; row = reader.next()) {
    const auto id = field_of<std::string>(*row, "problem_id", reader.where());
    ++counts[id];
    if (field_of<std::string>(*row, "verdict", reader.where()) == "correct") {
      scores.accuracy[id] += 1;
    } else {
      scores.accuracy.emplace(id, 0.0);
    }
  }
  if (counts.empty()) {
    fail(ErrorKind::kData,
         "{}: holds no samples; evaluate again",
         samples_file(folder, benchmark).string());
  }
  for (auto& [id, value] : scores.accuracy) value /= static_cast<double>(counts.at(id));
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
  return {.num_problems = static_cast<int64_t>(differences.size()),
          .mean = metrics::mean(differences).value_or(0),
          .interval = metrics::bootstrap_interval(differences, stream_of(seed, "paired bootstrap")),
          .p = metrics::paired_permutation_p(differences, stream_of(seed, "paired permutation"))};
}

std::string comparison_table(const std::string& benchmark,
                             std::span<const Scores> all,
                             uint64_t seed) {
  size_t width = 0;
  for (const Scores& scores : all) width = std::max(width, scores.name.size());
  std::string text = fmt::format("{}: pass@1 over {} problems, {} samples each\n",
                                 benchmark,
                                 all.front().accuracy.size(),
                                 all.front().conditions.at("num_samples").dump());
  for (const Scores& scores : all) {
    const Estimate pass = estimate(values_of(scores.accuracy), seed, 1);
    text += fmt::format("  {:<{}}  {:6.2f} %   95 % interval {}\n",
                        scores.name,
                        width,
                        100 * pass.mean,
                        interval_text(pass.interval, "{:.2f} to {:.2f}"));
  }
  text += "  paired differences, in points\n";
  for (size_t a = 0; a < all.size(); ++a) {
    for (size_t b = a + 1; b < all.size(); ++b) {
      const Difference difference = paired_difference(all[a], all[b], seed);
      text += fmt::format("  {} less {}: {:+.2f}   95 % interval {}   p = {:.4f}\n",
                          all[b].name,
                          all[a].name,
                          100 * difference.mean,
                          interval_text(difference.interval, "{:+.2f} to {:+.2f}"),
                          difference.p.value_or(1));
    }
  }
  return text;
}

}  // namespace stratagram::eval
