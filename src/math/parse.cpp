#include "math/parse.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "math/answer_parser.h"
#include "math/lexer.h"
#include "math/phrases.h"
#include "math/words.h"

namespace stratagram::math {
namespace {

constexpr size_t kMaxReadings = 4;

Answer text_answer(std::string text) {
  Answer answer;
  answer.kind = AnswerKind::kText;
  answer.text = std::move(text);
  return answer;
}

/// How many signs on both sides make the whole text bold or italic in Markdown.
size_t markdown_mark(std::string_view text) {
  for (const std::string_view mark : {"**", "__", "*", "_"}) {
    const size_t size = mark.size();
    if (text.size() <= 2 * size || !text.starts_with(mark) || !text.ends_with(mark)) continue;
    const std::string_view inner = text.substr(size, text.size() - 2 * size);
    if (inner.find(mark) == std::string_view::npos) return size;
  }
  return 0;
}

/// "no solutions" says what "no solution" says.
std::string one_of_none(std::string words) {
  const bool is_plural = words.starts_with("no ") && words.ends_with('s') && !words.ends_with("ss");
  if (is_plural) words.pop_back();
  return words;
}

/// Where the brace at `open` closes; npos where it does not.
size_t closing_brace(std::string_view text, size_t open) {
  int64_t depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

/// What $...$, \[...\], \(...\), \boxed{...} hold, where one of them is the whole text.
std::optional<std::string_view> framed(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> kPairs[] = {
      {"$$", "$$"}, {"$", "$"}, {"\\[", "\\]"}, {"\\(", "\\)"}};
  for (const auto& [open, close] : kPairs) {
    const size_t frame = open.size() + close.size();
    if (text.size() <= frame || !text.starts_with(open) || !text.ends_with(close)) continue;
    const std::string_view inner = text.substr(open.size(), text.size() - frame);
    const bool is_one = inner.find(open) == std::string_view::npos &&
                        inner.find(close) == std::string_view::npos && inner.back() != '\\';
    if (is_one) return inner;
  }
  for (const std::string_view command : {"\\boxed{", "\\fbox{"}) {
    if (!text.starts_with(command)) continue;
    const size_t open = command.size() - 1;
    if (closing_brace(text, open) + 1 != text.size()) continue;
    return text.substr(open + 1, text.size() - open - 2);
  }
  return std::nullopt;
}

/// A full stop at the end; more of them say that something goes on.
bool ends_sentence(std::string_view text) {
  return text.size() > 1 && text.ends_with('.') && !text.ends_with("..");
}

/// Without what stands around the whole answer and is none of it. A frame in a frame is rare, and
/// a thousand of them are an attack: so many are not looked through.
std::string_view without_frame(std::string_view text) {
  constexpr int kMaxFrames = 16;
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  for (int num_frames = 0; num_frames < kMaxFrames;) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    const size_t mark = markdown_mark(text);
    if (text.starts_with("\\,") || text.starts_with("\\ ")) {
      text.remove_prefix(2);
    } else if (text.ends_with('\\')) {
      text.remove_suffix(1);
    } else if (ends_sentence(text)) {
      text.remove_suffix(1);
    } else if (mark > 0) {
      text = text.substr(mark, text.size() - 2 * mark);
      ++num_frames;
    } else if (const auto inner = framed(text)) {
      text = *inner;
      ++num_frames;
    } else {
      break;
    }
  }
  return text;
}

class Reader {
 public:
  Reader(std::string_view text, const ParseLimits& limits) : text_(text), limits_(limits) {}

  Parsed read() {
    lexed_ = lex(text_);
    if (!has_content()) return {{}, "empty"};
    const bool is_deep = lexed_.depth > static_cast<size_t>(std::max(limits_.depth, 0));
    if (is_deep && !lexed_.is_balanced) return {{}, "too_deep"};
    if (!read_phrase()) read_formula();
    if (!fault_.empty()) return {{}, fault_};
    if (parsed_.readings.empty()) {
      const size_t last = lexed_.tokens.size() - 2;
      const bool is_bracketed =
          lexed_.tokens.size() > 3 && lexed_.tokens[0].text == "(" && lexed_.partner[0] == last;
      if (is_bracketed)
        text_ =
            text_.substr(lexed_.tokens[0].end, lexed_.tokens[last].begin - lexed_.tokens[0].end);
      std::string words = plain_words(text_);
      if (words.empty()) return {{}, "empty"};
      add(text_answer(one_of_none(std::move(words))));
    }
    read_aside();
    return std::move(parsed_);
  }

