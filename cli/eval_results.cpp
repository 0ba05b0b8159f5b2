#include "cli/eval_results.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "core/error.h"
#include "eval/evaluate.h"
#include "eval/result_files.h"

namespace stratagram::cli {

namespace fs = std::filesystem;
using nlohmann::json;

EvalResults::EvalResults(fs::path folder, const std::vector<Benchmark>& benchmarks)
    : folder_(std::move(folder)) {
  if (folder_.empty()) return;
  check_names(benchmarks);
  for (const Benchmark& benchmark : benchmarks) {
    const fs::path result = eval::result_file(folder_, benchmark.recipe.name);
    if (!fs::exists(result)) continue;
    const std::string leave_out =
        benchmarks.size() > 1 ? fmt::format(", leave {} out of --benchmarks", benchmark.given) : "";
    fail(ErrorKind::kConfig,
         "{}: is there already; remove it{} or choose another --out",
         result.string(),
         leave_out);
  }
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) fail(ErrorKind::kDevice, "{}: cannot be made: {}", folder_.string(), error.message());
}

SampleRows EvalResults::open(const Benchmark& benchmark,
                             int64_t num_samples,
                             const json& conditions) const {
  const std::vector<std::string> ids = eval::ids_of(benchmark.problems);
  if (folder_.empty()) return {ids, num_samples};
  return {ids, num_samples, eval::samples_file(folder_, benchmark.recipe.name), conditions};
}

void EvalResults::write(const Benchmark& benchmark, SampleRows& rows, const json& result) const {
  if (folder_.empty()) return;
  eval::write_result(folder_, benchmark.recipe.name, rows, result);
  rows.remove_partial();
}

std::string way_to_go_on(std::span<const Benchmark> all, size_t num_complete) {
  if (num_complete == 0) return "run the same command again to go on";
  std::vector<std::string> left;
  for (const Benchmark& benchmark : all.subspan(num_complete)) left.push_back(benchmark.given);
  return fmt::format("to go on, run the command again with --benchmarks {}", fmt::join(left, ","));
}

}  // namespace stratagram::cli
