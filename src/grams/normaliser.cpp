#include "grams/normaliser.h"

#include <utf8proc.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "core/utf8.h"
#include "grams/opaque.h"

namespace stratagram::grams {
namespace {

enum class Kind : uint8_t {
  kOther,       // skipped
  kLetter,      // part of a word
  kMark,        // part of a word that has begun
  kApostrophe,  // part of a word when it is inside one
  kBreak,
  kNewline,
  kOpaque,  // may begin mathematics or code
};

constexpr std::array<Kind, 128> make_ascii_kinds() {
  std::array<Kind, 128> kinds{};
  for (unsigned char c = '0'; c <= '9'; ++c) kinds[c] = Kind::kLetter;
  for (unsigned char c = 'a'; c <= 'z'; ++c) kinds[c] = Kind::kLetter;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) kinds[c] = Kind::kLetter;
  for (const unsigned char c : {'.', '?', '!', ';', ':'}) kinds[c] = Kind::kBreak;
  for (const unsigned char c : {'$', '\\', '`'}) kinds[c] = Kind::kOpaque;
  kinds['\''] = Kind::kApostrophe;
  kinds['\n'] = Kind::kNewline;
  return kinds;
}

constexpr std::array<Kind, 128> kAsciiKinds = make_ascii_kinds();

Kind kind_of(char32_t c) {
  switch (c) {
    case 0x2018:  // quotation marks that are written as apostrophes
    case 0x2019:
    case 0x02bc:
    case 0xff07:
      return Kind::kApostrophe;
    case 0x2026:  // ellipsis: three full stops after NFKC
    case 0x3002:
    case 0xff0e:
    case 0xff1f:
    case 0xff01:
    case 0xff1b:
    case 0xff1a:
      return Kind::kBreak;
    case 0x2028:
    case 0x2029:
      return Kind::kNewline;
    default:
      break;
  }
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) return Kind::kLetter;
  if (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME) return Kind::kMark;
  if (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) return Kind::kLetter;
  return Kind::kOther;
}

std::string fold(const std::string& word) {
  utf8proc_uint8_t* folded = nullptr;
  // The library's options are flags of one enum, meant to be combined.
  const auto options = static_cast<utf8proc_option_t>(  // NOLINT(*EnumCastOutOfRange)
      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(word.data()),
                                             static_cast<utf8proc_ssize_t>(word.size()),
                                             &folded,
                                             options);
  if (size < 0) return word;
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(folded, &std::free);
  return {reinterpret_cast<const char*>(folded), static_cast<size_t>(size)};
}

struct Character {
  Kind kind = Kind::kOther;
  size_t num_bytes = 1;
  bool ascii = true;
};

Character character_at(std::string_view text, size_t at) {
  const auto byte = static_cast<uint8_t>(text[at]);
  if (byte < 128) return {.kind = kAsciiKinds[byte]};
  const Utf8Character c = decode_utf8(text, at);
  return {.kind = c.valid ? kind_of(c.code_point) : Kind::kOther,
          .num_bytes = c.num_bytes,
          .ascii = false};
}

class Scanner {
 public:
  Scanner(std::string_view text, const std::function<void(const WordView&)>& word)
      : text_(text), word_(word), opaque_(text) {}

  void run() {
    while (at_ < text_.size()) {
      const Character c = character_at(text_, at_);
      switch (c.kind) {
        case Kind::kLetter:
          newlines_ = 0;
          read_word();
          continue;
        case Kind::kOpaque:
          if (const size_t end = opaque_.end_of(at_); end > at_) {
            newlines_ = 0;
            emit(kOpaqueWord, end, /*opaque=*/true);
            at_ = end;
            continue;
          }
          newlines_ = 0;
          break;
        case Kind::kBreak:
          break_ = true;
          newlines_ = 0;
          break;
        case Kind::kNewline:
          if (++newlines_ >= 2) break_ = true;
          break;
        default:
          if (text_[at_] != ' ' && text_[at_] != '\t' && text_[at_] != '\r') newlines_ = 0;
      }
      at_ += c.num_bytes;
    }
  }

 private:
  void read_word() {
    size_t end = at_;
    bool plain = true;
    buffer_.clear();
    while (end < text_.size()) {
      const Character c = character_at(text_, end);
      if (c.kind == Kind::kLetter || c.kind == Kind::kMark) {
        if (c.ascii) {
          const char lower = text_[end];
          buffer_ += lower >= 'A' && lower <= 'Z' ? static_cast<char>(lower + 32) : lower;
        } else {
          plain = false;
          buffer_ += text_.substr(end, c.num_bytes);
        }
        end += c.num_bytes;
        continue;
      }
      const size_t next = end + c.num_bytes;
      if (c.kind != Kind::kApostrophe || next >= text_.size() ||
          character_at(text_, next).kind != Kind::kLetter) {
        break;
      }
      buffer_ += '\'';
      end = next;
    }
    if (!plain) buffer_ = fold(buffer_);
    emit(buffer_, end, /*opaque=*/false);
    at_ = end;
  }

  void emit(std::string_view word, size_t end, bool opaque) {
    word_({.text = word,
           .bytes = {static_cast<int64_t>(at_), static_cast<int64_t>(end)},
           .opaque = opaque,
           .break_before = break_});
    break_ = false;
  }

  std::string_view text_;
  const std::function<void(const WordView&)>& word_;
  OpaqueFinder opaque_;
  size_t at_ = 0;
  int newlines_ = 0;  // since the last thing that was not white space
  bool break_ = false;
  std::string buffer_;
};

}  // namespace

void for_each_word(std::string_view text, const std::function<void(const WordView&)>& word) {
  Scanner(text, word).run();
}

std::vector<Word> normalise(std::string_view text) {
  std::vector<Word> words;
  for_each_word(text, [&](const WordView& word) {
    words.push_back({.text = std::string(word.text),
                     .bytes = word.bytes,
                     .opaque = word.opaque,
                     .break_before = word.break_before});
  });
  return words;
}

std::string joined(std::span<const Word> words) {
  std::string text;
  for (const Word& word : words) text += (text.empty() ? "" : " ") + word.text;
  return text;
}

}  // namespace stratagram::grams
