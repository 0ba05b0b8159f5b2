// text/fetch.h -- registered problem sets from the web into a cache folder.
//
//   CACHE/problems/NAME-KEY.jsonl   a converted set; KEY stands for what the registry says of it
//   CACHE/upstream/SHA256           its files while they come; removed after the conversion
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/download.h"
#include "text/registry.h"

namespace stratagram::text {

/// STRATAGRAM_CACHE, else stratagram below XDG_CACHE_HOME or ~/.cache. Throws Error(kConfig) when
/// none of the three variables is set.
[[nodiscard]] std::filesystem::path cache_folder();

struct FetchOptions {
  std::string endpoint = "https://raw.githubusercontent.com";  ///< no slash at the end
  std::filesystem::path cache;
  RetryPolicy retry{};

  /// endpoint  STRATAGRAM_DATA_ENDPOINT, a mirror that serves OWNER/NAME/COMMIT/PATH
  /// cache     cache_folder()
  /// Throws Error(kConfig) for an endpoint that is no http address, and like cache_folder().
  [[nodiscard]] static FetchOptions from_environment();
};

using FetchProgress = std::function<void(uint64_t received, std::optional<uint64_t> total)>;

/// "math500-0f3c9a51be24.jsonl": another revision, digest or field map gives another name, so a
/// set that an older program converted is never taken for this one.
[[nodiscard]] std::string set_file_name(const RegisteredSet& set);

/// Where a fetched set lies, or would.
[[nodiscard]] std::filesystem::path cached_set(const RegisteredSet& set,
                                               const std::filesystem::path& cache);

/// Makes the set available and returns its file. One that is there already is kept and nothing is
/// asked for; a cut download is resumed. Throws Error: kData for a refusal, a size or digest that
/// is not the registry's (nothing of that file stays) and what convert_set() throws; kDevice for a
/// cache that cannot be written; kInterrupted.
[[nodiscard]] std::filesystem::path fetch_set(const RegisteredSet& set,
                                              const FetchOptions& options,
                                              const FetchProgress& progress = {});

}  // namespace stratagram::text