 private:
  [[nodiscard]] bool has_content() const {
    return std::any_of(lexed_.tokens.begin(), lexed_.tokens.end(), [](const Token& token) {
      const bool is_brace =
          (token.kind == TokenKind::kOpen || token.kind == TokenKind::kClose) && token.text == "{";
      return token.kind != TokenKind::kEnd && token.kind != TokenKind::kFullStop &&
             token.kind != TokenKind::kComma && token.kind != TokenKind::kRow && !is_brace;
    });
  }

  void add(Answer answer) {
    if (parsed_.readings.size() == kMaxReadings) return;
    const auto is_same = [&](const Answer& other) {
      return other.kind == answer.kind && to_text(other) == to_text(answer);
    };
    if (std::none_of(parsed_.readings.begin(), parsed_.readings.end(), is_same)) {
      parsed_.readings.push_back(std::move(answer));
    }
  }

  /// Choices, truth words, dates, times, numbers in words. Whether nothing else need be tried.
  bool read_phrase() {
    const std::string words = text_.size() < 64 ? plain_words(text_) : std::string();
    if (const auto truth = truth_of(words)) {
      Answer answer = text_answer(*truth);
      answer.kind = AnswerKind::kTruth;
      add(std::move(answer));
      return true;
    }
    if (words == "all real numbers" || words == "all reals" || words == "set of all real numbers" ||
        words == "real numbers" || words == "set of real numbers") {
      add(*parse_answer("(-oo, oo)", limits_).readings.begin());
      return true;
    }
    if (words.starts_with("no solution") || words.starts_with("no real solution")) {
      add(text_answer(one_of_none(words)));
      Answer nothing;
      nothing.kind = AnswerKind::kSet;
      if (one_of_none(words).ends_with("solution")) add(std::move(nothing));
      return true;
    }
    if (words == "infinitely many" || words == "infinite") {
      add(text_answer(words));
      add(*parse_answer("oo", limits_).readings.begin());
      return true;
    }
    if (auto date = date_of(lexed_)) {
      add(std::move(*date));
      return true;
    }
    if (auto phrase = choice_of(text_, lexed_)) {
      add(std::move(phrase->choice));
      if (phrase->rest) {
        read_from(*phrase->rest);
        return true;
      }
      return false;
    }
    if (auto phrase = time_of(lexed_)) {
      if (!phrase->is_certain) read_formula();
      add(std::move(phrase->time));
      return true;
    }
    if (auto number = number_in_words(lexed_)) {
      add(std::move(*number));
      add(text_answer(words.empty() ? plain_words(text_) : words));
      return true;
    }
    return false;
  }

  /// What the text may mean too, but was not written for.
  void read_aside() {
    if (parsed_.readings.front().kind == AnswerKind::kChoice) return;
    if (auto letters = unmarked_choice_of(lexed_)) add(std::move(*letters));
    const bool is_money = text_.find('$') != std::string_view::npos;
    if (is_money) return;
    if (auto ratio = ratio_in_words(lexed_)) add(std::move(*ratio));
  }

  /// "two lines", "Evelyn": no sign of mathematics, and a word that is no product of letters.
  [[nodiscard]] bool is_prose() const {
    const bool is_bracketed = lexed_.tokens.front().text == "(";
    bool has_word = false;
    for (const Token& token : lexed_.tokens) {
      const bool is_word = token.kind == TokenKind::kWord || token.kind == TokenKind::kName;
      const bool is_idle = token.kind == TokenKind::kEnd || token.kind == TokenKind::kComma ||
                           token.kind == TokenKind::kFullStop || token.kind == TokenKind::kMinus ||
                           token.kind == TokenKind::kPrime || token.kind == TokenKind::kConstant ||
                           (token.text == "(" && is_bracketed);
      if (!is_word && !is_idle) return false;
      has_word = has_word || (token.kind == TokenKind::kWord && is_plain_word(token.text));
    }
    return has_word;
  }

