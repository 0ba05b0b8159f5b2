#include "text/toml_entry.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "core/config.h"
#include "core/error.h"
#include "core/file.h"
#include "core/hub_listing.h"

namespace stratagram::text {
namespace {

std::string got(const toml::node& node) {
  std::ostringstream text;
  node.visit([&](const auto& value) { text << value; });
  return text.str();
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

std::string TomlEntry::where(const std::string& key) const {
  const toml::node* found = table_.get(key);
  const auto line = (found == nullptr ? table_.source() : found->source()).begin.line;
  return fmt::format("{}:{}: {}: key '{}'", file_, line, name_, key);
}

std::vector<std::string> TomlEntry::keys() const {
  std::vector<std::string> names;
  for (const auto& [key, unused] : table_) names.emplace_back(key.str());
  return names;
}

const toml::node& TomlEntry::node(const std::string& key, const char* wanted) const {
  const toml::node* found = table_.get(key);
  if (found == nullptr) {
    fail(ErrorKind::kConfig, "{} is missing: wanted {}", where(key), wanted);
  }
  return *found;
}

std::optional<std::string> TomlEntry::optional_text(const std::string& key) const {
  const toml::node* found = table_.get(key);
  if (found == nullptr) return std::nullopt;
  if (!found->is_string() || found->as_string()->get().empty()) {
    refuse(key, "a text that is not empty");
  }
  return found->as_string()->get();
}

std::string TomlEntry::text(const std::string& key) const {
  (void)node(key, "a text");
  return *optional_text(key);
}

int64_t TomlEntry::count(const std::string& key) const {
  const toml::node& found = node(key, "a whole number");
  if (!found.is_integer() || found.as_integer()->get() < 1) {
    refuse(key, "a whole number of at least 1");
  }
  return found.as_integer()->get();
}

double TomlEntry::number(const std::string& key, double min, double max) const {
  const std::optional<double> value = node(key, "a number").value<double>();
  if (!value || !(*value >= min && *value <= max)) {
    refuse(key, fmt::format("a number from {} to {}", min, max));
  }
  return *value;
}

std::vector<std::string> TomlEntry::texts(const std::string& key) const {
  const toml::array* list = node(key, "a list of texts").as_array();
  const auto is_text = [](const toml::node& item) { return item.is_string(); };
  if (list == nullptr || list->empty() || !std::all_of(list->begin(), list->end(), is_text)) {
    refuse(key, "a list of at least one text");
  }
  std::vector<std::string> values;
  for (const toml::node& item : *list) values.push_back(item.as_string()->get());
  return values;
}

TomlEntry TomlEntry::table(const std::string& key) const {
  const toml::node& found = node(key, "a table");
  if (!found.is_table()) refuse(key, "a table");
  return {*found.as_table(), file_, fmt::format("{}: {}", name_, key)};
}

std::vector<TomlEntry> TomlEntry::tables(const std::string& key) const {
  const toml::array* list = node(key, "a list of tables").as_array();
  const auto is_table = [](const toml::node& item) { return item.is_table(); };
  if (list == nullptr || list->empty() || !std::all_of(list->begin(), list->end(), is_table)) {
    refuse(key, "a list of at least one table");
  }
  std::vector<TomlEntry> entries;
  for (const toml::node& item : *list) {
    entries.emplace_back(
        *item.as_table(), file_, fmt::format("{}: {}[{}]", name_, key, entries.size()));
  }
  return entries;
}

void TomlEntry::refuse(const std::string& key, const std::string& wanted) const {
  fail(ErrorKind::kConfig, "{}: wanted {}, got {}", where(key), wanted, got(*table_.get(key)));
}

void TomlEntry::want_only(const std::vector<std::string>& known) const {
  for (const auto& [key, unused] : table_) {
    const std::string name(key.str());
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    fail(ErrorKind::kConfig,
         "{} is unknown; did you mean '{}'?",
         where(name),
         nearest_name(name, known));
  }
}

void read_toml_entries(
    const std::filesystem::path& file,
    const std::string& kind,
    const std::function<void(const std::string& name, const TomlEntry& entry)>& take) {
  const toml::table all = parse(read_file(file), file.string());
  for (const auto& [key, node] : all) {
    const std::string name(key.str());
    if (!is_plain_name(name) || !node.is_table()) {
      fail(ErrorKind::kConfig,
           "{}:{}: '{}': wanted a table named by letters, digits and -_., got {}",
           file.string(),
           node.source().begin.line,
           name,
           got(node));
    }
    take(name, TomlEntry(*node.as_table(), file.string(), fmt::format("{} '{}'", kind, name)));
  }
}

}  // namespace stratagram::text
