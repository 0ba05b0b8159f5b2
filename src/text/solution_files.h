// text/solution_files.h -- which files a path of solutions stands for, and what they are called.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace stratagram::text {

/// A file stands for itself. A folder stands for its rollouts/*.jsonl (of a run), or its
/// *.samples.jsonl (of eval), or its N.jsonl with a number for a name (of verl), whichever it has
/// first; in the order of their names, numbers in the order of their values.
/// Throws Error(kData) for a path that does not exist or cannot be read, a folder that holds none
/// of these, and a Parquet file, with what makes JSON Lines of it.
[[nodiscard]] std::vector<std::filesystem::path> solution_files(const std::filesystem::path& path);

/// Who wrote the rows of a file that do not say so: a run by the name of its folder (the file lies
/// in its rollouts/ or completions/, or is one of a step, with a number for a name), any other by
/// the file's name without ".samples" and ending.
[[nodiscard]] std::string source_of_file(const std::filesystem::path& file);

}  // namespace stratagram::text
