#include "text/problem_sets.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "core/error.h"

namespace stratagram::text {

std::filesystem::path find_problem_set(const std::string& name) {
  if (std::filesystem::is_regular_file(name)) return name;
  std::string tried = "'" + name + "'";
  const char* folder = std::getenv("STRATAGRAM_DATA");
  if (folder != nullptr && *folder != '\0') {
    for (const char* part : {"", "benchmarks", "train"}) {
      const std::filesystem::path file =
          std::filesystem::path(folder) / part / fmt::format("{}.jsonl", name);
      if (std::filesystem::is_regular_file(file)) return file;
      tried += ", " + file.string();
    }
  }
  fail(ErrorKind::kData,
       "problem set '{}': wanted a JSON Lines file, found none at {}; give its path, or set "
       "STRATAGRAM_DATA to a folder that holds {}.jsonl",
       name,
       tried,
       name);
}

}  // namespace stratagram::text
