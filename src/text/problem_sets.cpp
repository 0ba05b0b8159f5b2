#include "text/problem_sets.h"

#include <fmt/ranges.h>

#include <cstdlib>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "text/fetch.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;

// Where STRATAGRAM_DATA may hold a file of that name, in the order of the search.
std::vector<fs::path> places_in_data_folder(const std::string& file_name) {
  const char* folder = std::getenv("STRATAGRAM_DATA");
  if (folder == nullptr || *folder == '\0') return {};
  return {fs::path(folder) / file_name,
          fs::path(folder) / "benchmarks" / file_name,
          fs::path(folder) / "train" / file_name};
}

// A copied cache holds sets under their longer name.
std::vector<fs::path> places_of(const RegisteredSet& set) {
  std::vector<fs::path> places = places_in_data_folder(set.name + ".jsonl");
  for (const fs::path& place : places_in_data_folder(set_file_name(set))) places.push_back(place);
  places.push_back(cached_set(set, cache_folder()));
  return places;
}

std::optional<fs::path> first_file(const std::vector<fs::path>& places) {
  for (const fs::path& place : places) {
    if (fs::is_regular_file(place)) return place;
  }
  return std::nullopt;
}

std::string joined(const std::vector<fs::path>& places) {
  std::vector<std::string> texts;
  texts.reserve(places.size());
  for (const fs::path& place : places) texts.push_back(place.string());
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

std::optional<fs::path> locate_set(const RegisteredSet& set) {
  return first_file(places_of(set));
}

fs::path find_problem_set(const std::string& name) {
  std::vector<fs::path> places = places_in_data_folder(name + ".jsonl");
  places.insert(places.begin(), name);
  if (const std::optional<fs::path> found = first_file(places)) return *found;

  std::vector<std::string> names;
  for (const RegisteredSet& set : read_registry(registry_file())) {
    names.push_back(set.name);
    if (set.name != name) continue;
    if (const std::optional<fs::path> found = locate_set(set)) return *found;
    fail(ErrorKind::kData,
         "problem set '{}' ({}) is not on this machine: found none at {}; get it with `stratagram "
         "data fetch {}`",
         name,
         set.title,
         joined(places_of(set)),
         name);
  }
  // A path is no misspelt name.
  if (fs::path(name).has_parent_path() || fs::path(name).has_extension()) {
    fail(ErrorKind::kData,
         "problem set '{}': no such file (looked at {}); wanted a JSON Lines file, or the name of "
         "a set (`stratagram data list`)",
         name,
         joined(places));
  }
  const std::string nearest = nearest_name(fs::path(name).stem().string(), names);
  fail(ErrorKind::kData,
       "problem set '{}': wanted a JSON Lines file, found none at {}, and no set is called so; the "
       "nearest name is '{}' (`stratagram data fetch {}`). Give a path, or set STRATAGRAM_DATA to "
       "a folder that holds {}.jsonl",
       name,
       joined(places),
       nearest,
       nearest,
       name);
}

}  // namespace stratagram::text
