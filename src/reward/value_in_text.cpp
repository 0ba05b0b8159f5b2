// The expression around the last number of a text: words end it, operators continue it.
#include <algorithm>
#include <array>

#include "reward/characters.h"
#include "reward/numbers_in_text.h"

namespace stratagram::reward {
namespace {

constexpr size_t kMaxBytes = 120;  // on either side of the number
constexpr size_t kNone = std::string_view::npos;
constexpr std::array<std::string_view, 8> kOperators = {
    "+", "-", "*", "/", "^", "\xc3\x97", "\xc2\xb7", "\xe2\x88\x92"};
constexpr std::array<std::string_view, 4> kCommands = {"\\times", "\\cdot", "\\div", "\\pm"};
// After them a new value begins.
constexpr std::array<std::string_view, 7> kEqualities = {
    "=", "\\approx", "\\equiv", "\xe2\x89\x88", "\xe2\x86\x92", "<", ">"};

// What may stand behind a unit of one letter.
constexpr std::array<std::string_view, 8> kUnitEnds = {
    ".", ",", ";", ")", "*", "\xc2\xb2", "\xc2\xb3", "$"};

struct Span {
  size_t begin = 0;
  size_t end = 0;
  [[nodiscard]] bool blank() const { return begin >= end; }
};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

class ValueFinder {
 public:
  ValueFinder(std::string_view text, Span number) : text_(text), number_(number) {}

  std::optional<Span> find() {
    span_ = token_around(number_);
    cut_equalities_();
    cut_words_();
    cut_marks_();
    if (!is_formula(of(span_))) {
      // "5-year-old" has its number, "CO2" and "sum5" have none.
      const bool is_name = number_.begin > 0 && is_letter(text_[number_.begin - 1]);
      return is_name ? std::nullopt : std::optional(number_);
    }
    while (span_.end - span_.begin < kMaxBytes && (extend_left_() || extend_right_())) {
    }
    trim_();
    if (span_.blank() || span_.begin > number_.begin || span_.end < number_.end) return number_;
    return span_;
  }

 private:
  [[nodiscard]] std::string_view of(Span span) const {
    return text_.substr(span.begin, span.end - span.begin);
  }

  /// The run without blanks that holds `part`.
  [[nodiscard]] Span token_around(Span part) const {
    Span token = part;
    while (token.begin > 0 && !is_space(text_[token.begin - 1]) &&
           part.begin - token.begin < kMaxBytes) {
      --token.begin;
    }
    while (token.end < text_.size() && !is_space(text_[token.end]) &&
           token.end - part.end < kMaxBytes) {
      ++token.end;
    }
    return token;
  }

  /// The token before or behind the span on the same line; blank where there is none.
  [[nodiscard]] Span token_before() const {
    size_t end = span_.begin;
    while (end > 0 && is_blank(text_[end - 1]) && span_.begin - end < kMaxBytes) --end;
    if (end == 0 || end == span_.begin || is_space(text_[end - 1])) return {};
    return {token_around({end - 1, end}).begin, end};
  }
  [[nodiscard]] Span token_behind() const {
    size_t begin = span_.end;
    while (begin < text_.size() && is_blank(text_[begin]) && begin - span_.end < kMaxBytes) ++begin;
    if (begin >= text_.size() || begin == span_.end || is_space(text_[begin])) return {};
    return {begin, token_around({begin, begin + 1}).end};
  }

  template <size_t N>
  static bool starts_with_one_of(std::string_view part,
                                 const std::array<std::string_view, N>& signs) {
    return std::any_of(
        signs.begin(), signs.end(), [&](std::string_view sign) { return part.starts_with(sign); });
  }
  template <size_t N>
  static bool ends_with_one_of(std::string_view part,
                               const std::array<std::string_view, N>& signs) {
    return std::any_of(
        signs.begin(), signs.end(), [&](std::string_view sign) { return part.ends_with(sign); });
  }
  static bool starts_with_operator(std::string_view part) {
    return starts_with_one_of(part, kOperators) || starts_with_one_of(part, kCommands);
  }
  static bool ends_with_operator(std::string_view part) {
    return (ends_with_one_of(part, kOperators) && !part.ends_with("**")) ||
           ends_with_one_of(part, kCommands);
  }
  [[nodiscard]] bool has_equality(std::string_view part) const {
    return std::any_of(kEqualities.begin(), kEqualities.end(), [&](std::string_view sign) {
      return part.find(sign) != kNone;
    });
  }

