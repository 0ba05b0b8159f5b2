#include "core/jsonl.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <type_traits>
#include <vector>

#include "core/error.h"

namespace stratagram {
namespace {

using nlohmann::json;

template <typename T>
const char* type_name() {
  if constexpr (std::is_same_v<T, std::string>) return "a string";
  if constexpr (std::is_same_v<T, int64_t>) return "an integer";
  if constexpr (std::is_same_v<T, double>) return "a number";
  if constexpr (std::is_same_v<T, bool>) return "true or false";
  return "an array of one type";
}

template <typename T>
bool holds(const json& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return value.is_string();
  } else if constexpr (std::is_same_v<T, int64_t>) {
    return value.is_number_integer() &&
           (!value.is_number_unsigned() || value.get<uint64_t>() <= uint64_t{INT64_MAX});
  } else if constexpr (std::is_same_v<T, double>) {
    return value.is_number();
  } else if constexpr (std::is_same_v<T, bool>) {
    return value.is_boolean();
  } else {
    if (!value.is_array()) return false;
    for (const json& item : value) {
      if (!holds<typename T::value_type>(item)) return false;
    }
    return true;
  }
}

constexpr int kMaxNesting = 100;

void check_nesting(std::string_view text, const std::string& where) {
  int depth = 0;
  bool in_text = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;  // whatever follows does not end the text
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxNesting) {
        fail(ErrorKind::kData,
             "{}: is nested deeper than {} levels; the file was damaged",
             where,
             kMaxNesting);
      }
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
}

std::string excerpt(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

}  // namespace

JsonlReader::JsonlReader(const std::filesystem::path& path) : path_(path), file_(path) {
  std::error_code ignored;
  if (!file_ || std::filesystem::is_directory(path, ignored)) {
    fail(ErrorKind::kData, "{}: cannot be read; wanted a JSON Lines file", path.string());
  }
}

std::optional<json> JsonlReader::next() {
  while (std::getline(file_, line_)) {
    ++line_number_;
    if (line_number_ == 1 && line_.starts_with("\xEF\xBB\xBF")) line_.erase(0, 3);
    if (line_.find_first_not_of(" \t\r") == std::string::npos) continue;
    check_nesting(line_, where());
    json value;
    try {
      value = json::parse(line_);
    } catch (const json::exception& error) {
      fail(ErrorKind::kData,
           "{}: wanted one JSON object, got broken text: {}",
           where(),
           error.what());
    }
    if (!value.is_object()) {
      fail(ErrorKind::kData, "{}: wanted a JSON object, got {}", where(), excerpt(value));
    }
    return value;
  }
  if (file_.bad()) fail(ErrorKind::kData, "{}: reading failed", where());
  return std::nullopt;
}

std::string JsonlReader::where() const {
  return fmt::format("{}:{}", path_.string(), line_number_);
}

json parse_json_object(std::string_view text, const std::string& where) {
  check_nesting(text, where);
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!value.is_object()) {
    fail(ErrorKind::kData,
         "{}: is not a JSON object; the file was cut short or damaged, fetch it again",
         where);
  }
  return value;
}

template <typename T>
T field_of(const json& object, const std::string& key, const std::string& where) {
  const auto found = object.find(key);
  if (found == object.end()) {
    fail(ErrorKind::kData, "{}: field '{}': wanted {}, got nothing", where, key, type_name<T>());
  }
  if (!holds<T>(*found)) {
    fail(ErrorKind::kData,
         "{}: field '{}': wanted {}, got {}",
         where,
         key,
         type_name<T>(),
         excerpt(*found));
  }
  return found->get<T>();
}

template <typename T>
std::optional<T> optional_field_of(const json& object,
                                   const std::string& key,
                                   const std::string& where) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return field_of<T>(object, key, where);
}

#define STRATAGRAM_INSTANTIATE_FIELD(T)                                        \
  template T field_of<T>(const json&, const std::string&, const std::string&); \
  template std::optional<T> optional_field_of<T>(                              \
      const json&, const std::string&, const std::string&)
STRATAGRAM_INSTANTIATE_FIELD(std::string);
STRATAGRAM_INSTANTIATE_FIELD(int64_t);
STRATAGRAM_INSTANTIATE_FIELD(double);
STRATAGRAM_INSTANTIATE_FIELD(bool);
STRATAGRAM_INSTANTIATE_FIELD(std::vector<int64_t>);
STRATAGRAM_INSTANTIATE_FIELD(std::vector<double>);
STRATAGRAM_INSTANTIATE_FIELD(std::vector<std::string>);
#undef STRATAGRAM_INSTANTIATE_FIELD

std::string to_json_line(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

double round_significant(double value, int digits) {
  if (value == 0.0 || !std::isfinite(value)) return value;
  return std::strtod(fmt::format("{:.{}e}", value, digits - 1).c_str(), nullptr);
}

json rounded_list(std::span<const float> values) {
  json list = json::array();
  for (const float value : values) list.push_back(round_significant(value));
  return list;
}

JsonlAppender::JsonlAppender(const std::filesystem::path& path)
    : path_(path), file_(path, std::ios::binary | std::ios::app) {
  if (!file_) fail(ErrorKind::kDevice, "{}: cannot be opened for appending", path.string());
}

void JsonlAppender::append(const json& object) {
  write(to_json_line(object));
}

void JsonlAppender::append(const nlohmann::ordered_json& object) {
  write(object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void JsonlAppender::write(const std::string& line) {
  file_ << line + "\n";
  file_.flush();
  if (!file_) {
    fail(ErrorKind::kDevice, "{}: writing failed; is the disk full?", path_.string());
  }
}

}  // namespace stratagram
