#include "reward/sentence.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "reward/characters.h"
#include "reward/numbers_in_text.h"

namespace stratagram::reward {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr size_t kMaxProse = 400;   // bytes of a sentence that is searched for its one number
constexpr int kMaxWordsDenied = 3;  // between "not" and what it denies
constexpr size_t kMaxClause = 200;  // bytes before and behind a part that are searched for a doubt

// Where the closing sign of the displayed formula at `at` stands; kNone when none starts or ends.
size_t end_of_display(std::string_view text, size_t at) {
  for (const auto& [open, close] :
       {std::pair<std::string_view, std::string_view>{"\\[", "\\]"}, {"$$", "$$"}}) {
    if (text.substr(at, open.size()) != open) continue;
    const size_t end = text.find(close, at + open.size());
    if (end != kNone) return end + close.size();
  }
  return kNone;
}

// End of a sentence: a line break, or a full stop that is not inside a number. Signs that close
// something may follow the stop.
size_t end_of_sentence(std::string_view text, size_t begin) {
  for (size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '\n') return i;
    if (text[i] != '.') continue;
    size_t after = i + 1;
    while (after < text.size() && std::string_view("*\"'$)]}").find(text[after]) != kNone) ++after;
    if (after == text.size() || is_space(text[after])) return after == i + 1 ? i : after;
  }
  return text.size();
}

// The same for formulas that "or" and "and" join, with what follows the last on its line: an answer
// that goes on is not the whole of it.
size_t end_of_displays(std::string_view text, size_t at) {
  while (true) {
    const size_t display = end_of_display(text, at);
    const size_t end = end_of_sentence(text, display == kNone ? at : display);
    at = end;
    while (at < text.size() && is_space(text[at])) ++at;
    if (!starts_with(text, at, "or ") && !starts_with(text, at, "and ")) return end;
    while (at < text.size() && !is_space(text[at])) ++at;
    while (at < text.size() && is_space(text[at])) ++at;
  }
}

// Where the words of `sentence` begin that only give reasons.
size_t start_of_reasons(std::string_view sentence) {
  for (size_t i = 1; i + 2 < sentence.size(); ++i) {
    if (sentence[i] != ' ') continue;
    const bool comma = sentence[i - 1] == ',' || sentence[i - 1] == ';';
    for (const std::string_view word : {"since", "because"}) {
      if (starts_with(sentence, i + 1, word)) return comma ? i - 1 : i;
    }
    if (!comma) continue;
    for (const std::string_view word :
         {"as ", "so ", "where ", "which ", "when ", "giving ", "it "}) {
      if (starts_with(sentence, i + 1, word)) return i - 1;
    }
  }
  return sentence.size();
}

// Number of whole words of two letters or more before the first digit or sign of mathematics.
int words_before_mathematics(std::string_view sentence) {
  int words = 0;
  for (size_t i = 0; i < sentence.size();) {
    const size_t begin = i;
    while (i < sentence.size() && is_letter(sentence[i])) ++i;
    if (i - begin >= 2) ++words;
    if (i == sentence.size()) return words;
    const char c = sentence[i];
    const bool prose = is_space(c) || c == ',' || is_markup(c);
    if (!prose) return c == '(' || c == '^' || c == '_' ? words - (i > begin ? 1 : 0) : words;
    ++i;
  }
  return words;
}

// The only part of the sentence between two pairs of stars.
std::optional<Piece> only_bold(std::string_view text, Piece sentence) {
  const std::string_view s = sentence.of(text);
  const size_t open = s.find("**");
  if (open == kNone) return std::nullopt;
  const size_t close = s.find("**", open + 2);
  if (close == kNone || s.find("**", close + 2) != kNone) return std::nullopt;
  return Piece{sentence.begin + open + 2, sentence.begin + close};
}

// Whether there are only words and blanks, so that a number among them stands for itself.
bool is_only_words(std::string_view text) {
  constexpr std::string_view kApostrophe = "\xe2\x80\x99";
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_letter(c) || is_space(c) || is_markup(c) || c == ',' || c == '-') continue;
    if (text.substr(i, kApostrophe.size()) != kApostrophe) return false;
    i += kApostrophe.size() - 1;
  }
  return true;
}

