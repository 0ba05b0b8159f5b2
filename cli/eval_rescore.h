// cli/eval_rescore.h -- `eval --rescore DIR`.
#pragma once

#include <filesystem>

namespace stratagram::cli {

/// Judges the samples of every benchmark in `folder` anew, prints what `eval` prints, and says on
/// the log how many verdicts changed. With `out` the new results are written there; the folder
/// itself is only read. Throws like eval::rescore(), and Error(kConfig) when `out` is the folder
/// itself or holds one of the results.
void rescore_folder(const std::filesystem::path& folder, const std::filesystem::path& out);

}  // namespace stratagram::cli
