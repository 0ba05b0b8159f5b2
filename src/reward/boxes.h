// reward/boxes.h -- the \boxed{} of a response: all of them in one pass, and which belong together.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stratagram::reward {

/// Of \boxed{...}, \fbox{...}, \boxed 5 or \boxed\frac12: half-open byte ranges.
struct Box {
  size_t command = 0;  ///< where the backslash stands
  size_t begin = 0;    ///< of what is inside, white space at its ends left out
  size_t end = 0;
  size_t after = 0;  ///< the first byte after the box
};

struct Boxes {
  std::vector<Box> closed{};  ///< that are not blank, by `command`
  bool last_is_open = false;  ///< the last one of the text has no closing brace
};

/// Linear in the text, however deeply braces and boxes nest. `\{` and `\}` are not braces.
[[nodiscard]] Boxes find_boxes(std::string_view text);

/// What stands between two boxes.
enum class Link {
  kNone,
  kAnd,   ///< nothing but "and", a comma, a semicolon or "&", with the signs of LaTeX around them
  kOr,    ///< "or"
  kNear,  ///< other words, but few
};

[[nodiscard]] Link link_between(std::string_view text, const Box& first, const Box& second);

}  // namespace stratagram::reward
