#include "core/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "core/utf8.h"

namespace stratagram {
namespace {

using nlohmann::json;

json value_of(const ConfigFields::Target& target) {
  return std::visit([](const auto* member) { return json(*member); }, target);
}

std::string text_of(const ConfigFields::Target& target) {
  const json value = value_of(target);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string type_of(const ConfigFields::Target& target) {
  struct Name {
    std::string operator()(const bool*) const { return "true or false"; }
    std::string operator()(const int64_t*) const { return "an integer"; }
    std::string operator()(const double*) const { return "a number"; }
    std::string operator()(const std::string*) const { return "a text"; }
    std::string operator()(const std::vector<std::string>*) const { return "a list of texts"; }
  };
  return std::visit(Name{}, target);
}

std::string number_text(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

std::string range_of(const FieldDoc& doc) {
  if (!doc.choices.empty()) return fmt::format("one of {}", fmt::join(doc.choices, ", "));
  const bool low = std::isfinite(doc.min);
  const bool high = std::isfinite(doc.max);
  if (low && high) return fmt::format("{} to {}", number_text(doc.min), number_text(doc.max));
  if (low) return fmt::format("at least {}", number_text(doc.min));
  if (high) return fmt::format("at most {}", number_text(doc.max));
  return "";
}

json json_of(const toml::node& node, const std::string& where) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* array = node.as_array()) {
    json list = json::array();
    for (const toml::node& item : *array) list.push_back(json_of(item, where));
    return list;
  }
  fail(ErrorKind::kConfig, "{}: wanted a text, number, true, false or a list", where);
}

struct Leaf {
  std::string key;
  json value;
  std::string where;
};

void collect_leaves(const toml::table& table,
                    const std::string& prefix,
                    const std::string& file,
                    std::vector<Leaf>& leaves) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    if (const toml::table* inner = node.as_table()) {
      collect_leaves(*inner, key + ".", file, leaves);
      continue;
    }
    const std::string where = fmt::format("{}:{}", file, node.source().begin.line);
    leaves.push_back({key, json_of(node, where), where});
  }
}

std::vector<Leaf> parse_toml(const std::string& text, const std::string& name) {
  try {
    std::vector<Leaf> leaves;
    collect_leaves(toml::parse(text, name), "", name, leaves);
    return leaves;
  } catch (const toml::parse_error& error) {
    fail(ErrorKind::kConfig,
         "{}:{}: wanted TOML, got: {}",
         name,
         error.source().begin.line,
         error.description());
  }
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::numeric_limits<size_t>::max();
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

void ConfigFields::add(const std::string& name, Target target, FieldDoc doc) {
  const std::string key = prefix_ + name;
  STRATAGRAM_CHECK(find(key) == nullptr, "config key '{}' is described twice", key);
  if (!doc.effective_key.empty()) {
    doc.effective_key = prefix_ + doc.effective_key;
    STRATAGRAM_CHECK(find(doc.effective_key) != nullptr,
                     "config key '{}' depends on '{}', which is not described before it",
                     key,
                     doc.effective_key);
  }
  fields_.push_back({key, target, std::move(doc), text_of(target)});
}

const ConfigFields::Field* ConfigFields::find(const std::string& key) const {
  const auto found = std::find_if(
      fields_.begin(), fields_.end(), [&](const Field& field) { return field.key == key; });
  return found == fields_.end() ? nullptr : &*found;
}

ConfigFields::Field& ConfigFields::field_for(const std::string& key, const std::string& where) {
  const Field* field = find(key);
  if (field == nullptr) {
    fail(ErrorKind::kConfig,
         "{}: unknown key '{}'; did you mean '{}'? `stratagram config` lists every key",
         where,
         key,
         nearest_name(key, keys()));
  }
  return const_cast<Field&>(*field);
}

void ConfigFields::assign_(Field& field, const json& value, const std::string& where) {
  const auto refuse = [&](const std::string& wanted) {
    fail(ErrorKind::kConfig,
         "{}: key '{}': wanted {}, got {}",
         where,
         field.key,
         wanted,
         to_json_line(value));
  };
  if (auto* const* flag = std::get_if<bool*>(&field.target)) {
    if (!value.is_boolean()) refuse(type_of(field.target));
    **flag = value.get<bool>();
    return;
  }
  if (auto* const* list = std::get_if<std::vector<std::string>*>(&field.target)) {
    const bool texts =
        value.is_array() &&
        std::all_of(value.begin(), value.end(), [](const json& v) { return v.is_string(); });
    if (!texts) refuse(type_of(field.target));
    **list = value.get<std::vector<std::string>>();
    return;
  }
  if (auto* const* text = std::get_if<std::string*>(&field.target)) {
    if (!value.is_string()) refuse(type_of(field.target));
    const auto chosen = value.get<std::string>();
    const std::vector<std::string>& choices = field.doc.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), chosen) == choices.end()) {
      refuse(fmt::format("{} (nearest: '{}')", range_of(field.doc), nearest_name(chosen, choices)));
    }
    **text = chosen;
    return;
  }
  const bool wants_integer = std::holds_alternative<int64_t*>(field.target);
  const bool fits = !value.is_number_unsigned() || value.get<uint64_t>() <= uint64_t{INT64_MAX};
  if (wants_integer ? !value.is_number_integer() || !fits : !value.is_number()) {
    refuse(type_of(field.target));
  }
  const double number = value.get<double>();
  if (!(number >= field.doc.min && number <= field.doc.max)) refuse(range_of(field.doc));
  if (wants_integer) {
    *std::get<int64_t*>(field.target) = value.get<int64_t>();
  } else {
    *std::get<double*>(field.target) = number;
  }
}

