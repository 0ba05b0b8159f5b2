#include "core/share.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <vector>

#include "core/error.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;

// What every `data` folder of the project holds; an unrelated folder of that name does not.
constexpr const char* kMark = "catalogues";

std::vector<fs::path> candidates() {
  if (const char* given = std::getenv("STRATAGRAM_SHARE"); given != nullptr && *given != '\0') {
    return {given};
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  std::vector<fs::path> places;
  if (!error) {
    const fs::path folder = program.parent_path();
    places.push_back(folder.parent_path().parent_path() / "data");
    places.push_back(folder.parent_path() / "share" / "stratagram");
  }
  places.emplace_back("data");
  return places;
}

}  // namespace

fs::path share_folder() {
  std::vector<std::string> tried;
  for (const fs::path& place : candidates()) {
    std::error_code ignored;
    if (fs::is_directory(place / kMark, ignored)) return place;
    tried.push_back(place.string());
  }
  fail(ErrorKind::kConfig,
       "the program's data folder (with '{}' inside) is not at {}; set STRATAGRAM_SHARE to it",
       kMark,
       fmt::join(tried, ", "));
}

fs::path find_shared_json(const std::string& kind, const std::string& path) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) return path;
  const fs::path folder = share_folder() / kind;
  fs::path named = folder / (path + ".json");
  if (fs::exists(named, ignored)) return named;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  fail(ErrorKind::kData,
       "{}: no such file, and no {} of that name (there are: {})",
       path,
       kind,
       fmt::join(names, ", "));
}

}  // namespace stratagram