  /// Without words: no two letters side by side that are not of a command or a function.
  [[nodiscard]] static bool is_formula(std::string_view part) {
    for (size_t i = 0; i < part.size();) {
      if (static_cast<unsigned char>(part[i]) >= 0x80) {
        const size_t sign = sign_at(part, i);
        if (sign == 0) return false;
        i += sign;
        continue;
      }
      const size_t begin = i;
      while (i < part.size() && is_letter(part[i])) ++i;
      const std::string_view run = part.substr(begin, i - begin);
      const bool is_command = begin > 0 && part[begin - 1] == '\\';
      const bool is_name = run == "sqrt" || run == "sin" || run == "cos" || run == "tan" ||
                           run == "log" || run == "ln" || run == "pi" || run == "exp";
      if (run.size() > 1 && !is_command && !is_name) return false;
      if (i == begin) ++i;
    }
    return !part.empty();
  }

  /// Brackets that are open at the end of the span, or closed below its start where negative.
  [[nodiscard]] int open_brackets() const {
    int depth = 0;
    int lowest = 0;
    for (const char c : of(span_)) {
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') lowest = std::min(lowest, --depth);
    }
    return lowest < 0 ? lowest : depth;
  }

  void cut_equalities_() {
    for (size_t i = number_.begin; i-- > span_.begin;) {
      const std::string_view rest = text_.substr(i, number_.begin - i);
      for (const std::string_view sign : kEqualities) {
        if (!rest.starts_with(sign)) continue;
        span_.begin = i + sign.size();
        return;
      }
    }
  }

  /// Bytes of the sign beyond ASCII at `at`; 0 for a letter of another script.
  [[nodiscard]] static size_t sign_at(std::string_view text, size_t at) {
    constexpr std::array<std::string_view, 12> kSigns = {"\xe2\x88\x9a",
                                                         "\xcf\x80",
                                                         "\xc3\x97",
                                                         "\xc2\xb7",
                                                         "\xe2\x88\x92",
                                                         "\xc2\xb0",
                                                         "\xc2\xb2",
                                                         "\xc2\xb3",
                                                         "\xc2\xb1",
                                                         "\xc3\xb7",
                                                         "\xc2\xbd",
                                                         "\xe2\x81"};
    for (const std::string_view sign : kSigns) {
      if (text.substr(at).starts_with(sign)) return sign == "\xe2\x81" ? 3 : sign.size();
    }
    return 0;
  }

  /// Scripts without spaces between words: what is around the number in them is no part of it.
  void cut_words_() {
    for (size_t i = span_.begin; i < number_.begin;) {
      const bool is_ascii = static_cast<unsigned char>(text_[i]) < 0x80;
      const size_t sign = is_ascii ? 1 : sign_at(text_, i);
      i += std::max<size_t>(sign, 1);
      if (sign == 0) span_.begin = i;
    }
    for (size_t i = number_.end; i < span_.end;) {
      const bool is_ascii = static_cast<unsigned char>(text_[i]) < 0x80;
      const size_t sign = is_ascii ? 1 : sign_at(text_, i);
      if (sign == 0) span_.end = i;
      i += std::max<size_t>(sign, 1);
    }
  }

  /// The stars and dollar signs at the number, and letters of a unit: 1.5m, 30m^2 in one word.
  void cut_marks_() {
    while (span_.begin < number_.begin &&
           std::string_view("*$_`\"'").find(text_[span_.begin]) != kNone) {
      ++span_.begin;
    }
    const std::string_view behind = text_.substr(number_.end, span_.end - number_.end);
    if (behind.empty() || std::string_view("mgshLNJWV").find(behind.front()) == kNone) return;
    const std::string_view rest = behind.substr(1);
    const bool is_unit = rest.empty() || starts_with_one_of(rest, kUnitEnds);
    if (is_unit) span_.end = number_.end;
  }

  bool extend_left_() {
    const Span before = token_before();
    if (before.blank()) return false;
    const std::string_view token = of(before);
    const bool is_mixed = is_digit(token.back()) && text_[span_.begin] >= '0' &&
                          text_[span_.begin] <= '9' && of(span_).find('/') != kNone;
    const bool is_list =
        token.size() > 1 && token.back() == ',' && is_digit(token[token.size() - 2]) && ends_line();
    const bool is_difference =
        is_number(token) && text_[span_.begin] == '-' && span_.begin == number_.begin;
    const bool goes_on = is_list || is_difference || token == "x" || token == "mod" ||
                         token == "\\bmod" || ends_with_operator(token) || open_brackets() < 0 ||
                         is_mixed ||
                         (starts_with_operator(of(span_)) && span_.begin + 1 < number_.begin) ||
                         of(span_).starts_with("x ") || of(span_).starts_with("mod ");
    if (!goes_on || token.ends_with(':') || is_bullet(before)) return false;
    if (token != "mod" && !is_formula(token)) return false;
    if (!has_equality(token)) {
      span_.begin = before.begin;
      return true;
    }
    // "y=3x + 5": from the sign on.
    const size_t begin = span_.begin;
    for (const std::string_view sign : kEqualities) {
      const size_t at = token.rfind(sign);
      if (at != kNone) span_.begin = std::min(span_.begin, before.begin + at + sign.size());
    }
    return span_.begin < begin && !is_blank(text_[span_.begin]);
  }

