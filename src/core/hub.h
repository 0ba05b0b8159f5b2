// core/hub.h -- model files from a Hugging Face hub into its own cache layout, so that files which
// other programs fetched are found, and theirs find ours.
//
//   CACHE/models--OWNER--NAME/blobs/DIGEST              the bytes, once
//                            /refs/REVISION             the commit that a branch or tag meant last
//                            /snapshots/COMMIT/FILE  -> ../../blobs/DIGEST
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/download.h"

namespace stratagram {

struct HubOptions {
  std::string endpoint = "https://huggingface.co";  ///< no slash at the end
  std::string token{};                              ///< empty: none
  std::filesystem::path cache;                      ///< holds models--OWNER--NAME
  bool offline = false;                             ///< use the cache alone
  RetryPolicy retry{};

  /// endpoint  HF_ENDPOINT
  /// token     HF_TOKEN, else the file HF_TOKEN_PATH, else HF_HOME/token
  /// cache     HF_HUB_CACHE, else HF_HOME/hub; HF_HOME is by default huggingface below
  ///           XDG_CACHE_HOME or ~/.cache
  /// offline   HF_HUB_OFFLINE = 1, true, yes or on
  /// Throws Error(kConfig) for an endpoint that is no http address, or with no home folder at all.
  [[nodiscard]] static HubOptions from_environment();
};

using HubProgress =
    std::function<void(const std::string& file, uint64_t received, std::optional<uint64_t> total)>;

/// Makes the model `name` (see parse_hub_name) available and returns its snapshot folder, or the
/// GGUF file inside it. Whole files are not fetched again, cut ones are resumed. When the hub
/// cannot be asked and the cache holds a complete snapshot, that one is used, with a warning in the
/// log. Throws Error: kConfig for the name, kData for refusals (with what to do), kDevice for a
/// full disk, kInterrupted.
[[nodiscard]] std::filesystem::path fetch_from_hub(
    std::string_view name,
    const HubOptions& options = HubOptions::from_environment(),
    const HubProgress& progress = {});

}  // namespace stratagram
