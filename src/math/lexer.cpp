#include "math/lexer.h"

#include <algorithm>

#include "core/utf8.h"
#include "math/brackets.h"
#include "math/characters.h"
#include "math/lexicon.h"
#include "math/number_lexer.h"

namespace stratagram::math {
namespace {

constexpr size_t kMaxFormulaText = 40;  // bytes of \\text{2x + 1} that are looked at

class Lexer {
 public:
  Lexer(std::string_view text, const LexOptions& options) : text_(text), options_(options) {
    dollar_is_money_ = has_lone_dollar(text);
  }

  Lexed lex() {
    while (at_ < text_.size()) step();
    begin_ = text_.size();
    emit(TokenKind::kEnd);
    pair_brackets_(result_);
    return std::move(result_);
  }

 private:
  enum class Mode : uint8_t { kMath, kText, kRoman };
  struct Scope {
    Mode mode = Mode::kMath;
    bool silent = false;  ///< its braces are no tokens
  };

  [[nodiscard]] char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool next_is(std::string_view prefix) const {
    return text_.substr(at_).starts_with(prefix);
  }
  [[nodiscard]] Mode mode() const { return scopes_.empty() ? Mode::kMath : scopes_.back().mode; }
  [[nodiscard]] TokenKind last_kind() const {
    return result_.tokens.empty() ? TokenKind::kEnd : result_.tokens.back().kind;
  }
  /// Where `sign` comes within so many bytes: a search to the end each time would be quadratic.
  [[nodiscard]] size_t near(char sign, size_t max_bytes) const {
    const size_t found = text_.substr(at_, max_bytes + 1).find(sign);
    return found == std::string_view::npos ? found : at_ + found;
  }
  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  void emit(TokenKind kind, int32_t detail = 0, std::string_view text = {}) {
    Token token;
    token.kind = kind;
    token.spaced = spaced_;
    token.from_text = mode() != Mode::kMath;
    token.detail = detail;
    token.begin = begin_;
    token.end = std::max(begin_, at_);
    token.text = text;
    result_.tokens.push_back(std::move(token));
    spaced_ = false;
  }
  void emit(const Meaning& meaning) { emit(meaning.kind, meaning.detail, meaning.text); }

  void step() {
    begin_ = at_;
    const char c = peek();
    if (is_space(c)) {
      ++at_;
      spaced_ = true;
    } else if (is_digit(c) ||
               (c == '.' && is_digit(peek(1)) && last_kind() != TokenKind::kNumber)) {
      number();
    } else if (is_letter(c)) {
      letters();
    } else if (c == '\\') {
      command();
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      sign();
    } else {
      ascii();
    }
  }

  void number() {
    const bool may_group = options_.thousands && bracket_depth_ == 0;
    const NumberMatch match = match_number(text_, at_, may_group);
    at_ = match.end;
    result_.has_grouped = result_.has_grouped || match.number.is_grouped;
    result_.numbers.push_back(match.number);
    emit(TokenKind::kNumber, static_cast<int32_t>(result_.numbers.size() - 1));
  }

  void letters() {
    size_t end = at_;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    const std::string_view run = text_.substr(at_, end - at_);
    const bool has_member = end + 1 < text_.size() && text_[end] == '.';
    if (has_member && is_letter(text_[end + 1]) && is_module(run)) {
      at_ = end + 1;
      return;
    }
    at_ = end;
    const auto meaning = name_meaning(run);
    if (mode() == Mode::kText) {
      // \text{sin} is the function.
      const bool fills_group = begin_ > 0 && text_[begin_ - 1] == '{' && peek() == '}';
      const bool is_function = meaning && is_spelled_function(run);
      return fills_group && is_function ? emit(*meaning) : emit(TokenKind::kWord, 0, run);
    }
    const bool is_called = peek() == '(' || peek() == '_' || peek() == '{' || next_is("\\left");
    if (meaning && (is_called || (run != "min" && run != "re" && run != "im" && run != "perm"))) {
      return emit(*meaning);
    }
    if (mode() == Mode::kRoman || is_short_word(run)) return emit(TokenKind::kWord, 0, run);
    if (run.size() <= 3 || (run.size() <= 8 && function_prefix(run) > 0)) return split_letters(run);
    emit(TokenKind::kWord, 0, run);
  }