  /// Nothing but marks behind the span: "The roots are 2, 3.", not "in 2020, 3 dogs".
  [[nodiscard]] bool ends_line() const {
    for (size_t i = span_.end; i < text_.size() && text_[i] != '\n'; ++i) {
      if (is_letter(text_[i]) || is_digit(text_[i])) return false;
    }
    return true;
  }

  static bool is_number(std::string_view token) {
    return std::all_of(token.begin(), token.end(), [](char c) { return is_digit(c) || c == '.'; });
  }

  /// "- 5 dogs": a sign with nothing before it on its line.
  [[nodiscard]] bool is_bullet(Span token) const {
    if (of(token).find_first_not_of("-*+") != kNone) return false;
    size_t at = token.begin;
    while (at > 0 && is_blank(text_[at - 1])) --at;
    return at == 0 || text_[at - 1] == '\n';
  }

  bool extend_right_() {
    const Span behind = token_behind();
    if (behind.blank()) return false;
    const std::string_view token = of(behind);
    if (!is_formula(token) || has_equality(token)) return false;
    const bool continues = token.starts_with("\\pi") || token.starts_with("\xcf\x80") ||
                           token.starts_with("\\sqrt") || token.starts_with("\xe2\x88\x9a") ||
                           token == "i";
    if (!continues && !ends_with_operator(of(span_)) && !operand_follows(behind)) return false;
    span_.end = behind.end;
    return true;
  }

  /// An operator, and behind it no word.
  [[nodiscard]] bool operand_follows(Span token) const {
    const std::string_view sign = of(token);
    if (!starts_with_operator(sign)) return false;
    if (!ends_with_operator(sign)) return true;
    size_t begin = token.end;
    while (begin < text_.size() && is_blank(text_[begin])) ++begin;
    if (begin >= text_.size() || is_space(text_[begin])) return false;
    return is_formula(of({begin, token_around({begin, begin + 1}).end}));
  }

  void trim_() {
    for (bool trimming = true; trimming && !span_.blank();) {
      trimming = false;
      const char first = text_[span_.begin];
      const int open = open_brackets();
      const bool is_opener = (first == '(' || first == '[') && open > 0;
      if (is_opener || std::string_view("$*\"'`{#~").find(first) != kNone || is_space(first)) {
        ++span_.begin;
        trimming = true;
        continue;
      }
      if (of(span_).starts_with("\\(") || of(span_).starts_with("\\[") ||
          of(span_).starts_with("\\$")) {
        span_.begin += 2;
        trimming = true;
        continue;
      }
      const char last = text_[span_.end - 1];
      if (last == '{') {
        // \text{ of a unit.
        const size_t command = of(span_).rfind('\\');
        span_.end = command == kNone ? span_.end - 1 : span_.begin + command;
        trimming = true;
        continue;
      }
      const bool is_closer = (last == ')' || last == ']') && open < 0;
      const bool is_shout = last == '!' && !factorial_behind();
      if (of(span_).ends_with("\\)") || of(span_).ends_with("\\]")) {
        span_.end -= 2;
        trimming = true;
      } else if (is_closer || is_shout || is_space(last) || unmatched_brace(last) ||
                 std::string_view("$*\"'`.,;:?").find(last) != kNone) {
        --span_.end;
        trimming = true;
      }
    }
  }

  [[nodiscard]] bool unmatched_brace(char last) const {
    const std::string_view s = of(span_);
    return last == '}' && std::count(s.begin(), s.end(), '}') > std::count(s.begin(), s.end(), '{');
  }

  /// "12! ways", but not "It is 12!".
  [[nodiscard]] bool factorial_behind() const {
    size_t at = span_.end;
    while (at < text_.size() && is_blank(text_[at])) ++at;
    return at < text_.size() && text_[at] >= 'a' && text_[at] <= 'z';
  }

  std::string_view text_;
  Span number_;
  Span span_{};
};

}  // namespace

std::optional<Range> last_value(std::string_view text) {
  const auto number = last_number(text);
  if (!number) return std::nullopt;
  const auto found =
      ValueFinder(text, {static_cast<size_t>(number->begin), static_cast<size_t>(number->end)})
          .find();
  if (!found) return std::nullopt;
  return Range{static_cast<int64_t>(found->begin), static_cast<int64_t>(found->end)};
}

}  // namespace stratagram::reward
