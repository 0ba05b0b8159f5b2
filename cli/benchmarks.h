// cli/benchmarks.h -- the problem sets that `eval` is asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/records.h"

namespace stratagram::cli {

struct Benchmark {
  std::string given;  ///< as the command line has it
  std::string name;   ///< of its results
  std::filesystem::path path;
  std::vector<Problem> problems{};
};

/// Reads them all, by file or by name, and warns of problems without an answer, which are left out.
/// `limit`: only the first problems of each; 0 = all. Throws like text::read_problems().
[[nodiscard]] std::vector<Benchmark> read_benchmarks(const std::vector<std::string>& names,
                                                     int64_t limit);

}  // namespace stratagram::cli
