#include "grams/render.h"

#include <fmt/format.h>

#include <array>
#include <functional>

namespace stratagram::grams {
namespace {

constexpr std::array<Role, 4> kRoles = {
    Role::kDeduction, Role::kBranching, Role::kBacktracing, Role::kOther};

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

std::string without_controls(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
    if (!is_control) kept += c;
  }
  return kept;
}

std::string escaped(std::string_view text) {
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

// Calls `plain` and `marked` for the pieces of the text, in order; counted occurrences do not
// overlap.
void for_each_piece(const Matcher& matcher,
                    std::string_view text,
                    const std::function<void(std::string_view)>& plain,
                    const std::function<void(std::string_view, const Gram&)>& marked) {
  int64_t at = 0;
  for (const Occurrence& occurrence : matcher.find(text).counted) {
    plain(text.substr(at, occurrence.bytes.begin - at));
    marked(text.substr(occurrence.bytes.begin, occurrence.bytes.end - occurrence.bytes.begin),
           matcher.catalogue().grams.at(occurrence.gram));
    at = occurrence.bytes.end;
  }
  plain(text.substr(at));
}

}  // namespace

std::string render_ansi(const Matcher& matcher, std::string_view text) {
  std::string out;
  for_each_piece(
      matcher,
      text,
      [&](std::string_view piece) { out += without_controls(piece); },
      [&](std::string_view piece, const Gram& gram) {
        out += ansi_colour(gram.role) + without_controls(piece) + "\x1b[0m";
      });
  return out;
}

std::string render_html(const Matcher& matcher, std::string_view text) {
  std::string out;
  for_each_piece(
      matcher,
      text,
      [&](std::string_view piece) { out += escaped(piece); },
      [&](std::string_view piece, const Gram& gram) {
        out += fmt::format("<span class=\"sg {}\" title=\"{}: {}\">{}</span>",
                           role_name(gram.role),
                           role_name(gram.role),
                           escaped(gram.text),
                           escaped(piece));
      });
  return out;
}

std::string html_page(std::string_view title, std::span<const std::string> fragments) {
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>\n"
      "body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;"
      "color:#1a1a1a;background:#fff}}\n"
      "pre{{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;border-top:1px solid #ccc;"
      "padding-top:1rem}}\n"
      ".sg{{border-radius:3px;padding:0 2px}}\n"
      ".deduction{{background:#cdeccd}}.branching{{background:#c9e6f5}}"
      ".backtracing{{background:#f3d3ef}}.other{{background:#f6e7b9}}\n"
      "</style></head><body>\n<h1>{0}</h1>\n<p>",
      escaped(title));
  for (const Role role : kRoles) {
    page += fmt::format("<span class=\"sg {0}\">{0}</span> ", role_name(role));
  }
  page += "</p>\n";
  for (const std::string& fragment : fragments) page += "<pre>" + fragment + "</pre>\n";
  return page + "</body></html>\n";
}

}  // namespace stratagram::grams
