#include "grams/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/utf8.h"

namespace stratagram::grams {
namespace {

// C0 and C1, both of which terminals obey; U+FFFD for broken bytes.
std::string without_controls(std::string_view text) {
  std::string kept;
  for (size_t at = 0; at < text.size();) {
    const Utf8Character character = decode_utf8(text, at);
    const char32_t c = character.code_point;
    const bool is_control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
    if (!is_control) append_utf8_(kept, c);
    at += character.num_bytes;
  }
  return kept;
}

// A stretch of the text: that of one occurrence, or of none.
struct Piece {
  std::string_view text;
  const Gram* gram = nullptr;
  bool counted = false;
};

// The whole text, left to right. Each byte goes to the counted occurrence that covers it, else to
// the first one that does.
std::vector<Piece> pieces_of(const Matcher& matcher, std::string_view text) {
  const Matches matches = matcher.find(text);
  constexpr int32_t kNone = -1;
  const auto num_counted = static_cast<int32_t>(matches.counted.size());
  std::vector<int32_t> owners(text.size(), kNone);
  const auto paint = [&](const Occurrence& occurrence, int32_t owner) {
    std::fill(
        owners.begin() + occurrence.bytes.begin, owners.begin() + occurrence.bytes.end, owner);
  };
  for (size_t i = matches.all.size(); i-- > 0;) {
    paint(matches.all[i], num_counted + static_cast<int32_t>(i));
  }
  for (int32_t i = 0; i < num_counted; ++i) paint(matches.counted[i], i);
  std::vector<Piece> pieces;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin + 1;
    while (end < text.size() && owners[end] == owners[begin]) ++end;
    Piece piece{.text = text.substr(begin, end - begin)};
    if (const int32_t owner = owners[begin]; owner != kNone) {
      piece.counted = owner < num_counted;
      const Occurrence& occurrence =
          piece.counted ? matches.counted[owner] : matches.all[owner - num_counted];
      piece.gram = &matcher.catalogue().grams.at(occurrence.gram);
    }
    pieces.push_back(piece);
    begin = end;
  }
  return pieces;
}

}  // namespace

const char* ansi_colour(Role role) {
  switch (role) {
    case Role::kDeduction:
      return "\x1b[32m";
    case Role::kBranching:
      return "\x1b[36m";
    case Role::kBacktracing:
      return "\x1b[35m";
    case Role::kOther:
      return "\x1b[33m";
  }
  return "";
}

std::string escaped_html(std::string_view text) {
  std::string out;
  for (const char c : without_controls(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string render_ansi(const Matcher& matcher, std::string_view text) {
  std::string out;
  for (const Piece& piece : pieces_of(matcher, text)) {
    const std::string shown = without_controls(piece.text);
    out += piece.gram == nullptr ? shown : ansi_colour(piece.gram->role) + shown + "\x1b[0m";
  }
  return out;
}

std::string render_html(const Matcher& matcher, std::string_view text) {
  std::string out;
  for (const Piece& piece : pieces_of(matcher, text)) {
    const std::string shown = escaped_html(piece.text);
    if (piece.gram == nullptr) {
      out += shown;
      continue;
    }
    const char* role = role_name(piece.gram->role);
    out += fmt::format("<span class=\"sg {}{}\" title=\"{}: {}{}\">{}</span>",
                       role,
                       piece.counted ? "" : " overlap",
                       role,
                       escaped_html(piece.gram->text),
                       piece.counted ? "" : " (overlaps one that counts)",
                       shown);
  }
  return out;
}

}  // namespace stratagram::grams