  void split_letters(std::string_view run) {
    const size_t start = begin_;
    size_t i = function_prefix(run);
    if (i > 0) emit_part(*name_meaning(run.substr(0, i)), start, i);
    for (; i < run.size(); ++i) {
      const std::string_view letter = run.substr(i, 1);
      const auto meaning = name_meaning(letter);
      emit_part(meaning ? *meaning : Meaning{CommandAction::kEmit, TokenKind::kName, 0, letter},
                start + i,
                1);
    }
  }

  void emit_part(const Meaning& meaning, size_t begin, size_t num_bytes) {
    begin_ = begin;
    emit(meaning);
    result_.tokens.back().end = begin + num_bytes;
  }

  void command() {
    result_.is_latex = true;
    ++at_;
    if (peek() == '\\') {
      const bool is_row = num_environments_ > 0 || !is_letter(peek(1));
      if (is_row) {
        ++at_;
        skip_row_gap();
        return emit(TokenKind::kRow);
      }
      ++at_;  // A command whose backslash was escaped once too often.
    }
    const size_t name_begin = at_;
    while (is_letter(peek())) ++at_;
    if (at_ > name_begin && peek() == '*') ++at_;
    if (at_ == name_begin && at_ < text_.size()) ++at_;
    std::string_view name = text_.substr(name_begin, at_ - name_begin);
    if (name.ends_with('*') && name.size() > 1 && !command_meaning(name)) {
      name.remove_suffix(1);
      --at_;
    }
    obey(name);
  }

  /// [2pt] after a row.
  void skip_row_gap() {
    if (peek() != '[') return;
    const size_t close = near(']', 8);
    if (close == std::string_view::npos || text_[close - 1] != 't') return;
    at_ = close + 1;
  }

  void obey(std::string_view name) {
    const auto meaning = command_meaning(name);
    if (!meaning && name.starts_with("quad")) {
      // A letter that was written too close to it.
      at_ -= name.size() - 4;
      spaced_ = true;
      return;
    }
    if (!meaning) return emit(TokenKind::kOther, 0, name);
    switch (meaning->action) {
      case CommandAction::kEmit:
        if (meaning->kind == TokenKind::kOpen) ++bracket_depth_;
        if (meaning->kind == TokenKind::kClose) --bracket_depth_;
        return emit(*meaning);
      case CommandAction::kSkip:
        if (name.ends_with("left") || name.ends_with("right") || name == "middle") {
          skip_spaces();
          if (peek() == '.') ++at_;
        }
        return;
      case CommandAction::kSpace:
        spaced_ = true;
        return;
      case CommandAction::kSkipGroup:
        skip_group();
        return;
      case CommandAction::kText:
        return open_words(Mode::kText);
      case CommandAction::kRoman:
        return open_words(Mode::kRoman);
      case CommandAction::kBlackboard: {
        const std::string_view group = take_group();
        const auto letter = std::find_if(group.begin(), group.end(), is_letter);
        return emit(TokenKind::kNumbers,
                    0,
                    letter == group.end() ? std::string_view{} : std::string_view(&*letter, 1));
      }
      case CommandAction::kBegin:
        return begin_environment();
      case CommandAction::kEndOf:
        --num_environments_;
        return emit(TokenKind::kEndOf, 0, take_group());
    }
  }

  void open_words(Mode mode) {
    skip_spaces();
    if (peek() != '{') return;
    ++at_;
    const size_t close = near('}', kMaxFormulaText);
    const bool is_formula = mode == Mode::kText && close != std::string_view::npos &&
                            is_formula_text(text_.substr(at_, close - at_));
    if (is_formula) mode = Mode::kMath;
    const bool attached = last_kind() == TokenKind::kPower || last_kind() == TokenKind::kSubscript;
    if (attached) emit(TokenKind::kOpen, 0, "{");
    scopes_.push_back({mode, !attached});
  }

  void begin_environment() {
    ++num_environments_;
    const std::string_view name = take_group();
    emit(TokenKind::kBegin, 0, name);
    skip_spaces();
    if (name == "array" && peek() == '{') skip_group();
  }

