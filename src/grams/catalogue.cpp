#include "grams/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "core/digest.h"
#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "grams/gram_text.h"
#include "grams/normaliser.h"

namespace stratagram::grams {
namespace {

using nlohmann::json;

constexpr int kPlainSchema = 1;
constexpr int kSchema = 2;  // with selection and cluster_names
constexpr std::array<const char*, 4> kRoleNames = {
    "deduction", "branching", "backtracing", "other"};

void check(const Catalogue& catalogue, const std::string& where) {
  std::unordered_map<std::string, size_t> places;
  for (size_t i = 0; i < catalogue.grams.size(); ++i) {
    const std::string here = fmt::format("{}: gram {}", where, i);
    check_gram_text(catalogue.grams[i].text, here);
    const auto [earlier, is_new] = places.emplace(catalogue.grams[i].text, i);
    if (!is_new) {
      fail(ErrorKind::kData,
           "{}: '{}' came before, as gram {}",
           here,
           catalogue.grams[i].text,
           earlier->second);
    }
  }
  if (catalogue.grams.empty()) {
    fail(ErrorKind::kData, "{}: wanted at least one gram, found none", where);
  }
  for (const auto& [cluster, name] : catalogue.cluster_names) {
    if (std::ranges::find(catalogue.grams, cluster, &Gram::cluster) == catalogue.grams.end()) {
      fail(ErrorKind::kData, "{}: cluster_names: no gram is in cluster {}", where, cluster);
    }
  }
}

std::vector<json> selection_of(const json& spec, const std::string& where) {
  const json entries = spec.value("selection", json::array());
  if (!entries.is_array() || !std::ranges::all_of(entries, &json::is_object)) {
    fail(ErrorKind::kData, "{}: selection: wanted a list of objects", where);
  }
  return entries.get<std::vector<json>>();
}

std::map<int64_t, std::string> cluster_names_of(const json& spec, const std::string& where) {
  const json entries = spec.value("cluster_names", json::object());
  if (!entries.is_object()) {
    fail(ErrorKind::kData, "{}: cluster_names: wanted an object, got {}", where, entries.dump());
  }
  std::map<int64_t, std::string> names;
  for (const auto& [key, name] : entries.items()) {
    int64_t cluster = 0;
    const auto [end, fault] = std::from_chars(key.data(), key.data() + key.size(), cluster);
    if (fault != std::errc() || end != key.data() + key.size() || !name.is_string()) {
      fail(ErrorKind::kData,
           "{}: cluster_names: wanted a number and the gram that names it, got '{}': {}",
           where,
           key,
           name.dump());
    }
    names[cluster] = name.get<std::string>();
  }
  return names;
}

int schema_of(const Catalogue& catalogue) {
  const bool is_plain = catalogue.selection.empty() && catalogue.cluster_names.empty();
  return is_plain ? kPlainSchema : kSchema;
}

Gram gram_of(const json& entry, const std::string& where) {
  return {.text = field_of<std::string>(entry, "text", where),
          .role = role_of(field_of<std::string>(entry, "role", where), where),
          .origin = field_of<std::string>(entry, "origin", where),
          .cluster = optional_field_of<int64_t>(entry, "cluster", where).value_or(-1),
          .count = optional_field_of<int64_t>(entry, "count", where).value_or(0),
          .document_frequency =
              optional_field_of<int64_t>(entry, "document_frequency", where).value_or(0)};
}

}  // namespace

const char* role_name(Role role) {
  return kRoleNames[static_cast<size_t>(role)];
}

json Catalogue::to_json() const {
  json list = json::array();
  for (const Gram& gram : grams) {
    json entry = {{"text", gram.text}, {"role", role_name(gram.role)}, {"origin", gram.origin}};
    if (gram.cluster >= 0) entry["cluster"] = gram.cluster;
    if (gram.count > 0) entry["count"] = gram.count;
    if (gram.document_frequency > 0) entry["document_frequency"] = gram.document_frequency;
    list.push_back(std::move(entry));
  }
  json spec = {{"schema", schema_of(*this)},
               {"name", name},
               {"source", source},
               {"normaliser", kNormaliserVersion},
               {"corpus_digest", corpus_digest},
               {"grams", std::move(list)}};
  if (!selection.empty()) spec["selection"] = selection;
  for (const auto& [cluster, gram] : cluster_names) {
    spec["cluster_names"][std::to_string(cluster)] = gram;
  }
  return spec;
}

std::string Catalogue::digest() const {
  return sha256(to_json().dump());
}

Catalogue Catalogue::load(const std::filesystem::path& file) {
  const std::string where = file.string();
  const json spec = parse_json_object(read_file(file), where);
  const auto version = [&](const char* key, int least, int most) {
    const auto got = field_of<int64_t>(spec, key, where);
    if (got < least || got > most) {
      fail(ErrorKind::kData,
           "{}: {} version: wanted {}, got {}; freeze the catalogue again with this program",
           where,
           key,
           least == most ? std::to_string(most) : fmt::format("{} to {}", least, most),
           got);
    }
  };
  version("schema", kPlainSchema, kSchema);
  version("normaliser", kNormaliserVersion, kNormaliserVersion);
  Catalogue catalogue{
      .name = field_of<std::string>(spec, "name", where),
      .source = optional_field_of<std::string>(spec, "source", where).value_or(""),
      .corpus_digest = optional_field_of<std::string>(spec, "corpus_digest", where).value_or(""),
      .grams = {},
      .selection = selection_of(spec, where),
      .cluster_names = cluster_names_of(spec, where)};
  const json entries = spec.value("grams", json());
  if (!entries.is_array()) fail(ErrorKind::kData, "{}: wanted an array 'grams'", where);
  for (size_t i = 0; i < entries.size(); ++i) {
    catalogue.grams.push_back(gram_of(entries[i], fmt::format("{}: gram {}", where, i)));
  }
  check(catalogue, where);
  const auto recorded = field_of<std::string>(spec, "sha256", where);
  if (recorded != catalogue.digest()) {
    fail(ErrorKind::kData,
         "{}: sha256: the content gives {}, the file says {}; a catalogue is frozen, so change it "
         "through `stratagram grams`, not by hand",
         where,
         catalogue.digest(),
         recorded);
  }
  return catalogue;
}

void Catalogue::save(const std::filesystem::path& file) const {
  check(*this, file.string());
  json spec = to_json();
  spec["sha256"] = digest();
  write_file_atomically(file, spec.dump(1) + "\n");
}

Role role_of(const std::string& name, const std::string& where) {
  for (size_t i = 0; i < kRoleNames.size(); ++i) {
    if (name == kRoleNames[i]) return static_cast<Role>(i);
  }
  fail(ErrorKind::kData,
       "{}: role: wanted deduction, branching, backtracing or other, got '{}'",
       where,
       name);
}

}  // namespace stratagram::grams
