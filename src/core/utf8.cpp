#include "core/utf8.h"

namespace stratagram {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

struct Lead {
  size_t num_bytes;
  unsigned char low;  // range of the second byte (Unicode 15, table 3-7)
  unsigned char high;
  char32_t bits;
};

Lead classify(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF, byte & 0x1FU};
  if (byte == 0xE0) return {3, 0xA0, 0xBF, byte & 0x0FU};
  if (byte == 0xED) return {3, 0x80, 0x9F, byte & 0x0FU};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF, byte & 0x0FU};
  if (byte == 0xF0) return {4, 0x90, 0xBF, byte & 0x07U};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF, byte & 0x07U};
  if (byte == 0xF4) return {4, 0x80, 0x8F, byte & 0x07U};
  return {0, 0, 0, 0};
}

}  // namespace

Utf8Character decode_utf8(std::string_view text, size_t offset) {
  if (offset >= text.size()) return {0, 0, false};
  const auto byte_at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte_at(offset);
  if (first < 0x80) return {first, 1, true};
  const Lead lead = classify(first);
  if (lead.num_bytes == 0) return {kReplacement, 1, false};
  char32_t code_point = lead.bits;
  for (size_t i = 1; i < lead.num_bytes; ++i) {
    if (offset + i >= text.size()) return {kReplacement, i, false};
    const unsigned char byte = byte_at(offset + i);
    const unsigned char low = i == 1 ? lead.low : 0x80;
    const unsigned char high = i == 1 ? lead.high : 0xBF;
    if (byte < low || byte > high) return {kReplacement, i, false};
    code_point = (code_point << 6) | (byte & 0x3FU);
  }
  return {code_point, lead.num_bytes, true};
}

void append_utf8_(std::string& text, char32_t code_point) {
  const auto push = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    push(code_point);
  } else if (code_point < 0x800) {
    push(0xC0 | (code_point >> 6));
    push(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    push(0xE0 | (code_point >> 12));
    push(0x80 | ((code_point >> 6) & 0x3F));
    push(0x80 | (code_point & 0x3F));
  } else {
    push(0xF0 | (code_point >> 18));
    push(0x80 | ((code_point >> 12) & 0x3F));
    push(0x80 | ((code_point >> 6) & 0x3F));
    push(0x80 | (code_point & 0x3F));
  }
}

std::string replace_broken_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const Utf8Character character = decode_utf8(text, i);
    if (character.valid) {
      result.append(text.substr(i, character.num_bytes));
    } else {
      append_utf8_(result, kReplacement);
    }
    i += character.num_bytes;
  }
  return result;
}

bool is_valid_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const Utf8Character character = decode_utf8(text, i);
    if (!character.valid) return false;
    i += character.num_bytes;
  }
  return true;
}

}  // namespace stratagram