void ConfigFields::read_toml(const std::filesystem::path& path) {
  for (const Leaf& leaf : parse_toml(read_file(path), path.string())) {
    Field& field = field_for(leaf.key, leaf.where);
    assign_(field, leaf.value, leaf.where);
    field.source = "file";
  }
}

void ConfigFields::set(std::string_view assignment) {
  const size_t equals = assignment.find('=');
  const std::string where = fmt::format("--set {}", replace_broken_utf8(assignment));
  if (!is_valid_utf8(assignment)) {  // it could not be recorded in config.json
    fail(ErrorKind::kConfig, "{}: wanted text in UTF-8, got other bytes", where);
  }
  if (equals == std::string_view::npos || equals == 0) {
    fail(ErrorKind::kConfig, "{}: wanted KEY=VALUE, e.g. rollout.max_new_tokens=512", where);
  }
  const std::string key(assignment.substr(0, equals));
  const std::string text(assignment.substr(equals + 1));
  Field& field = field_for(key, where);
  json value = text;
  const bool quoted = text.starts_with('"') || text.starts_with('\'');
  if (!std::holds_alternative<std::string*>(field.target) || quoted) {
    const std::vector<Leaf> leaves = parse_toml("value = " + text, where);
    if (leaves.size() != 1 || leaves[0].key != "value") {
      fail(ErrorKind::kConfig, "{}: wanted {}, got '{}'", where, type_of(field.target), text);
    }
    value = leaves[0].value;
  }
  assign_(field, value, where);
  field.source = "set";
}

std::vector<std::string> ConfigFields::problems() const {
  std::vector<std::string> found;
  for (const Field& field : fields_) {
    if (field.source == "default" || field.doc.effective_key.empty()) continue;
    const std::string governor = text_of(find(field.doc.effective_key)->target);
    const std::vector<std::string>& wanted = field.doc.effective_values;
    if (std::find(wanted.begin(), wanted.end(), governor) != wanted.end()) continue;
    found.push_back(
        fmt::format("key '{}' has no effect: it wants {} = {}, got {}; remove it or change {}",
                    field.key,
                    field.doc.effective_key,
                    fmt::join(wanted, " or "),
                    governor,
                    field.doc.effective_key));
  }
  return found;
}

nlohmann::ordered_json ConfigFields::to_json() const {
  nlohmann::ordered_json record = nlohmann::ordered_json::object();
  for (const Field& field : fields_) {
    nlohmann::ordered_json entry = {{"value", value_of(field.target)}, {"source", field.source}};
    if (field.source == "default") entry["origin"] = field.doc.origin;
    record[field.key] = std::move(entry);
  }
  return record;
}

void ConfigFields::read_json(const json& record, const std::string& where) {
  for (const auto& [key, entry] : record.items()) {
    if (!entry.is_object() || !entry.contains("value") || !entry.contains("source") ||
        !entry["source"].is_string()) {
      fail(ErrorKind::kConfig,
           "{}: key '{}': wanted value and source, got {}",
           where,
           key,
           entry.dump());
    }
    Field& field = field_for(key, where);
    assign_(field, entry["value"], where);
    field.source = entry["source"].get<std::string>();
  }
}

std::string ConfigFields::help() const {
  std::string text;
  std::string section;
  for (const Field& field : fields_) {
    const size_t dot = field.key.rfind('.');
    const std::string own = dot == std::string::npos ? "" : field.key.substr(0, dot);
    if (own != section) text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", own);
    section = own;
    const std::string name = field.key.substr(dot == std::string::npos ? 0 : dot + 1);
    text +=
        fmt::format("  {} = {}\n      {}", name, value_of(field.target).dump(), field.doc.meaning);
    std::vector<std::string> notes;
    if (!field.doc.unit.empty()) notes.push_back(field.doc.unit);
    if (const std::string range = range_of(field.doc); !range.empty()) notes.push_back(range);
    if (!field.doc.effective_key.empty()) {
      notes.push_back(fmt::format("only with {} = {}",
                                  field.doc.effective_key,
                                  fmt::join(field.doc.effective_values, " or ")));
    }
    notes.push_back(fmt::format("default: {}", field.doc.origin));
    text += fmt::format(" ({})\n", fmt::join(notes, "; "));
  }
  return text;
}

std::vector<std::string> ConfigFields::keys() const {
  std::vector<std::string> names;
  names.reserve(fields_.size());
  for (const Field& field : fields_) names.push_back(field.key);
  return names;
}

bool ConfigFields::is_set(const std::string& key) const {
  const Field* field = find(key);
  return field != nullptr && field->source != "default";
}

}  // namespace stratagram
