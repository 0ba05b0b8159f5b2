// tests/support/respellings.h -- other spellings of an answer that mean the same, whatever it is.
#pragma once

#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace stratagram {

/// Name and text of each spelling that differs from the given one. An outer pair of $ is taken off
/// first, so that one is put around a formula only.
inline std::vector<std::pair<std::string, std::string>> respellings(const std::string& gold) {
  using std::regex;
  using std::regex_match;
  const auto replaced = [](const std::string& text, const char* pattern, const char* by) {
    return std::regex_replace(text, regex(pattern), by);
  };
  std::string bare = replaced(gold, R"(^\s+|\s+$)", "");
  if (bare.size() > 2 && bare.front() == '$' && bare.find('$', 1) == bare.size() - 1) {
    bare = replaced(bare.substr(1, bare.size() - 2), R"(^\s+|\s+$)", "");
  }
  std::vector<std::pair<std::string, std::string>> all = {
      {"spaces", "  " + bare + " "},
      {"full stop", bare.ends_with('.') ? bare : bare + "."},
      {"dfrac", replaced(bare, R"(\\[dt]?frac)", "\\dfrac")},
      {"frac", replaced(bare, R"(\\[dt]frac)", "\\frac")},
      {"no left and right", replaced(bare, R"(\\(left|right)(?=[()\[\]|\\]))", "")},
      {"degree", replaced(bare, R"(\^\{?\\circ\}?)", "^{\\circ}")},
      {"cdot", replaced(bare, R"(\\times)", "\\cdot")},
      {"leq", replaced(bare, R"(\\(leqslant|le)(?![a-zA-Z]))", "\\leq")},
      {"minus sign", replaced(bare, "-", "\xe2\x88\x92")},
      {"pi", replaced(bare, R"(\\pi(?![a-zA-Z]))", "\xcf\x80")},
      {"infinity", replaced(bare, R"(\\infty(?![a-zA-Z]))", "\xe2\x88\x9e")},
      {"thin spaces", replaced(bare, R"(([A-Za-z0-9}])([+=])(?=[A-Za-z0-9\\]))", "$1\\,$2\\,")},
  };
  if (bare.find('$') == std::string::npos) {
    all.emplace_back("dollars", "$" + bare + "$");
    all.emplace_back("display", "\\[" + bare + "\\]");
    all.emplace_back("box", "\\boxed{" + bare + "}");
  }
  if (regex_match(bare, regex(R"(-?\d+)"))) {
    all.emplace_back("point zero", bare + ".0");
    all.emplace_back("name", "x = " + bare);
    all.emplace_back("over one", "\\frac{" + bare + "}{1}");
    const std::string digits = replaced(bare, R"(^(-?)0+(?=\d))", "$1");
    all.emplace_back("thousands", replaced(digits, R"((\d)(?=(\d{3})+$))", "$1{,}"));
  }
  if (regex_match(bare, regex(R"(\\[dt]?frac\{\d+\}\{\d+\})"))) {
    all.emplace_back("slash", replaced(bare, R"(\\[dt]?frac\{(\d+)\}\{(\d+)\})", "$1/$2"));
  }
  std::erase_if(all, [&](const auto& spelling) { return spelling.second == gold; });
  return all;
}

}  // namespace stratagram
