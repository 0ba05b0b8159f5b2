#include "text/byte_level.h"

#include <array>
#include <cstdint>

#include "core/utf8.h"

namespace stratagram::text {
namespace {

constexpr int kNumCharacters = 256 + 68;  // the 68 bytes that are not printable come after U+00FF

struct Alphabet {
  std::array<char32_t, 256> character_of{};
  std::array<int, kNumCharacters> byte_of{};
};

constexpr bool is_printable(int byte) {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  for (int& byte : alphabet.byte_of) byte = -1;
  int next = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const int character = is_printable(byte) ? byte : next++;
    alphabet.character_of[byte] = static_cast<char32_t>(character);
    alphabet.byte_of[character] = byte;
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = make_alphabet();

}  // namespace

std::string bytes_of_spelling(std::string_view spelling) {
  std::string bytes;
  bytes.reserve(spelling.size());
  for (size_t at = 0; at < spelling.size();) {
    const Utf8Character c = decode_utf8(spelling, at);
    if (c.code_point >= kNumCharacters || kAlphabet.byte_of[c.code_point] < 0) {
      return std::string(spelling);
    }
    bytes += static_cast<char>(kAlphabet.byte_of[c.code_point]);
    at += c.num_bytes;
  }
  return bytes;
}

std::string spelling_of_bytes(std::string_view bytes) {
  std::string spelling;
  for (const char c : bytes) {
    append_utf8_(spelling, kAlphabet.character_of[static_cast<uint8_t>(c)]);
  }
  return spelling;
}

}  // namespace stratagram::text
