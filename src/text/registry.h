// text/registry.h -- the problem sets that are known by name: where they come from, their digests,
// and how their rows become ours. The list itself is data/registry.toml; its head says what each
// key means.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stratagram::text {

struct UpstreamFile {
  std::string path;    ///< inside the repository
  std::string sha256;  ///< 64 lower-case hexadecimal digits
  uint64_t size = 0;   ///< bytes
};

enum class SetFormat {
  kJsonl,  ///< one object a line
  kJson,   ///< one list of objects
};

struct RegisteredSet {
  std::string name{};
  std::string title{};
  std::string repository{};  ///< OWNER/NAME
  std::string revision{};    ///< a commit
  std::string licence{};     ///< of the repository, as SPDX names it
  std::string note{};        ///< for who uses the set; may be empty
  int64_t num_problems = 0;
  SetFormat format = SetFormat::kJsonl;
  std::vector<UpstreamFile> files{};
  // Patterns of text/field_pattern.h.
  std::string id{};
  std::string problem{};
  std::string answer{};
  std::string solution{};  ///< empty: the set has none
  /// Patterns of further fields, by name; a row without what a pattern reads gets none of it.
  std::map<std::string, std::string> extra{};

  /// Of the upstream files together.
  [[nodiscard]] uint64_t num_bytes() const;
};

/// registry.toml among the files that come with the program. Throws like share_folder().
[[nodiscard]] std::filesystem::path registry_file();

/// The sets in the order of their names. Throws Error: kData when the file cannot be read, kConfig
/// "FILE:LINE: set 'x': key 'y': ..." for broken TOML, a key that is unknown (with the nearest
/// one), missing or of the wrong type, and a value that cannot be: a digest that is none, a path
/// that leaves the repository, a pattern that does not parse.
[[nodiscard]] std::vector<RegisteredSet> read_registry(const std::filesystem::path& file);

/// The set of that name. Throws Error(kData) with the nearest name.
[[nodiscard]] const RegisteredSet& find_registered(const std::vector<RegisteredSet>& sets,
                                                   const std::string& name);

}  // namespace stratagram::text
