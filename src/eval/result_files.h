// eval/result_files.h -- what `eval --out` leaves for each problem set; `compare` and `--rescore`
// read it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/sample_rows.h"
#include "eval/recipe.h"
#include "eval/summary.h"

namespace stratagram::eval {

inline constexpr std::string_view kResultEnding = ".json";
inline constexpr std::string_view kSamplesEnding = ".samples.jsonl";

/// Summary and conditions; written last, so its presence says that both are whole.
[[nodiscard]] inline std::filesystem::path result_file(const std::filesystem::path& folder,
                                                       std::string benchmark) {
  return folder / benchmark.append(kResultEnding);
}

/// One judged response a line.
[[nodiscard]] inline std::filesystem::path samples_file(const std::filesystem::path& folder,
                                                        std::string benchmark) {
  return folder / benchmark.append(kSamplesEnding);
}

/// Names of the benchmarks that the folder holds whole results of, in the order in which they were
/// asked for, then by name. Throws Error(kData) when there is none, or one is damaged.
[[nodiscard]] std::vector<std::string> benchmarks_in(const std::filesystem::path& folder);

/// BENCHMARK.json. Throws Error(kData) for a missing or damaged one.
[[nodiscard]] nlohmann::json read_result(const std::filesystem::path& folder,
                                         const std::string& benchmark);

/// Writes the samples, then the result. Throws Error(kDevice).
void write_result(const std::filesystem::path& folder,
                  const std::string& benchmark,
                  const SampleRows& rows,
                  const nlohmann::json& result);

/// What BENCHMARK.json holds: the conditions with the figures and the verifier's identity.
[[nodiscard]] nlohmann::json result_of(nlohmann::json conditions,
                                       const Summary& summary,
                                       const Judging& judging);

/// What is printed of a result: name, conditions, figures.
[[nodiscard]] std::string result_text(const nlohmann::json& result, const Summary& summary);

}  // namespace stratagram::eval
