// eval/rescore.h -- verdicts and figures of an evaluation once more, from its samples and without
// the model. Free of tensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/sample_rows.h"
#include "eval/summary.h"

namespace stratagram::eval {

struct Rescored {
  SampleRows rows;          ///< with the verdicts of this program
  Summary summary;          ///< of them
  nlohmann::json result;    ///< the old one with these figures and this verifier
  int64_t num_changed = 0;  ///< samples with another verdict than before
};

/// Judges BENCHMARK.samples.jsonl anew, as BENCHMARK.json says that it was judged. With the program
/// that made them, rows and result come out byte for byte. Throws Error(kData) for files that are
/// missing or damaged, with the line, and when samples are missing or were not asked for.
[[nodiscard]] Rescored rescore(const std::filesystem::path& folder, const std::string& benchmark);

}  // namespace stratagram::eval
