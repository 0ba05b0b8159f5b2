// eval/result_files.h -- the names of what `eval --out` leaves for each problem set and `compare`
// reads.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

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

}  // namespace stratagram::eval
