// core/share.h -- where the files that come with the program are: registry, catalogues, models.
#pragma once

#include <filesystem>
#include <string>

namespace stratagram {

/// The `data` folder of this installation: $STRATAGRAM_SHARE if set, else `data` above the
/// program's own folder (build/release/stratagram lies in a checkout), else share/stratagram
/// beside it. Throws Error(kConfig) naming every place that was tried.
[[nodiscard]] std::filesystem::path share_folder();

/// `path` as given when it exists, else share_folder()/kind/`path`.json: a catalogue may be named
/// "paper-v3". Throws Error(kData) naming both places and the names that are there.
[[nodiscard]] std::filesystem::path find_shared_json(const std::string& kind,
                                                     const std::string& path);

}  // namespace stratagram
