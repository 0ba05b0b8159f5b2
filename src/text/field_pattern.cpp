#include "text/field_pattern.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/config.h"
#include "core/error.h"

namespace stratagram::text {
namespace {

using nlohmann::json;

constexpr std::string_view kRowNumber = "#";
constexpr size_t kMaxShown = 60;  // bytes of foreign text in a message

std::string trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

std::string shown(const json& value) {
  // The error handler replaces the character that the cut may have split.
  const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  return text.size() <= kMaxShown ? text : text.substr(0, kMaxShown) + "...";
}

[[noreturn]] void refuse(const std::string& where,
                         const std::string& field,
                         const std::string& wanted,
                         const json& got) {
  fail(ErrorKind::kData, "{}: field '{}': wanted {}, got {}", where, field, wanted, shown(got));
}

std::optional<std::string> last_boxed(std::string_view text) {
  constexpr std::string_view kOpening = "\\boxed{";
  const size_t found = text.rfind(kOpening);
  if (found == std::string_view::npos) return std::nullopt;
  const size_t begin = found + kOpening.size();
  int64_t depth = 1;
  for (size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return std::string(text.substr(begin, i - begin));
  }
  return std::nullopt;
}

std::optional<std::string> scalar_text(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) {
    // Above 2^53 not every whole number is a double, so such a one is left as JSON writes it.
    constexpr double kExact = 9007199254740992.0;
    const double number = value.get<double>();
    if (number == std::trunc(number) && std::abs(number) < kExact) {
      return std::to_string(static_cast<int64_t>(number));
    }
  }
  if (value.is_number()) return value.dump();
  return std::nullopt;
}

}  // namespace

FieldPattern::Filter FieldPattern::filter_of(std::string_view text, const std::string& where) {
  struct Known {
    const char* name;
    FilterKind kind;
    bool takes_argument;
  };
  constexpr std::array<Known, 5> kFilters{{{"after", FilterKind::kAfter, true},
                                           {"before", FilterKind::kBefore, true},
                                           {"boxed", FilterKind::kBoxed, false},
                                           {"only", FilterKind::kOnly, false},
                                           {"trim", FilterKind::kTrim, false}}};
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string_view argument =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  std::vector<std::string> names;
  for (const Known& known : kFilters) {
    names.emplace_back(known.name);
    if (name != known.name) continue;
    if (known.takes_argument ? argument.empty() : colon != std::string_view::npos) {
      fail(ErrorKind::kConfig,
           "{}: filter '{}': wanted {}, got '{}'",
           where,
           name,
           known.takes_argument ? fmt::format("{}:TEXT", name) : std::string("no argument"),
           text);
    }
    return {known.kind, std::string(argument)};
  }
  fail(ErrorKind::kConfig,
       "{}: unknown filter '{}'; did you mean '{}'?",
       where,
       name,
       nearest_name(name, names));
}

FieldPattern::Piece FieldPattern::piece_of(std::string_view inside, const std::string& where) {
  Piece piece;
  size_t bar = inside.find('|');
  piece.field = std::string(inside.substr(0, bar));
  if (piece.field.empty()) {
    fail(ErrorKind::kConfig, "{}: wanted a field's name in the braces, got none", where);
  }
  while (bar != std::string_view::npos) {
    inside = inside.substr(bar + 1);
    bar = inside.find('|');
    piece.filters.push_back(filter_of(inside.substr(0, bar), where));
  }
  return piece;
}

FieldPattern::FieldPattern(std::string_view pattern, const std::string& where) {
  const std::string in = fmt::format("{}: pattern '{}'", where, pattern);
  while (!pattern.empty()) {
    const size_t open = pattern.find_first_of("{}");
    if (open == std::string_view::npos) {
      pieces_.push_back({std::string(pattern), "", {}});
      return;
    }
    const size_t close = pattern.find_first_of("{}", open + 1);
    if (pattern[open] == '}' || close == std::string_view::npos || pattern[close] == '{') {
      fail(ErrorKind::kConfig, "{}: a brace without its partner", in);
    }
    Piece piece = piece_of(pattern.substr(open + 1, close - open - 1), in);
    piece.literal = std::string(pattern.substr(0, open));
    pieces_.push_back(std::move(piece));
    pattern = pattern.substr(close + 1);
  }
}

std::string FieldPattern::value_of(const Piece& piece, const json& row, const std::string& where) {
  const auto found = row.find(piece.field);
  if (found == row.end()) {
    fail(ErrorKind::kData, "{}: field '{}' is missing", where, piece.field);
  }
  json value = *found;
  const auto text = [&] {
    const std::optional<std::string> scalar = scalar_text(value);
    if (!scalar) refuse(where, piece.field, "a text or a number", value);
    return *scalar;
  };
  for (const Filter& filter : piece.filters) {
    if (filter.kind == FilterKind::kOnly) {
      if (!value.is_array() || value.size() != 1) {
        refuse(where, piece.field, "a list of one element", value);
      }
      value = json(value.at(0));
      continue;
    }
    const std::string before = text();
    if (filter.kind == FilterKind::kTrim) value = trimmed(before);
    if (filter.kind == FilterKind::kBefore) {
      value = trimmed(before.substr(0, before.find(filter.argument)));
    }
    if (filter.kind == FilterKind::kAfter) {
      const size_t mark = before.rfind(filter.argument);
      if (mark == std::string::npos) {
        refuse(where, piece.field, fmt::format("'{}' in it", filter.argument), value);
      }
      value = trimmed(before.substr(mark + filter.argument.size()));
    }
    if (filter.kind == FilterKind::kBoxed) {
      const std::optional<std::string> boxed = last_boxed(before);
      if (!boxed) refuse(where, piece.field, "a whole \\boxed{...} in it", value);
      value = *boxed;
    }
  }
  return text();
}

bool FieldPattern::is_covered_by(const json& row) const {
  return std::all_of(pieces_.begin(), pieces_.end(), [&](const Piece& piece) {
    if (piece.field.empty() || piece.field == kRowNumber) return true;
    const auto found = row.find(piece.field);
    return found != row.end() && !found->is_null();
  });
}

std::string FieldPattern::fill(const json& row, const RowPlace& place) const {
  std::string filled;
  for (const Piece& piece : pieces_) {
    filled += piece.literal;
    if (piece.field.empty()) continue;
    filled += piece.field == kRowNumber ? std::to_string(place.number)
                                        : value_of(piece, row, place.where);
  }
  return filled;
}

}  // namespace stratagram::text
