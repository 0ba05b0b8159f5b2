// text/problem_sets.h -- a problem set by path or by name.
#pragma once

#include <filesystem>
#include <string>

namespace stratagram::text {

/// The file that `name` stands for: a path to a file; else NAME.jsonl in the folder that
/// STRATAGRAM_DATA names, or in its folders benchmarks and train. Throws Error(kData) naming every
/// place that was tried.
[[nodiscard]] std::filesystem::path find_problem_set(const std::string& name);

}  // namespace stratagram::text