  void read_formula() {
    if (is_prose()) return;
    read_from(behind_lead_in(lexed_));
    if (parsed_.readings.empty() || !fault_.empty()) return;
    if (lexed_.has_grouped && !has_padded_group()) {
      lexed_ = lex(text_, {.thousands = false});
      read_from(behind_lead_in(lexed_));
    }
    if (is_letters()) add(text_answer(plain_words(text_)));
  }

  /// 276,000: no list, in which nobody would write 000.
  [[nodiscard]] bool has_padded_group() const {
    return std::any_of(lexed_.tokens.begin(), lexed_.tokens.end(), [&](const Token& token) {
      if (token.kind != TokenKind::kNumber) return false;
      const std::string_view written = text_.substr(token.begin, token.end - token.begin);
      return lexed_.numbers[static_cast<size_t>(token.detail)].is_grouped &&
             written.find(",0") != std::string_view::npos;
    });
  }

  /// One word of a few letters, which may be no product of them.
  [[nodiscard]] bool is_letters() const {
    const bool is_word = lexed_.tokens.size() == 2 && lexed_.tokens[0].kind == TokenKind::kWord &&
                         lexed_.tokens[0].text.size() > 1;
    if (is_word) return true;
    return lexed_.tokens.size() > 2 &&
           std::all_of(lexed_.tokens.begin(), lexed_.tokens.end() - 1, [](const Token& token) {
             return token.kind == TokenKind::kName || token.kind == TokenKind::kConstant ||
                    token.kind == TokenKind::kWord;
           });
  }

  /// Every reading of the tokens from `begin` on: first as usual, then each ambiguity turned.
  void read_from(size_t begin) {
    if (!lexed_.is_balanced) return;
    uint32_t met = read_once(begin, 0);
    while (met != 0 && fault_.empty()) {
      const uint32_t bit = 1U << static_cast<uint32_t>(std::countr_zero(met));
      met ^= bit;
      read_once(begin, bit);
    }
  }

  /// "for all x" takes nothing away from what stands before it.
  [[nodiscard]] size_t before_quantifier() const {
    const auto& tokens = lexed_.tokens;
    for (size_t i = 1; i + 1 < tokens.size(); ++i) {
      if (is_quantifier(lexed_, i)) return goes_on_behind(i) ? tokens.size() - 1 : i;
    }
    return tokens.size() - 1;
  }

  /// "for all x, and y = 5": what comes then is part of the answer.
  [[nodiscard]] bool goes_on_behind(size_t quantifier) const {
    const auto& tokens = lexed_.tokens;
    for (size_t i = quantifier; i + 1 < tokens.size(); ++i) {
      if (tokens[i].kind == TokenKind::kEqual) return true;
      const std::string& word = tokens[i].text;
      const bool joins =
          tokens[i].kind == TokenKind::kWord && (word == "and" || word == "or" || word == "but");
      const TokenKind next = tokens[i + 1].kind;
      if (joins && next != TokenKind::kName && next != TokenKind::kWord) return true;
    }
    return false;
  }

  uint32_t read_once(size_t begin, uint32_t others) {
    ParseBudget budget{
        .nodes = limits_.max_nodes, .depth = limits_.depth, .max_digits = limits_.max_digits};
    AnswerParser parser(lexed_, budget, others);
    auto answer = parser.parse(begin, before_quantifier());
    if (budget.too_deep) fault_ = "too_deep";
    if (budget.too_long || budget.nodes < 0) fault_ = "too_long";
    if (!answer || !fault_.empty()) return 0;
    add(std::move(*answer));
    return parser.ambiguities();
  }

  std::string_view text_;
  const ParseLimits& limits_;
  Lexed lexed_;
  Parsed parsed_;
  std::string fault_;
};

}  // namespace

Parsed parse_answer(std::string_view text, const ParseLimits& limits) {
  if (static_cast<int64_t>(text.size()) > limits.max_bytes) return {{}, "too_long"};
  text = without_frame(text);
  if (text.empty()) return {{}, "empty"};
  return Reader(text, limits).read();
}

}  // namespace stratagram::math
