// cli/eval_results.h -- the files of `eval --out DIR`: NAME.samples.part.jsonl while a problem set
// is evaluated, then NAME.samples.jsonl, then NAME.json, whose presence says that both are whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "cli/benchmarks.h"
#include "core/sample_rows.h"

namespace stratagram::cli {

class EvalResults {
 public:
  /// Makes the folder; no path: results stay in memory. Throws Error: kConfig for two sets of one
  /// name and for a NAME.json that is there; kDevice when the folder cannot be made.
  EvalResults(std::filesystem::path folder, const std::vector<Benchmark>& benchmarks);

  /// The rows of a set, with those that an evaluation left that was stopped under equal conditions.
  /// Throws like SampleRows.
  [[nodiscard]] SampleRows open(const Benchmark& benchmark,
                                int64_t num_samples,
                                const nlohmann::json& conditions) const;

  /// Writes the samples, then NAME.json, then removes the partial file; without a folder nothing.
  /// Throws Error(kDevice).
  void write(const Benchmark& benchmark, SampleRows& rows, const nlohmann::json& result) const;

 private:
  std::filesystem::path folder_;
};

/// What to do after a stop among `all`, the first `num_complete` of which have their results.
[[nodiscard]] std::string way_to_go_on(std::span<const Benchmark> all, size_t num_complete);

}  // namespace stratagram::cli
