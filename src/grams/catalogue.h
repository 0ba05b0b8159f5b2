// grams/catalogue.h -- a frozen list of strategic grams, with what is known of each and a digest
// over all of it.
//
// Schema 2 adds how the grams were chosen and the names of their clusters. A catalogue without
// either is written by schema 1, so that its digest is the one it always had.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace stratagram::grams {

/// What a gram does in a line of thought.
enum class Role { kDeduction, kBranching, kBacktracing, kOther };

inline constexpr std::array<Role, 4> kAllRoles = {
    Role::kDeduction, Role::kBranching, Role::kBacktracing, Role::kOther};

struct Gram {
  std::string text;  ///< normalised words, one space between them
  Role role = Role::kOther;
  std::string origin{};  ///< "paper", "mined", "annotated", "manual" or "placebo"
  int64_t cluster = -1;  ///< number of its cluster; below 0: none
  int64_t count = 0;
  int64_t document_frequency = 0;
  friend bool operator==(const Gram&, const Gram&) = default;
};

struct Catalogue {
  std::string name;
  std::string source{};         ///< where the list comes from, for people
  std::string corpus_digest{};  ///< SHA-256 of the texts it was mined from; empty for none
  std::vector<Gram> grams{};
  /// What chose the grams, in the order in which it was laid over them: an object each, with
  /// "method" and its "settings" (weights of a selector, model of a judge) and figures for people.
  std::vector<nlohmann::json> selection{};
  std::map<int64_t, std::string> cluster_names{};  ///< the gram that names a cluster, by its number

  /// Reads a file. Throws Error(kData) naming the file, the entry and its fault: broken JSON,
  /// another schema or normaliser version, a gram of no or more than 6 words, one that is not
  /// normalised, one that came before, an unknown role, a selection that is no list of objects, a
  /// name of a cluster that no gram is in, and a digest that does not fit the content.
  static Catalogue load(const std::filesystem::path& file);

  /// Checks like load() and writes atomically, over what is there too.
  void save(const std::filesystem::path& file) const;

  /// SHA-256 over everything but itself.
  [[nodiscard]] std::string digest() const;

  [[nodiscard]] nlohmann::json to_json() const;
};

/// "deduction", "branching", "backtracing", "other".
[[nodiscard]] const char* role_name(Role role);

/// The role of that name. Throws Error(kData) "WHERE: ..." for another word.
[[nodiscard]] Role role_of(const std::string& name, const std::string& where);

}  // namespace stratagram::grams
