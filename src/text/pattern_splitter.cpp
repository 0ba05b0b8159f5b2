#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <utf8proc.h>

#include <array>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "text/pretokenizer.h"

namespace stratagram::text {
namespace {

// Unicode's White_Space, which is what \s means in the patterns. PCRE2's own \s has U+180E besides.
constexpr const char* kSpaces =
    R"(\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";

// The pattern with \s and \S written out.
std::string with_unicode_spaces(const std::string& pattern, const std::string& where) {
  std::string result;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      const char next = pattern[++i];
      if (next == 's') {
        result += in_class ? std::string(kSpaces) : "[" + std::string(kSpaces) + "]";
      } else if (next == 'S' && in_class) {
        fail(ErrorKind::kData, "{}: pattern '{}': \\S inside [] is not supported", where, pattern);
      } else if (next == 'S') {
        result += "[^" + std::string(kSpaces) + "]";
      } else {
        result += {c, next};
      }
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    result += c;
  }
  return result;
}

// What one thread needs to run a pattern; PCRE2's code itself is shared.
class MatchMemory {
 public:
  MatchMemory()
      : data_(pcre2_match_data_create(1, nullptr)),
        context_(pcre2_match_context_create(nullptr)),
        stack_(pcre2_jit_stack_create(size_t{32} << 10, size_t{16} << 20, nullptr)) {
    if (data_ == nullptr || context_ == nullptr || stack_ == nullptr) {
      fail(ErrorKind::kDevice, "no memory for a pattern's match");
    }
    pcre2_jit_stack_assign(context_, nullptr, stack_);
  }
  ~MatchMemory() {
    pcre2_match_data_free(data_);
    pcre2_match_context_free(context_);
    pcre2_jit_stack_free(stack_);
  }
  MatchMemory(const MatchMemory&) = delete;
  MatchMemory& operator=(const MatchMemory&) = delete;

  [[nodiscard]] pcre2_match_data* data() { return data_; }
  [[nodiscard]] pcre2_match_context* context() { return context_; }

 private:
  pcre2_match_data* data_;
  pcre2_match_context* context_;
  pcre2_jit_stack* stack_;
};

MatchMemory& match_memory() {
  thread_local MatchMemory memory;
  return memory;
}

class PatternSplitter : public Splitter {
 public:
  PatternSplitter(const std::string& pattern, SplitBehavior behavior, std::string where)
      : behavior_(behavior), where_(std::move(where)) {
    const std::string written = with_unicode_spaces(pattern, where_);
    int error = 0;
    PCRE2_SIZE offset = 0;
    code_ = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(written.data()),
                          written.size(),
                          PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C,
                          &error,
                          &offset,
                          nullptr);
    if (code_ == nullptr) {
      std::array<PCRE2_UCHAR, 200> message{};
      pcre2_get_error_message(error, message.data(), message.size());
      fail(ErrorKind::kData,
           "{}: pattern '{}': {}",
           where_,
           pattern,
           reinterpret_cast<const char*>(message.data()));
    }
    // Without JIT (on a machine that forbids it) matching still works, slower.
    pcre2_jit_compile(code_, PCRE2_JIT_COMPLETE);
  }
  ~PatternSplitter() override { pcre2_code_free(code_); }
  PatternSplitter(const PatternSplitter&) = delete;
  PatternSplitter& operator=(const PatternSplitter&) = delete;

  void split(std::string_view text,
             Range range,
             const std::function<void(Range)>& piece) const override {
    const std::string_view part = text.substr(range.begin, range.end - range.begin);
    int64_t start = 0;  // of the piece that is being gathered
    int64_t gap = 0;    // end of the last match
    bool after_match = false;
    const auto emit = [&](int64_t begin, int64_t end) {
      if (end > begin) piece({range.begin + begin, range.begin + end});
    };
    for (std::pair<int64_t, int64_t> match; next_match(part, gap, match);) {
      const auto [begin, end] = match;
      switch (behavior_) {
        case SplitBehavior::kIsolated:
          emit(gap, begin);
          emit(begin, end);
          start = end;
          break;
        case SplitBehavior::kRemoved:
          emit(gap, begin);
          start = end;
          break;
        case SplitBehavior::kMergedWithPrevious:
          emit(start, end);
          start = end;
          break;
        case SplitBehavior::kMergedWithNext:
          emit(start, begin);
          start = begin;
          break;
        case SplitBehavior::kContiguous:
          if (!after_match || begin > gap) {
            emit(start, gap);
            emit(gap, begin);
            start = begin;
          }
          break;
      }
      after_match = true;
      gap = end;
    }
    const auto size = static_cast<int64_t>(part.size());
    if (behavior_ == SplitBehavior::kContiguous) {
      emit(start, gap);
      start = gap;
    }
    emit(start, size);
  }

 private:
  // The first non-empty match at or after `from`.
  bool next_match(std::string_view text, int64_t from, std::pair<int64_t, int64_t>& match) const {
    MatchMemory& memory = match_memory();
    const int found = pcre2_match(code_,
                                  reinterpret_cast<PCRE2_SPTR>(text.data()),
                                  text.size(),
                                  static_cast<PCRE2_SIZE>(from),
                                  PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY,
                                  memory.data(),
                                  memory.context());
    if (found == PCRE2_ERROR_NOMATCH) return false;
    if (found < 0) {
      std::array<PCRE2_UCHAR, 200> message{};
      pcre2_get_error_message(found, message.data(), message.size());
      fail(ErrorKind::kData,
           "{}: the split pattern failed on a text of {} bytes: {}",
           where_,
           text.size(),
           reinterpret_cast<const char*>(message.data()));
    }
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(memory.data());
    match = {static_cast<int64_t>(ends[0]), static_cast<int64_t>(ends[1])};
    return true;
  }

  SplitBehavior behavior_;
  std::string where_;
  pcre2_code* code_ = nullptr;
};

bool is_number(char32_t c) {
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL ||
         category == UTF8PROC_CATEGORY_NO;
}

class DigitSplitter : public Splitter {
 public:
  explicit DigitSplitter(bool individual) : individual_(individual) {}

  void split(std::string_view text,
             Range range,
             const std::function<void(Range)>& piece) const override {
    int64_t start = range.begin;
    bool in_number = false;
    for (int64_t at = range.begin; at < range.end;) {
      const Utf8Character c = decode_utf8(text, at);
      const bool number = is_number(c.code_point);
      if (at > start && (number != in_number || (number && individual_))) {
        piece({start, at});
        start = at;
      }
      in_number = number;
      at += static_cast<int64_t>(c.num_bytes);
    }
    if (range.end > start) piece({start, range.end});
  }

 private:
  bool individual_;
};

}  // namespace

std::unique_ptr<Splitter> make_pattern_splitter(const std::string& pattern,
                                                SplitBehavior behavior,
                                                const std::string& where) {
  return std::make_unique<PatternSplitter>(pattern, behavior, where);
}

std::unique_ptr<Splitter> make_digit_splitter(bool individual) {
  return std::make_unique<DigitSplitter>(individual);
}

}  // namespace stratagram::text