  /// The text between the braces that come next, or the next letter.
  std::string_view take_group() {
    skip_spaces();
    if (peek() != '{') {
      if (at_ < text_.size() && peek() != '\\') ++at_;
      return text_.substr(at_ - 1, 1);
    }
    const size_t close = near('}', 20);
    if (close == std::string_view::npos) {
      ++at_;
      return {};
    }
    const std::string_view inner = text_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    return inner;
  }

  void skip_group() {
    skip_spaces();
    if (peek() == '{') {
      const size_t close = near('}', 40);
      if (close != std::string_view::npos) at_ = close + 1;
    } else if (is_digit(peek()) || is_letter(peek()) || peek() == '-') {
      ++at_;
    }
  }

  void sign() {
    const Utf8Character character = decode_utf8(text_, at_);
    at_ += character.num_bytes;
    const char32_t c = character.code_point;
    if (is_blank_sign(c)) {
      spaced_ = true;
    } else if (c == 0x2019) {
      prime();
    } else if (c == 0x221a && peek() == '\0') {
      emit(TokenKind::kOther);
    } else if (const auto meaning = sign_meaning(c)) {
      if (meaning->kind == TokenKind::kOpen) ++bracket_depth_;
      if (meaning->kind == TokenKind::kClose) --bracket_depth_;
      emit(*meaning);
    } else if (c == 0x2033) {
      emit(TokenKind::kPrime);
      emit(TokenKind::kPrime);
    } else if (c == 0x3001 || c == 0xff0c) {
      emit(TokenKind::kComma);
    } else if (c == 0x3002) {
      emit(TokenKind::kFullStop);
    } else if (!vulgar_fraction(c) && !raised(c)) {
      emit(c >= 0xc0 ? TokenKind::kWord : TokenKind::kOther, 0, text_.substr(begin_, at_ - begin_));
    }
  }

  bool vulgar_fraction(char32_t c) {
    const auto parts = fraction_of_sign(c);
    if (!parts) return false;
    emit(TokenKind::kFraction);
    emit_digits(std::string(1, parts->first));
    emit_digits(std::string(1, parts->second));
    return true;
  }

  void emit_digits(std::string digits) {
    result_.numbers.push_back({.whole = std::move(digits)});
    emit(TokenKind::kNumber, static_cast<int32_t>(result_.numbers.size() - 1));
  }

  /// Superscripts and subscripts: a run of them is one exponent.
  bool raised(char32_t c) {
    const bool is_minus = c == 0x207b;
    if (raised_digit(c) < 0 && !is_minus) return false;
    const bool lowered = c >= 0x2080 && c <= 0x2089;
    std::string digits;
    if (!is_minus) digits += static_cast<char>('0' + raised_digit(c));
    while (at_ < text_.size()) {
      const Utf8Character next = decode_utf8(text_, at_);
      if (raised_digit(next.code_point) < 0) break;
      digits += static_cast<char>('0' + raised_digit(next.code_point));
      at_ += next.num_bytes;
    }
    emit(lowered ? TokenKind::kSubscript : TokenKind::kPower);
    if (is_minus) emit(TokenKind::kMinus);
    if (!digits.empty()) emit_digits(digits);
    return true;
  }

  void ascii() {
    const char c = text_[at_++];
    switch (c) {
      case '{':
        return open_brace();
      case '}':
        return close_brace();
      case '(':
        ++bracket_depth_;
        return emit(TokenKind::kOpen, 0, "(");
      case '[':
        ++bracket_depth_;
        return emit(TokenKind::kOpen, 0, "[");
      case ')':
        --bracket_depth_;
        return emit(TokenKind::kClose, 0, "(");
      case ']':
        --bracket_depth_;
        return emit(TokenKind::kClose, 0, "[");
      case '+':
        if (next_is("/-")) {
          at_ += 2;
          return emit(TokenKind::kPlusMinus, 1);
        }
        return emit(TokenKind::kPlus);
      case '-':
        return emit(TokenKind::kMinus);
      case '/':
        return emit(TokenKind::kDivide);
      case '_':
        return emit(TokenKind::kSubscript);
      case '\'':
        return prime();
      case '%':
        return emit(TokenKind::kPercent);
      case '|':
        return emit(TokenKind::kBar);
      case ',':
        return emit(TokenKind::kComma);
      case ';':
        return emit(TokenKind::kSemicolon);
      case '.':
        return emit(TokenKind::kFullStop);
      case '&':
        return emit(TokenKind::kCell);
      case '"':
      case '`':
        spaced_ = true;
        return;
      case '$':
        spaced_ = true;
        if (dollar_is_money_) emit(TokenKind::kCurrency, 0, "USD");
        return;
      default:
        return compound(c);
    }
  }