bool is_word_at(std::string_view text, size_t at, std::string_view word) {
  return (at == 0 || !is_letter(text[at - 1])) && starts_with(text, at, word) &&
         ends_word(text, at + word.size());
}

// Whole words of a text from its end, in lower case.
std::array<std::string, 3> last_words(std::string_view text) {
  std::array<std::string, 3> words;
  size_t at = text.size();
  for (std::string& word : words) {
    while (at > 0 && !is_letter(text[at - 1]) && !is_digit(text[at - 1])) --at;
    const size_t end = at;
    while (at > 0 && (is_letter(text[at - 1]) || is_digit(text[at - 1]))) --at;
    for (size_t i = at; i < end; ++i) word += lower(text[i]);
  }
  return words;
}

template <size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Words beside a number that make another value of it: "at least 5", "3 more than 5", "2 plus 5",
// "the square root of 5", "5 out of 12", "5 squared".
bool changes_value(std::string_view before, std::string_view behind) {
  constexpr std::array<std::string_view, 19> kBefore = {"than",
                                                        "least",
                                                        "most",
                                                        "plus",
                                                        "minus",
                                                        "times",
                                                        "negative",
                                                        "sqrt",
                                                        "sin",
                                                        "cos",
                                                        "tan",
                                                        "log",
                                                        "ln",
                                                        "half",
                                                        "twice",
                                                        "double",
                                                        "under",
                                                        "above",
                                                        "below"};
  constexpr std::array<std::string_view, 9> kJoints = {
      "in", "to", "over", "per", "choose", "base", "mod", "by", "divided"};
  constexpr std::array<std::string_view, 6> kParts = {
      "root", "half", "third", "quarter", "power", "out"};
  constexpr std::array<std::string_view, 5> kBehind = {
      "squared", "cubed", "halves", "factorial", "reciprocal"};
  while (!before.empty() && (is_space(before.back()) || before.back() == '$')) {
    before.remove_suffix(1);
  }
  if (before.ends_with("\xe2\x88\x9a")) return true;
  // Only what stands right at the number.
  if (!before.empty() && is_letter(before.back())) {
    const auto words = last_words(before);
    if (is_one_of(words[0], kBefore)) return true;
    if (is_one_of(words[0], kJoints) && !words[1].empty() && is_digit(words[1].back())) return true;
    if (words[0] == "of" && is_one_of(words[1], kParts)) return true;
  }
  size_t at = 0;
  while (at < behind.size() && is_space(behind[at])) ++at;
  for (const std::string_view word : kBehind) {
    if (is_word_at(behind, at, word)) return true;
  }
  if (starts_with(behind, at, "to the")) return true;
  // "5 more than x", but "$5 more than Susan" is what was asked for.
  constexpr size_t kThan = 10;  // bytes of "more than "
  const bool compares =
      starts_with(behind, at, "more than ") || starts_with(behind, at, "less than ");
  return compares && at + kThan < behind.size() && ends_word(behind, at + kThan + 1);
}

// The only number of the sentence, with the currency or percent sign at it.
std::optional<Piece> only_number(std::string_view text, Piece sentence) {
  const std::string_view s = sentence.of(text);
  const auto number = last_number(s);
  if (!number) return std::nullopt;
  auto begin = static_cast<size_t>(number->begin);
  auto end = static_cast<size_t>(number->end);
  for (const std::string_view sign : {"\\$", "$"}) {
    if (!s.substr(0, begin).ends_with(sign)) continue;
    begin -= sign.size();
    break;
  }
  for (const std::string_view sign : {"\\%", "%"}) {
    if (s.substr(end).starts_with(sign)) end += sign.size();
  }
  const bool parted = begin == 0 || is_space(s[begin - 1]) || is_markup(s[begin - 1]);
  if (!parted || !is_only_words(s.substr(0, begin)) || !is_only_words(s.substr(end)) ||
      changes_value(s.substr(0, begin), s.substr(end))) {
    return std::nullopt;
  }
  return Piece{sentence.begin + begin, sentence.begin + end};
}

