#include "cli/benchmarks.h"

#include <utility>

#include "core/log.h"
#include "text/problem_sets.h"
#include "text/problems.h"

namespace stratagram::cli {

std::vector<Benchmark> read_benchmarks(const std::vector<std::string>& names, int64_t limit) {
  std::vector<Benchmark> all;
  for (const std::string& name : names) {
    Benchmark benchmark{.given = name,
                        .name = std::filesystem::path(name).stem().string(),
                        .path = text::find_problem_set(name)};
    text::ProblemSet set = text::read_problems(benchmark.path, {.skip_blank_answers = true});
    if (set.num_skipped > 0) {
      spdlog::warn("{}: {} problems have no answer and are left out",
                   benchmark.path.string(),
                   set.num_skipped);
    }
    benchmark.problems = std::move(set.problems);
    if (limit > 0 && limit < static_cast<int64_t>(benchmark.problems.size())) {
      benchmark.problems.resize(static_cast<size_t>(limit));
    }
    all.push_back(std::move(benchmark));
  }
  return all;
}

}  // namespace stratagram::cli
