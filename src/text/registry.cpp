#include "text/registry.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "core/config.h"
#include "core/error.h"
#include "core/hub_listing.h"
#include "core/share.h"
#include "text/field_pattern.h"
#include "text/problems.h"
#include "text/toml_entry.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;

// A relative path whose parts cannot leave the folder it is taken in.
bool is_plain_path(const std::string& path) {
  std::stringstream parts(path);
  int64_t num_parts = 0;
  for (std::string part; std::getline(parts, part, '/'); ++num_parts) {
    if (!is_plain_name(part)) return false;
  }
  return num_parts > 0 && path.back() != '/';
}

UpstreamFile file_of(const TomlEntry& entry) {
  entry.want_only({"path", "sha256", "size"});
  UpstreamFile file{.path = entry.text("path"),
                    .sha256 = entry.text("sha256"),
                    .size = static_cast<uint64_t>(entry.count("size"))};
  if (!is_plain_path(file.path)) entry.refuse("path", "a path inside the repository");
  if (!is_hex(file.sha256, 64)) entry.refuse("sha256", "64 lower-case hexadecimal digits");
  return file;
}

SetFormat format_of(const TomlEntry& entry) {
  const std::string format = entry.text("format");
  if (format == "jsonl") return SetFormat::kJsonl;
  if (format == "json") return SetFormat::kJson;
  entry.refuse("format", "jsonl or json");
}

void read_fields(const TomlEntry& fields, RegisteredSet& set) {
  fields.want_only({"id", "problem", "answer", "solution"});
  set.id = fields.text("id");
  set.problem = fields.text("problem");
  set.answer = fields.text("answer");
  set.solution = fields.optional_text("solution").value_or("");
  // Parsed to find faults now: a set may be fetched long after the registry was edited.
  (void)FieldPattern(set.id, fields.where("id"));
  (void)FieldPattern(set.problem, fields.where("problem"));
  (void)FieldPattern(set.answer, fields.where("answer"));
  if (!set.solution.empty()) (void)FieldPattern(set.solution, fields.where("solution"));
}

// What the set has besides: its names must not be those of our own fields.
void read_extra(const TomlEntry& extra, RegisteredSet& set) {
  for (const std::string& name : extra.keys()) {
    if (is_problem_field(name)) {
      extra.refuse(name, "the name of a field besides those that a problem has anyway");
    }
    set.extra[name] = extra.text(name);
    (void)FieldPattern(set.extra[name], extra.where(name));
  }
}

RegisteredSet set_of(const TomlEntry& entry, const std::string& name) {
  entry.want_only({"title",
                   "repository",
                   "revision",
                   "licence",
                   "note",
                   "problems",
                   "format",
                   "files",
                   "fields",
                   "extra"});
  RegisteredSet set;
  set.name = name;
  set.title = entry.text("title");
  set.repository = entry.text("repository");
  const auto slashes = std::count(set.repository.begin(), set.repository.end(), '/');
  if (slashes != 1 || !is_plain_path(set.repository)) entry.refuse("repository", "OWNER/NAME");
  set.revision = entry.text("revision");
  if (!is_hex(set.revision, 40)) entry.refuse("revision", "a commit, 40 hexadecimal digits");
  set.licence = entry.text("licence");
  set.note = entry.optional_text("note").value_or("");
  set.num_problems = entry.count("problems");
  set.format = format_of(entry);
  for (const TomlEntry& file : entry.tables("files")) set.files.push_back(file_of(file));
  read_fields(entry.table("fields"), set);
  if (entry.has("extra")) read_extra(entry.table("extra"), set);
  return set;
}

}  // namespace

uint64_t RegisteredSet::num_bytes() const {
  uint64_t sum = 0;
  for (const UpstreamFile& file : files) sum += file.size;
  return sum;
}

fs::path registry_file() {
  return share_folder() / "registry.toml";
}

std::vector<RegisteredSet> read_registry(const fs::path& file) {
  std::vector<RegisteredSet> sets;
  read_toml_entries(file, "set", [&](const std::string& name, const TomlEntry& entry) {
    sets.push_back(set_of(entry, name));
  });
  std::sort(sets.begin(), sets.end(), [](const RegisteredSet& a, const RegisteredSet& b) {
    return a.name < b.name;
  });
  return sets;
}

const RegisteredSet& find_registered(const std::vector<RegisteredSet>& sets,
                                     const std::string& name) {
  std::vector<std::string> names;
  for (const RegisteredSet& set : sets) {
    if (set.name == name) return set;
    names.push_back(set.name);
  }
  fail(ErrorKind::kData,
       "no problem set is called '{}'; did you mean '{}'? `stratagram data list` names them all",
       name,
       nearest_name(name, names));
}

}  // namespace stratagram::text
