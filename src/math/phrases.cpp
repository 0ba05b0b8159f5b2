#include "math/phrases.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "math/number_lexer.h"
#include "math/words.h"

namespace stratagram::math {
namespace {

constexpr int kMaxDay = 31;
constexpr size_t kMaxChoices = 5;
constexpr size_t kMaxRatioDigits = 18;

/// Tokens without braces, which only group.
std::vector<size_t> spoken(const Lexed& lexed) {
  std::vector<size_t> indices;
  for (size_t i = 0; i + 1 < lexed.tokens.size(); ++i) {
    const Token& token = lexed.tokens[i];
    const bool is_brace =
        (token.kind == TokenKind::kOpen || token.kind == TokenKind::kClose) && token.text == "{";
    if (!is_brace) indices.push_back(i);
  }
  return indices;
}

bool is_choice_letter(const Token& token) {
  return (token.kind == TokenKind::kName || token.kind == TokenKind::kWord) &&
         token.text.size() == 1 && token.text[0] >= 'A' && token.text[0] <= 'J';
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Answer choice(std::string letters) {
  Answer answer;
  answer.kind = AnswerKind::kChoice;
  answer.text = std::move(letters);
  return answer;
}

/// A, D and F.
std::optional<Answer> several_choices(const Lexed& lexed, const std::vector<size_t>& spoken) {
  std::set<char> letters;
  bool expects_letter = true;
  for (const size_t index : spoken) {
    const Token& token = lexed.tokens[index];
    if (is_choice_letter(token)) {
      if (!expects_letter || !letters.insert(token.text[0]).second) return std::nullopt;
      expects_letter = false;
    } else if (token.kind == TokenKind::kComma || token.text == "and") {
      expects_letter = true;
    } else {
      return std::nullopt;
    }
  }
  if (letters.size() < 2 || expects_letter) return std::nullopt;
  return choice({letters.begin(), letters.end()});
}

const WrittenNumber& written_at(const Lexed& lexed, size_t index) {
  return lexed.numbers[static_cast<size_t>(lexed.tokens[index].detail)];
}

std::optional<int> small_number(const Lexed& lexed, size_t index, size_t max_digits) {
  if (index >= lexed.tokens.size() || lexed.tokens[index].kind != TokenKind::kNumber) {
    return std::nullopt;
  }
  const WrittenNumber& written = lexed.numbers[static_cast<size_t>(lexed.tokens[index].detail)];
  if (written.has_point || written.has_exponent || written.whole.size() > max_digits) {
    return std::nullopt;
  }
  return std::stoi(written.whole);
}

int month_of(const std::string& word) {
  constexpr std::array<std::string_view, 12> kMonths = {"january",
                                                        "february",
                                                        "march",
                                                        "april",
                                                        "may",
                                                        "june",
                                                        "july",
                                                        "august",
                                                        "september",
                                                        "october",
                                                        "november",
                                                        "december"};
  const std::string lower = lower_case(word);
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (lower == kMonths[i] || (lower.size() == 3 && kMonths[i].starts_with(lower)) ||
        lower == "sept") {
      return lower == "sept" ? 9 : static_cast<int>(i) + 1;
    }
  }
  return 0;
}

bool is_weekday(const std::string& word) {
  const std::string lower = lower_case(word);
  constexpr std::array<std::string_view, 7> kDays = {
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  return std::find(kDays.begin(), kDays.end(), lower) != kDays.end();
}

Answer date(std::optional<int> year, int month, int day) {
  Answer answer;
  answer.kind = AnswerKind::kDate;
  answer.text = year ? fmt::format("{:04}-{:02}-{:02}", *year, month, day)
                     : fmt::format("?-{:02}-{:02}", month, day);
  return answer;
}

/// 2024-06-20
std::optional<Answer> iso_date(const Lexed& lexed) {
  const auto& tokens = lexed.tokens;
  if (tokens.size() != 6 || tokens[1].kind != TokenKind::kMinus ||
      tokens[3].kind != TokenKind::kMinus) {
    return std::nullopt;
  }
  for (const size_t index : {0, 2, 4}) {
    const bool is_apart = index > 0 && (tokens[index].spaced || tokens[index - 1].spaced);
    const size_t size = index == 0 ? 4 : 2;
    if (is_apart || tokens[index].end - tokens[index].begin != size) return std::nullopt;
  }
  const auto year = small_number(lexed, 0, 4);
  const auto month = small_number(lexed, 2, 2);
  const auto day = small_number(lexed, 4, 2);
  if (!year || !month || !day) return std::nullopt;
  if (*month < 1 || *month > 12 || *day < 1 || *day > kMaxDay) return std::nullopt;
  return date(*year, *month, *day);
}

/// "am" and "pm", with points or without, from `at` on; 0 is none. Moves `at` behind it.
int half_of_day(const Lexed& lexed, const std::vector<size_t>& spoken, size_t& at) {
  std::string letters;
  size_t i = at;
  for (; i < spoken.size(); ++i) {
    const Token& token = lexed.tokens[spoken[i]];
    if (token.kind == TokenKind::kFullStop) continue;
    if (token.kind != TokenKind::kWord && token.kind != TokenKind::kName) break;
    if (letters.size() + token.text.size() > 2) break;
    letters += lower_case(token.text);
  }
  if (letters != "am" && letters != "pm") return 0;
  at = i;
  return letters == "am" ? 1 : 2;
}

/// "noon", "12 noon", "12:00 midnight"
std::optional<TimePhrase> named_twelve(const Lexed& lexed, const std::vector<size_t>& spoken) {
  if (spoken.empty()) return std::nullopt;
  const std::string word = lower_case(lexed.tokens[spoken.back()].text);
  if (word != "noon" && word != "midnight") return std::nullopt;
  for (size_t i = 0; i + 1 < spoken.size(); ++i) {
    const bool is_colon = i == 1 && lexed.tokens[spoken[i]].kind == TokenKind::kColon;
    const int wanted = i == 0 ? 12 : 0;
    if (i > 2 || (!is_colon && small_number(lexed, spoken[i], 2) != wanted)) return std::nullopt;
  }
  TimePhrase phrase;
  phrase.is_certain = true;
  phrase.time.kind = AnswerKind::kTime;
  phrase.time.expression = number(word == "noon" ? 12 * 3600 : 0);
  return phrase;
}

}  // namespace

std::optional<ChoicePhrase> choice_of(std::string_view text, const Lexed& lexed) {
  const auto& tokens = lexed.tokens;
  const std::vector<size_t> all = spoken(lexed);
  size_t at = 0;
  for (; at < all.size(); ++at) {
    const Token& token = tokens[all[at]];
    const std::string word = lower_case(token.text);
    const bool leads = token.kind == TokenKind::kWord && token.text.size() > 1 &&
                       (word == "option" || word == "choice" || is_lead_in(word));
    if (!leads && !(at > 0 && token.kind == TokenKind::kColon)) break;
  }
  const bool bracketed = at < all.size() && tokens[all[at]].kind == TokenKind::kOpen &&
                         tokens[all[at]].text != "\\{" && tokens[all[at]].text != "<";
  const size_t letter = at + (bracketed ? 1 : 0);
  if (letter >= all.size()) return std::nullopt;
  if (!is_choice_letter(tokens[all[letter]])) return std::nullopt;
  size_t next = letter + 1;
  const auto next_kind = [&] {
    return next < all.size() ? tokens[all[next]].kind : TokenKind::kEnd;
  };
  if (bracketed && next_kind() != TokenKind::kClose) return std::nullopt;
  if (bracketed) ++next;
  bool marked = bracketed;
  // "B." and "B:"; a bracket that only closes comes here too.
  while (next_kind() == TokenKind::kFullStop || next_kind() == TokenKind::kColon ||
         next_kind() == TokenKind::kComma || (!bracketed && next_kind() == TokenKind::kClose)) {
    if (next_kind() == TokenKind::kComma && next + 1 < all.size()) break;
    marked = true;
    ++next;
  }
  ChoicePhrase phrase;
  if (next >= all.size()) {
    phrase.choice = choice(tokens[all[letter]].text);
    return phrase;
  }
  if (auto several =
          several_choices(lexed, {all.begin() + static_cast<std::ptrdiff_t>(at), all.end()})) {
    phrase.choice = std::move(*several);
    return phrase;
  }
  const TokenKind kind = next_kind();
  const bool is_answer = kind == TokenKind::kNumber || kind == TokenKind::kWord ||
                         kind == TokenKind::kFraction || kind == TokenKind::kSquareRoot ||
                         kind == TokenKind::kCurrency || kind == TokenKind::kName ||
                         kind == TokenKind::kConstant || kind == TokenKind::kMinus;
  if (!marked || !is_answer || !tokens[all[next]].spaced ||
      (bracketed && kind == TokenKind::kMinus)) {
    return std::nullopt;
  }
  const std::string beside = lower_case(tokens[all[next]].text);
  if (beside == "or" || beside == "and" || beside == "not") return std::nullopt;
  phrase.choice = choice(tokens[all[letter]].text);
  phrase.choice.choice_text = trimmed(text.substr(tokens[all[next]].begin));
  phrase.rest = all[next];
  return phrase;
}

std::optional<Answer> unmarked_choice_of(const Lexed& lexed) {
  std::string letters;
  for (const size_t index : spoken(lexed)) {
    const Token& token = lexed.tokens[index];
    const bool is_frame = token.text == "(" || token.kind == TokenKind::kFullStop;
    if (is_frame) continue;
    if (token.kind != TokenKind::kName && token.kind != TokenKind::kWord) return std::nullopt;
    if (!letters.empty() && token.spaced) return std::nullopt;
    letters += token.text;
    if (letters.size() > kMaxChoices) return std::nullopt;
  }
  const auto is_between = [&](char low, char high) {
    return std::all_of(
        letters.begin(), letters.end(), [&](char c) { return c >= low && c <= high; });
  };
  if (letters.size() == 1 && is_between('a', 'j')) {
    letters.front() = static_cast<char>(letters.front() - 'a' + 'A');
    return choice(std::move(letters));
  }
  const bool is_sorted =
      std::adjacent_find(letters.begin(), letters.end(), std::greater_equal<>()) == letters.end();
  if (letters.size() < 2 || !is_between('A', 'J') || !is_sorted) return std::nullopt;
  return choice(std::move(letters));
}

std::optional<Answer> ratio_in_words(const Lexed& lexed) {
  const auto& tokens = lexed.tokens;
  const std::vector<size_t> all = spoken(lexed);
  if (all.size() != 3 || tokens[all[1]].text != "to") return std::nullopt;
  Answer ratio;
  ratio.kind = AnswerKind::kRatio;
  for (const size_t index : {all[0], all[2]}) {
    if (tokens[index].kind != TokenKind::kNumber) return std::nullopt;
    const WrittenNumber& written = lexed.numbers[static_cast<size_t>(tokens[index].detail)];
    const bool is_short = written.whole.size() + written.fraction.size() <= kMaxRatioDigits;
    if (written.has_exponent || !is_short) return std::nullopt;
    Answer part;
    part.kind = AnswerKind::kValue;
    part.expression = number(digits_value(written));
    part.precision = precision_of(written);
    ratio.parts.push_back(std::move(part));
  }
  return ratio;
}

std::optional<Answer> date_of(const Lexed& lexed) {
  if (auto iso = iso_date(lexed)) return iso;
  int month = 0;
  std::optional<int> day;
  std::optional<int> year;
  for (const size_t index : spoken(lexed)) {
    const Token& token = lexed.tokens[index];
    if (token.kind == TokenKind::kComma || token.kind == TokenKind::kFullStop ||
        token.kind == TokenKind::kPower) {
      continue;
    }
    if (token.kind == TokenKind::kWord) {
      const int named = month_of(token.text);
      const std::string lower = lower_case(token.text);
      const bool idle = is_weekday(token.text) || lower == "of" || lower == "the" ||
                        lower == "th" || lower == "st" || lower == "nd" || lower == "rd";
      if (named > 0 && month > 0) return std::nullopt;
      if (named > 0) month = named;
      if (named == 0 && !idle) return std::nullopt;
    } else if (const auto value = small_number(lexed, index, 4)) {
      if (!day && *value <= kMaxDay) {
        day = value;
      } else if (!year && *value > kMaxDay) {
        year = value;
      } else {
        return std::nullopt;
      }
    } else if (token.kind == TokenKind::kName && index > 0 && !token.spaced &&
               lexed.tokens[index - 1].end == token.begin) {
      continue;  // the "th" of 9th
    } else {
      return std::nullopt;
    }
  }
  if (month == 0 || !day || *day < 1) return std::nullopt;
  return date(year, month, *day);
}

std::optional<TimePhrase> time_of(const Lexed& lexed) {
  const std::vector<size_t> all = spoken(lexed);
  if (auto twelve = named_twelve(lexed, all)) return twelve;
  const auto number_at = [&](size_t at) {
    return at < all.size() ? small_number(lexed, all[at], 2) : std::nullopt;
  };
  const auto is_colon = [&](size_t at) {
    return at < all.size() && lexed.tokens[all[at]].kind == TokenKind::kColon;
  };
  std::array<int, 3> parts = {0, 0, 0};
  size_t at = 0;
  size_t num_parts = 0;
  while (num_parts < parts.size()) {
    const auto value = number_at(at);
    if (!value) return std::nullopt;
    const Token& token = lexed.tokens[all[at]];
    if (num_parts > 0 && (token.end - token.begin != 2 || *value > 59)) return std::nullopt;
    parts.at(num_parts++) = *value;
    ++at;
    if (!is_colon(at)) break;
    ++at;
  }
  const int half = half_of_day(lexed, all, at);
  while (at < all.size() && (lexed.tokens[all[at]].kind == TokenKind::kFullStop ||
                             lexed.tokens[all[at]].kind == TokenKind::kComma)) {
    ++at;
  }
  if (at != all.size() || (half == 0 && num_parts == 1)) return std::nullopt;
  // 1:00 and 2:05 are no ratios.
  const bool is_padded = num_parts > 1 && written_at(lexed, all[2]).whole.starts_with('0');
  int hour = parts[0];
  if (hour > (half == 0 ? 23 : 12) || (half != 0 && hour == 0)) return std::nullopt;
  if (half != 0) hour = hour % 12 + (half == 2 ? 12 : 0);
  TimePhrase phrase;
  phrase.is_certain = half != 0 || is_padded;
  phrase.time.kind = AnswerKind::kTime;
  if (half != 0) phrase.time.text = "half";
  if (half == 0 && parts[0] >= 1 && parts[0] <= 12) phrase.time.text = "open";
  phrase.time.expression = number(hour * 3600 + parts[1] * 60 + parts[2]);
  return phrase;
}

std::optional<Answer> number_in_words(const Lexed& lexed) {
  std::vector<std::string> words;
  for (const size_t index : spoken(lexed)) {
    const Token& token = lexed.tokens[index];
    if (token.kind == TokenKind::kMinus && words.empty()) return std::nullopt;
    if (token.kind == TokenKind::kMinus || token.kind == TokenKind::kFullStop ||
        token.kind == TokenKind::kComma) {
      continue;
    }
    const bool is_word = token.kind == TokenKind::kWord || token.kind == TokenKind::kName;
    if (!is_word || words.size() > 20) return std::nullopt;
    words.push_back(lower_case(token.text));
  }
  while (!words.empty() && is_lead_in(words.front())) words.erase(words.begin());
  const bool is_negative =
      words.size() > 1 && (words.front() == "minus" || words.front() == "negative");
  if (is_negative) words.erase(words.begin());
  auto number_of = number_of_words(words);
  if (words.size() == 1 && words.front() == "half") number_of = WordNumber{Rational(1, 2), 1};
  if (!number_of) return std::nullopt;
  if (is_negative) number_of->value = -number_of->value;
  for (size_t i = number_of->num_words; i < words.size(); ++i) {
    if (is_hedge(words[i]) || words[i] == "and" || multiplier_of(words[i]) ||
        number_of_words({words[i]})) {
      return std::nullopt;
    }
  }
  Answer answer;
  answer.kind = AnswerKind::kValue;
  answer.expression = number(number_of->value);
  return answer;
}

bool is_quantifier(const Lexed& lexed, size_t index) {
  const Token& token = lexed.tokens[index];
  if (token.kind != TokenKind::kWord || token.text != "for") return false;
  const std::string& next = lexed.tokens[index + 1].text;
  return next == "all" || next == "any" || next == "every" || next == "each";
}

size_t behind_lead_in(const Lexed& lexed) {
  size_t at = 0;
  for (; at + 1 < lexed.tokens.size(); ++at) {
    const Token& token = lexed.tokens[at];
    const bool is_idle = token.kind == TokenKind::kColon || token.kind == TokenKind::kComma ||
                         token.kind == TokenKind::kPrime;
    const bool is_word = token.kind == TokenKind::kWord || token.kind == TokenKind::kName;
    // "A" and "I" are letters of a choice or symbols.
    const bool is_capital = token.text.size() == 1 && token.text[0] <= 'Z';
    if (is_word && !is_capital && is_lead_in(lower_case(token.text)) &&
        (token.kind == TokenKind::kWord || (at > 0 && token.spaced))) {
      continue;
    }
    if (!(is_idle && at > 0)) break;
  }
  return at;
}

}  // namespace stratagram::math
