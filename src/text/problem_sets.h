// text/problem_sets.h -- a problem set by path or by name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "text/registry.h"

namespace stratagram::text {

/// The file that `name` stands for: a path to a file; else NAME.jsonl in the folder that
/// STRATAGRAM_DATA names, or in its folders benchmarks and train; else the set that was fetched
/// into the cache. Throws Error: kData naming every place that was tried, and what to do: fetch
/// the set, or the nearest name that the registry knows; and like registry_file(),
/// read_registry() and cache_folder().
[[nodiscard]] std::filesystem::path find_problem_set(const std::string& name);

/// Where a registered set is on this machine, found like find_problem_set() finds it; none when
/// it has to be fetched. Throws like cache_folder().
[[nodiscard]] std::optional<std::filesystem::path> locate_set(const RegisteredSet& set);

}  // namespace stratagram::text
