#include "text/registry.h"

#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include "core/config.h"
#include "core/error.h"
#include "core/file.h"
#include "core/hub_listing.h"
#include "core/share.h"
#include "text/field_pattern.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;

std::string got(const toml::node& node) {
  std::ostringstream text;
  node.visit([&](const auto& value) { text << value; });
  return text.str();
}

// A table of the registry and its name in messages: "FILE:LINE: set 'x'".
class Entry {
 public:
  Entry(const toml::table& table, std::string file, std::string name)
      : table_(table), file_(std::move(file)), name_(std::move(name)) {}

  [[nodiscard]] std::string where(const std::string& key) const {
    const toml::node* node = table_.get(key);
    const auto line = (node == nullptr ? table_.source() : node->source()).begin.line;
    return fmt::format("{}:{}: {}: key '{}'", file_, line, name_, key);
  }
  [[nodiscard]] std::optional<std::string> optional_text(const std::string& key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    if (!node->is_string() || node->as_string()->get().empty()) {
      refuse(key, "a text that is not empty");
    }
    return node->as_string()->get();
  }
  [[nodiscard]] std::string text(const std::string& key) const {
    std::optional<std::string> value = optional_text(key);
    if (!value) missing(key, "a text");
    return *value;
  }
  /// At least 1.
  [[nodiscard]] int64_t count(const std::string& key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) missing(key, "a whole number");
    if (!node->is_integer() || node->as_integer()->get() < 1) {
      refuse(key, "a whole number of at least 1");
    }
    return node->as_integer()->get();
  }
  [[nodiscard]] Entry table(const std::string& key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) missing(key, "a table");
    if (!node->is_table()) refuse(key, "a table");
    return {*node->as_table(), file_, fmt::format("{}: {}", name_, key)};
  }
  [[nodiscard]] std::vector<Entry> tables(const std::string& key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) missing(key, "a list of tables");
    const toml::array* list = node->as_array();
    const auto is_table = [](const toml::node& item) { return item.is_table(); };
    if (list == nullptr || list->empty() || !std::all_of(list->begin(), list->end(), is_table)) {
      refuse(key, "a list of at least one table");
    }
    std::vector<Entry> entries;
    for (const toml::node& item : *list) {
      entries.emplace_back(
          *item.as_table(), file_, fmt::format("{}: {}[{}]", name_, key, entries.size()));
    }
    return entries;
  }
  [[noreturn]] void refuse(const std::string& key, const std::string& wanted) const {
    fail(ErrorKind::kConfig, "{}: wanted {}, got {}", where(key), wanted, got(*table_.get(key)));
  }
  void want_only(const std::vector<std::string>& known) const {
    for (const auto& [key, node] : table_) {
      const std::string name(key.str());
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      fail(ErrorKind::kConfig,
           "{} is unknown; did you mean '{}'?",
           where(name),
           nearest_name(name, known));
    }
  }

 private:
  [[noreturn]] void missing(const std::string& key, const std::string& wanted) const {
    fail(ErrorKind::kConfig, "{} is missing: wanted {}", where(key), wanted);
  }
  const toml::table& table_;
  std::string file_;
  std::string name_;
};

// A relative path whose parts cannot leave the folder it is taken in.
bool is_plain_path(const std::string& path) {
  std::stringstream parts(path);
  int64_t num_parts = 0;
  for (std::string part; std::getline(parts, part, '/'); ++num_parts) {
    if (!is_plain_name(part)) return false;
  }
  return num_parts > 0 && path.back() != '/';
}

UpstreamFile file_of(const Entry& entry) {
  entry.want_only({"path", "sha256", "size"});
  UpstreamFile file{.path = entry.text("path"),
                    .sha256 = entry.text("sha256"),
                    .size = static_cast<uint64_t>(entry.count("size"))};
  if (!is_plain_path(file.path)) entry.refuse("path", "a path inside the repository");
  if (!is_hex(file.sha256, 64)) entry.refuse("sha256", "64 lower-case hexadecimal digits");
  return file;
}

SetFormat format_of(const Entry& entry) {
  const std::string format = entry.text("format");
  if (format == "jsonl") return SetFormat::kJsonl;
  if (format == "json") return SetFormat::kJson;
  entry.refuse("format", "jsonl or json");
}

void read_fields(const Entry& fields, RegisteredSet& set) {
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

RegisteredSet set_of(const Entry& entry, const std::string& name) {
  entry.want_only({"title",
                   "repository",
                   "revision",
                   "licence",
                   "note",
                   "problems",
                   "format",
                   "files",
                   "fields"});
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
  for (const Entry& file : entry.tables("files")) set.files.push_back(file_of(file));
  read_fields(entry.table("fields"), set);
  return set;
}

toml::table parse(const std::string& text, const std::string& name) {
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    fail(ErrorKind::kConfig,
         "{}:{}: wanted TOML, got: {}",
         name,
         error.source().begin.line,
         error.description());
  }
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
  const toml::table registry = parse(read_file(file), file.string());
  std::vector<RegisteredSet> sets;
  for (const auto& [key, node] : registry) {
    const std::string name(key.str());
    const auto line = node.source().begin.line;
    // The name becomes part of a file's name.
    if (!is_plain_name(name) || !node.is_table()) {
      fail(ErrorKind::kConfig,
           "{}:{}: '{}': wanted a table named by letters, digits and -_., got {}",
           file.string(),
           line,
           name,
           got(node));
    }
    const Entry entry(*node.as_table(), file.string(), fmt::format("set '{}'", name));
    sets.push_back(set_of(entry, name));
  }
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