  void prime() {
    // don't, Janet's: the genitive says no more than its word.
    if (last_kind() == TokenKind::kWord && is_letter(peek())) {
      if (peek() == 's' && !is_letter(peek(1))) ++at_;
      return;
    }
    emit(TokenKind::kPrime);
  }

  /// Signs of one or two characters.
  void compound(char c) {
    const auto relation = [&](Relation strict, Relation weak) {
      const bool is_weak = peek() == '=';
      if (is_weak) ++at_;
      emit(TokenKind::kRelation, static_cast<int32_t>(is_weak ? weak : strict));
    };
    const auto doubled = [&](char second) {
      const bool is_double = peek() == second;
      if (is_double) ++at_;
      return is_double;
    };
    switch (c) {
      case '<':
        return relation(Relation::kLess, Relation::kLessEqual);
      case '>':
        return relation(Relation::kGreater, Relation::kGreaterEqual);
      case '=':
        doubled('=');
        return emit(TokenKind::kEqual);
      case ':':
        return emit(doubled('=') ? TokenKind::kEqual : TokenKind::kColon);
      case '*':
        if (doubled('*')) return emit(TokenKind::kPower, 1);
        return emit(TokenKind::kTimes);
      case '^':
        return power();
      case '!':
        if (doubled('=')) {
          return emit(TokenKind::kRelation, static_cast<int32_t>(Relation::kNotEqual));
        }
        return emit(TokenKind::kFactorial, doubled('!') ? 2 : 1);
      default:
        return emit(TokenKind::kOther, 0, text_.substr(begin_, 1));
    }
  }

  /// ^\circ is a degree and ^\prime a prime, in braces or without.
  void power() {
    const size_t after = at_;
    skip_spaces();
    const bool braced = peek() == '{';
    if (braced) ++at_;
    skip_spaces();
    int primes = 0;
    bool is_degree = false;
    for (const std::string_view name : {"\\circ", "\\degree", "\xc2\xb0", "\\textdegree"}) {
      if (!is_degree && next_is(name)) {
        is_degree = true;
        at_ += name.size();
        // \circle is another command.
        if (name.front() == '\\' && is_letter(peek())) is_degree = false;
      }
    }
    while (!is_degree && next_is("\\prime")) {
      ++primes;
      at_ += 6;
      skip_spaces();
    }
    skip_spaces();
    const bool closed = !braced || peek() == '}';
    if (!(is_degree || primes > 0) || !closed) {
      at_ = after;
      return emit(TokenKind::kPower);
    }
    result_.is_latex = true;
    if (braced) ++at_;
    if (is_degree) return emit(TokenKind::kDegree);
    for (; primes > 0; --primes) emit(TokenKind::kPrime);
  }

  void open_brace() {
    const Mode inherited = mode();
    scopes_.push_back({inherited, inherited == Mode::kText});
    if (inherited != Mode::kText) emit(TokenKind::kOpen, 0, "{");
  }

  void close_brace() {
    const bool silent = !scopes_.empty() && scopes_.back().silent;
    if (!scopes_.empty()) scopes_.pop_back();
    if (!silent) emit(TokenKind::kClose, 0, "{");
  }

  std::string_view text_;
  LexOptions options_;
  bool dollar_is_money_ = false;
  size_t at_ = 0;
  size_t begin_ = 0;
  bool spaced_ = false;
  int64_t bracket_depth_ = 0;  ///< of brackets between which a comma parts
  int64_t num_environments_ = 0;
  std::vector<Scope> scopes_;
  Lexed result_;
};

}  // namespace

Lexed lex(std::string_view text, const LexOptions& options) {
  return Lexer(text, options).lex();
}

}  // namespace stratagram::math
