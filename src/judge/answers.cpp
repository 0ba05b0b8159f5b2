#include "judge/answers.h"

#include <nlohmann/json.hpp>
#include <string>

#include "core/error.h"

namespace stratagram::judge {
namespace {

using nlohmann::json;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\n";
  const size_t begin = text.find_first_not_of(kWhite);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

std::string_view without_thoughts(std::string_view text) {
  constexpr std::string_view kEnd = "</think>";
  text = trim(text);
  if (!text.starts_with("<think>")) return text;
  const size_t end = text.find(kEnd);
  return end == std::string_view::npos ? std::string_view{} : trim(text.substr(end + kEnd.size()));
}

std::string_view without_fence(std::string_view text) {
  constexpr std::string_view kFence = "```";
  const size_t line_end = text.find('\n');
  if (!text.starts_with(kFence) || line_end == std::string_view::npos) return text;
  const std::string_view inside = text.substr(line_end + 1);
  if (!inside.ends_with(kFence)) return text;
  return trim(inside.substr(0, inside.size() - kFence.size()));
}

std::optional<size_t> place_of(std::string_view letter, size_t num_options) {
  if (letter.size() != 1) return std::nullopt;
  const char c = letter.front();
  size_t place = num_options;
  if (c >= 'A' && c <= 'Z') place = static_cast<size_t>(c - 'A');
  if (c >= 'a' && c <= 'z') place = static_cast<size_t>(c - 'a');
  return place < num_options ? std::optional(place) : std::nullopt;
}

std::optional<size_t> bare_letter(std::string_view text, size_t num_options) {
  if (text.size() >= 5 && text.starts_with("**") && text.ends_with("**")) {
    text = text.substr(2, text.size() - 4);
  }
  if (text.size() == 3 && text.front() == '(' && text.back() == ')') text = text.substr(1, 1);
  if (text.size() == 2 && (text.back() == '.' || text.back() == ')')) text.remove_suffix(1);
  return place_of(text, num_options);
}

// None for text that is not JSON, not an object, or names a member twice.
std::optional<json> object_of(std::string_view text) {
  constexpr int kMaxDepth = 8;
  size_t num_keys = 0;
  bool too_deep = false;
  const auto count = [&](int depth, json::parse_event_t event, json& /*value*/) {
    if (event == json::parse_event_t::key && depth == 1) ++num_keys;
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  json object = json::parse(text, count, /*allow_exceptions=*/false);
  if (too_deep || !object.is_object() || object.size() != num_keys) return std::nullopt;
  return object;
}

std::optional<size_t> number_of(const std::string& key, size_t num_items) {
  for (size_t item = 0; item < num_items; ++item) {
    if (key == std::to_string(item + 1)) return item;
  }
  if (num_items == 1 && key == "answer") return 0;
  return std::nullopt;
}

}  // namespace

std::vector<std::optional<size_t>> read_answers(std::string_view text,
                                                size_t num_items,
                                                size_t num_options) {
  STRATAGRAM_CHECK(num_options >= 1 && num_options <= 26, "{} options", num_options);
  std::vector<std::optional<size_t>> none(num_items);
  std::vector<std::optional<size_t>> places = none;
  const std::string_view answer = without_fence(without_thoughts(text));
  if (num_items == 1) {
    places[0] = bare_letter(answer, num_options);
    if (places[0]) return places;
  }
  if (!answer.starts_with('{')) return none;
  const std::optional<json> object = object_of(answer);
  if (!object || (num_items == 1 && object->size() != 1)) return none;
  for (const auto& [key, value] : object->items()) {
    const std::optional<size_t> item = number_of(key, num_items);
    if (!item) return none;
    if (value.is_string())
      places[*item] = place_of(value.get_ref<const std::string&>(), num_options);
  }
  return places;
}

}  // namespace stratagram::judge