// "28 geese are on the lake": a number, and a sentence behind it.
bool starts_with_number(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && (text[at] == '$' || text[at] == '\\')) ++at;
  const size_t digits = at;
  while (at < text.size() && (is_digit(text[at]) || text[at] == ',' || text[at] == '.')) ++at;
  if (at == digits || at >= text.size() || text[at] != ' ') return false;
  int words = 0;
  for (size_t i = at; i < text.size(); ++i) {
    if (is_letter(text[i]) && !is_letter(text[i - 1])) ++words;
  }
  return words >= 2;
}

// What follows the last "is" of the sentence.
std::optional<Piece> after_is(std::string_view text, Piece sentence) {
  const size_t at = sentence.of(text).rfind(" is ");
  if (at == kNone) return std::nullopt;
  const Piece rest = trimmed(text, {sentence.begin + at + 4, sentence.end});
  if (rest.blank()) return std::nullopt;
  return rest;
}

// Where the clause that holds `part` begins: behind a sign or word that parts clauses.
size_t start_of_clause(std::string_view text, Piece part) {
  const size_t limit = part.begin > kMaxClause ? part.begin - kMaxClause : 0;
  for (size_t i = part.begin; i-- > limit;) {
    const char c = text[i];
    const bool parts = c == '\n' || c == ';' || c == ':' || c == '?' || c == '!' ||
                       ((c == '.' || c == ',') && i + 1 < text.size() && is_space(text[i + 1]));
    if (parts) return i + 1;
    for (const std::string_view word : {"which", "but", "so", "it's", "therefore", "thus"}) {
      if (is_word_at(text, i, word)) return i + word.size();
    }
  }
  return limit;
}

// Words, and numbers, which part a doubt from what it is about as well.
int count_words(std::string_view text) {
  int words = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_part = is_letter(text[i]) || is_digit(text[i]);
    const bool continues = i > 0 && (is_letter(text[i - 1]) || is_digit(text[i - 1]));
    if (is_part && !continues) ++words;
  }
  return words;
}

// Words before the first `word`; -1 where it does not come.
int words_between(std::string_view text, std::string_view word) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_word_at(text, i, word)) return count_words(text.substr(0, i));
  }
  return -1;
}

// The first byte of a letter that is not Latin or Greek, nor a sign: such a script has its own
// words.
bool starts_foreign_letter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0xd0 && byte <= 0xe1) || (byte >= 0xe3 && byte <= 0xed);
}

bool has_digit(std::string_view text) {
  for (const char c : text) {
    if (is_digit(c)) return true;
  }
  return false;
}

}  // namespace

Piece trimmed(std::string_view text, Piece piece) {
  while (!piece.blank() && (is_space(text[piece.begin]) || is_markup(text[piece.begin]))) {
    ++piece.begin;
  }
  for (bool trimming = true; trimming && !piece.blank();) {
    const char last = text[piece.end - 1];
    // A prime is part of f'.
    trimming = is_space(last) || (is_markup(last) && last != '\'') || last == '.';
    if (trimming) --piece.end;
  }
  return piece;
}

Piece sentence_from(std::string_view text, size_t begin) {
  if (end_of_display(text, begin) != kNone) {
    return trimmed(text, {begin, end_of_displays(text, begin)});
  }
  Piece sentence{begin, end_of_sentence(text, begin)};
  sentence.end = begin + start_of_reasons(sentence.of(text));
  return trimmed(text, sentence);
}

Piece without_prose(std::string_view text, Piece sentence) {
  const std::string_view s = sentence.of(text);
  const bool leads = starts_with_number(s);
  if (s.size() > kMaxProse || (!leads && words_before_mathematics(s) < 2)) return sentence;
  for (size_t i = 0; i < s.size(); ++i) {
    if (i > 0 && is_letter(s[i - 1])) continue;
    for (const std::string_view word : {"not", "or", "maybe", "either", "between", "cannot"}) {
      if (starts_with(s, i, word) && ends_word(s, i + word.size())) return sentence;
    }
  }
  if (s.find('?') != kNone) return sentence;
  if (const auto bold = only_bold(text, sentence)) {
    // "18 more tiles", but not "at least 18 tiles".
    const Piece part = trimmed(text, *bold);
    const auto number = starts_with_number(part.of(text)) ? only_number(text, part) : std::nullopt;
    return number.value_or(part);
  }
  if (const auto number = only_number(text, sentence)) return *number;
  if (leads) return sentence;
  return after_is(text, sentence).value_or(sentence);
}

