#include "text/added_tokens.h"

#include <utf8proc.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/jsonl.h"
#include "core/utf8.h"

namespace stratagram::text {
namespace {

bool is_space(char32_t c) {
  return (c >= 0x9 && c <= 0xd) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

// \w of the reference's pattern: letters, marks, numbers, connectors.
bool is_word(char32_t c) {
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ND) ||
         category == UTF8PROC_CATEGORY_PC;
}

// Start of the character that ends at `end` (> 0).
size_t previous_character(std::string_view text, size_t end) {
  size_t at = end - 1;
  while (at > 0 && end - at < 4 && (static_cast<uint8_t>(text[at]) & 0xc0U) == 0x80U) --at;
  return at;
}

bool stands_alone(std::string_view text, size_t begin, size_t end) {
  if (begin > 0 && is_word(decode_utf8(text, previous_character(text, begin)).code_point)) {
    return false;
  }
  return end >= text.size() || !is_word(decode_utf8(text, end).code_point);
}

}  // namespace

int32_t checked_token_id(int64_t id, const std::string& spelling, const std::string& where) {
  if (id < 0 || id > std::numeric_limits<int32_t>::max()) {
    fail(ErrorKind::kData,
         "{}: token '{}': id {}: wanted 0 to {}; the file was damaged",
         where,
         spelling,
         id,
         std::numeric_limits<int32_t>::max());
  }
  return static_cast<int32_t>(id);
}

std::vector<AddedToken> parse_added_tokens(const nlohmann::json& list, const std::string& where) {
  const std::string here = where + ": added_tokens";
  std::vector<AddedToken> tokens;
  for (const nlohmann::json& token : list) {
    const auto content = field_of<std::string>(token, "content", here);
    tokens.push_back({.id = checked_token_id(field_of<int64_t>(token, "id", here), content, here),
                      .content = content,
                      .special = token.value("special", false),
                      .lstrip = token.value("lstrip", false),
                      .rstrip = token.value("rstrip", false),
                      .single_word = token.value("single_word", false),
                      .normalized = token.value("normalized", false)});
  }
  return tokens;
}

AddedTokenFinder::AddedTokenFinder(const std::vector<AddedToken>& tokens) {
  for (const AddedToken& token : tokens) {
    if (token.content.empty()) continue;
    by_first_byte_[static_cast<uint8_t>(token.content[0])].push_back(token);
    empty_ = false;
  }
  for (auto& bucket : by_first_byte_) {
    std::stable_sort(bucket.begin(), bucket.end(), [](const AddedToken& a, const AddedToken& b) {
      return a.content.size() > b.content.size();
    });
  }
}

const AddedToken* AddedTokenFinder::longest_at(std::string_view text, size_t at) const {
  for (const AddedToken& token : by_first_byte_[static_cast<uint8_t>(text[at])]) {
    if (text.compare(at, token.content.size(), token.content) == 0) return &token;
  }
  return nullptr;
}

void AddedTokenFinder::split(std::string_view text,
                             const std::function<void(Range)>& gap,
                             const std::function<void(int32_t id, Range)>& token) const {
  size_t start = 0;  // end of the last token, with the space it took
  const auto flush = [&](size_t end) {
    if (end > start) gap({static_cast<int64_t>(start), static_cast<int64_t>(end)});
  };
  for (size_t at = 0; !empty_ && at < text.size();) {
    const AddedToken* found = longest_at(text, at);
    if (found == nullptr) {
      ++at;
      continue;
    }
    size_t begin = at;
    size_t end = at + found->content.size();
    at = end;
    if (found->single_word && !stands_alone(text, begin, end)) continue;
    while (found->lstrip && begin > start) {
      const size_t before = previous_character(text, begin);
      if (before < start || !is_space(decode_utf8(text, before).code_point)) break;
      begin = before;
    }
    while (found->rstrip && end < text.size()) {
      const Utf8Character c = decode_utf8(text, end);
      if (!is_space(c.code_point)) break;
      end += c.num_bytes;
    }
    flush(begin);
    token(found->id, {static_cast<int64_t>(begin), static_cast<int64_t>(end)});
    start = end;
    at = std::max(at, end);
  }
  flush(text.size());
}

}  // namespace stratagram::text
