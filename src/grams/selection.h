// grams/selection.h -- what one method says of candidates: which of them are strategic grams. Every
// method writes this file (clustering, a judge, the selector, a person's review), so that any of
// them can be compared, reviewed and frozen into a catalogue.
//
// The file is JSON Lines: a head with format, method, settings and corpus digest, then a gram a
// line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "grams/catalogue.h"

namespace stratagram::grams {

struct Choice {
  std::string text{};             ///< of the candidate
  bool strategic = false;         ///< the method's verdict
  std::optional<double> score{};  ///< higher is more strategic; comparable inside one file only
  std::optional<Role> role{};     ///< none: the method does not say
  int64_t cluster = -1;           ///< number of its cluster; below 0: none
  std::string cluster_name{};     ///< the gram that names the cluster; empty without one
  friend bool operator==(const Choice&, const Choice&) = default;
};

struct Selection {
  std::string method{};         ///< "cluster", "judge", "selector", "review"
  std::string corpus_digest{};  ///< of the candidates it was made from
  nlohmann::json settings{};    ///< all that decided the result, for people and for comparisons
  std::vector<Choice> choices{};

  /// Throws Error(kData) "FILE:LINE: ..." for broken JSON, another format, a gram that is not in
  /// normal form or came before, and an unknown role.
  static Selection load(const std::filesystem::path& file);

  /// Writes atomically; what is there is never written over (Error(kConfig)).
  void save(const std::filesystem::path& file) const;
};

}  // namespace stratagram::grams