bool is_doubted(std::string_view text, Piece part) {
  const size_t begin = start_of_clause(text, part);
  const std::string_view before = text.substr(begin, part.begin - begin);
  const std::string_view nearby = text.substr(0, part.end + kMaxClause);
  const size_t end = end_of_sentence(nearby, part.end);
  const std::string_view behind = nearby.substr(part.end, end - part.end);
  if (behind.find('?') != kNone || words_between(behind, "or") == 0) return true;
  if (changes_value(before, behind)) return true;
  for (size_t i = 0; i < before.size(); ++i) {
    for (const std::string_view word :
         {"maybe", "perhaps", "possibly", "either", "could", "might", "whether"}) {
      if (is_word_at(before, i, word)) return true;
    }
    const std::string_view rest = before.substr(i);
    // "is not 5", "is not equal to 5"; but "will not be used, so 120".
    for (const std::string_view word : {"not", "n't", "n\xe2\x80\x99t", "cannot", "never"}) {
      const bool starts = word[0] == 'n' && word[1] != 'o' && word[1] != 'e'
                              ? starts_with(before, i, word)
                              : is_word_at(before, i, word);
      if (starts && count_words(rest.substr(word.size())) <= kMaxWordsDenied) return true;
    }
    for (const std::string_view word : {"or", "nor"}) {
      if (is_word_at(before, i, word) && count_words(rest.substr(word.size())) == 0) return true;
    }
    // "between 4 and 5", "5 boys and 6 girls": two numbers joined.
    if (is_word_at(before, i, "and") && count_words(rest.substr(3)) == 0 &&
        has_digit(before.substr(0, i))) {
      return true;
    }
  }
  return false;
}

bool is_prose(std::string_view text) {
  constexpr std::array<std::string_view, 2> kForeignStops = {"\xe3\x80\x82", "\xe0\xa5\xa4"};
  for (const std::string_view stop : kForeignStops) {
    if (text.find(stop) != kNone) return true;
  }
  if (text.find("</think>") != kNone) return true;
  constexpr std::array<std::string_view, 13> kVerbs = {"is",
                                                       "it's",
                                                       "are",
                                                       "was",
                                                       "equals",
                                                       "gives",
                                                       "get",
                                                       "have",
                                                       "therefore",
                                                       "thus",
                                                       "hence",
                                                       "because",
                                                       "since"};
  constexpr std::array<std::string_view, 12> kSmallWords = {
      "of", "to", "we", "the", "he", "she", "it", "so", "then", "there", "that", "this"};
  int words = 0;
  bool has_formula = false;
  bool has_verb = false;
  bool has_small_word = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view two = text.substr(i, 2);
    words += starts_foreign_letter(text[i]) ? 1 : 0;
    has_formula = has_formula || text[i] == '$' || two == "\\(" || two == "\\[";
    const bool starts =
        is_letter(text[i]) && (i == 0 || (!is_letter(text[i - 1]) && text[i - 1] != '\\'));
    if (!starts) continue;
    if (two.size() == 2 && is_letter(two[1])) ++words;
    const auto is_here = [&](std::string_view word) { return is_word_at(text, i, word); };
    has_verb = has_verb || std::any_of(kVerbs.begin(), kVerbs.end(), is_here);
    has_small_word = has_small_word || std::any_of(kSmallWords.begin(), kSmallWords.end(), is_here);
  }
  const auto parts_sentences = [&](std::string_view stop) {
    const size_t at = text.find(stop);
    return at != kNone && at + stop.size() < text.size();
  };
  if (words < 2) return has_verb;
  return has_verb || has_formula || (has_small_word && words > 2) || parts_sentences("\n") ||
         parts_sentences(". ") || parts_sentences(": ");
}

}  // namespace stratagram::reward
