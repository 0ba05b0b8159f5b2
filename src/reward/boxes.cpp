#include "reward/boxes.h"

#include <algorithm>
#include <array>
#include <optional>

#include "reward/characters.h"

namespace stratagram::reward {
namespace {

constexpr size_t kNearBytes = 80;
constexpr std::array<std::string_view, 2> kCommands = {"\\boxed", "\\fbox"};

// Position after the command that starts at `at`, or `at` when none does; \boxedness is another.
size_t after_command(std::string_view text, size_t at) {
  for (const std::string_view command : kCommands) {
    const size_t after = at + command.size();
    if (text.substr(at, command.size()) != command) continue;
    if (after < text.size() && is_letter(text[after])) continue;
    return after;
  }
  return at;
}

size_t skip_spaces(std::string_view text, size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

// End of the argument of a box without braces: what TeX would take is one token, what people mean
// is all up to a space or the end of the formula.
size_t end_of_bare(std::string_view text, size_t begin) {
  int64_t depth = 0;
  for (size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    const std::string_view two = text.substr(i, 2);
    if (c == '{') ++depth;
    if (c == '}' && --depth < 0) return i;
    if (depth > 0) continue;
    if (is_space(c) || c == '$' || two == "\\)" || two == "\\]" || two == "\\\\") return i;
    const bool at_end = i + 1 == text.size() || is_space(text[i + 1]);
    if ((c == '.' || c == ',' || c == ';') && at_end) return i;
    if (c == '\\') ++i;
  }
  return text.size();
}

std::optional<Box> without_spaces(std::string_view text, Box box) {
  while (box.begin < box.end && is_space(text[box.begin])) ++box.begin;
  while (box.end > box.begin && is_space(text[box.end - 1])) --box.end;
  if (box.begin == box.end) return std::nullopt;
  return box;
}

struct OpenBrace {
  bool is_box = false;
  size_t command = 0;
  size_t begin = 0;
};

// One pass over the text with the braces that are open.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Boxes run() {
    for (size_t at = 0; at < text_.size();) at = step(at);
    const auto by_command = [](const Box& a, const Box& b) { return a.command < b.command; };
    std::sort(boxes_.closed.begin(), boxes_.closed.end(), by_command);
    for (const OpenBrace& brace : open_) {
      if (!brace.is_box) continue;
      boxes_.last_is_open = boxes_.closed.empty() || brace.command > boxes_.closed.back().command;
    }
    return std::move(boxes_);
  }

 private:
  size_t step(size_t at) {
    const char c = text_[at];
    if (c == '{') {
      open_.push_back({});
    } else if (c == '}' && !open_.empty()) {
      close(at);
    } else if (c == '\\') {
      const size_t after = after_command(text_, at);
      if (after != at) return box(at, after);
      // A text that was escaped twice.
      const size_t escaped = at + 1 < text_.size() ? after_command(text_, at + 1) : at + 1;
      return escaped != at + 1 ? box(at + 1, escaped) : at + 2;
    }
    return at + 1;
  }

  void close(size_t at) {
    const OpenBrace brace = open_.back();
    open_.pop_back();
    if (!brace.is_box) return;
    keep({.command = brace.command, .begin = brace.begin, .end = at, .after = at + 1});
  }

  size_t box(size_t command, size_t after) {
    const size_t begin = skip_spaces(text_, after);
    if (begin < text_.size() && text_[begin] == '{') {
      open_.push_back({.is_box = true, .command = command, .begin = begin + 1});
      return begin + 1;
    }
    // A bare argument is short, or it would be read again and again.
    const std::string_view nearby = text_.substr(0, std::min(text_.size(), begin + 4 * kNearBytes));
    const size_t end = end_of_bare(nearby, begin);
    keep({.command = command, .begin = begin, .end = end, .after = end});
    return after;
  }

  void keep(const Box& box) {
    if (const auto kept = without_spaces(text_, box)) boxes_.closed.push_back(*kept);
  }

  std::string_view text_;
  std::vector<OpenBrace> open_{};
  Boxes boxes_{};
};

// Takes away what carries no meaning between two boxes; the rest has single letters of its words.
std::string bare_gap(std::string_view gap) {
  constexpr std::array<std::string_view, 12> kDecoration = {"\\quad",
                                                            "\\qquad",
                                                            "\\text",
                                                            "\\mbox",
                                                            "\\textrm",
                                                            "\\(",
                                                            "\\)",
                                                            "\\[",
                                                            "\\]",
                                                            "\\,",
                                                            "\\;",
                                                            "\\ "};
  std::string bare;
  for (size_t at = 0; at < gap.size();) {
    size_t skipped = 0;
    for (const std::string_view sign : kDecoration) {
      if (gap.substr(at, sign.size()) == sign) skipped = std::max(skipped, sign.size());
    }
    const char c = gap[at];
    if (skipped > 0) {
      at += skipped;
      continue;
    }
    if (!is_space(c) && c != '$' && c != '{' && c != '}' && c != '*' && c != '~') bare += lower(c);
    ++at;
  }
  return bare;
}

}  // namespace

Boxes find_boxes(std::string_view text) {
  return Scanner(text).run();
}

Link link_between(std::string_view text, const Box& first, const Box& second) {
  if (second.command < first.after || second.command - first.after > kNearBytes) return Link::kNone;
  const std::string bare = bare_gap(text.substr(first.after, second.command - first.after));
  if (second.command == first.after) return Link::kAnd;
  for (const std::string_view sign : {",", ";", "and", ",and", ";and", "&"}) {
    if (bare == sign) return Link::kAnd;
  }
  if (bare == "or" || bare == ",or" || bare == ";or") return Link::kOr;
  return Link::kNear;
}

}  // namespace stratagram::reward
