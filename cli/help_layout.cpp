#include "cli/help_layout.h"

#include <algorithm>
#include <sstream>

namespace stratagram::cli {
namespace {

constexpr size_t kColumns = 100;
constexpr size_t kWidestName = 24;

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace

std::string wrapped(const std::vector<std::string>& words, size_t column, size_t indent) {
  std::string text;
  bool fresh = true;
  for (const std::string& word : words) {
    if (!fresh && column + 1 + word.size() > kColumns) {
      text.append("\n").append(indent, ' ');
      column = indent;
      fresh = true;
    }
    if (!fresh) text += ' ';
    column += word.size() + (fresh ? 0 : 1);
    text += word;
    fresh = false;
  }
  return text;
}

std::string table(const std::vector<Row>& rows) {
  size_t widest = 0;
  for (const auto& [name, meaning] : rows) {
    if (name.size() <= kWidestName) widest = std::max(widest, name.size());
  }
  const size_t indent = widest + 4;
  std::string text;
  for (const auto& [name, meaning] : rows) {
    text += "  " + name;
    if (!meaning.empty() && name.size() > widest) {
      text.append("\n").append(indent, ' ');
    } else if (!meaning.empty()) {
      text.append(indent - 2 - name.size(), ' ');
    }
    text += wrapped(words_of(meaning), indent, indent) + "\n";
  }
  return text;
}

}  // namespace stratagram::cli
