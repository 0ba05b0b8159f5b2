#include "math/words.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "core/utf8.h"
#include "math/characters.h"
#include "math/lexicon.h"

namespace stratagram::math {
namespace {

const std::unordered_map<std::string_view, int64_t>& small_numbers() {
  static const std::unordered_map<std::string_view, int64_t> kNumbers = {
      {"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
      {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
      {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
      {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
      {"twenty", 20},  {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},
      {"seventy", 70}, {"eighty", 80},  {"ninety", 90}};
  return kNumbers;
}

int64_t parts_of(std::string_view word) {
  static const std::unordered_map<std::string_view, int64_t> kParts = {
      {"half", 2},    {"halves", 2},  {"third", 3},    {"thirds", 3},   {"fourth", 4},
      {"fourths", 4}, {"quarter", 4}, {"quarters", 4}, {"fifth", 5},    {"fifths", 5},
      {"sixth", 6},   {"sixths", 6},  {"seventh", 7},  {"sevenths", 7}, {"eighth", 8},
      {"eighths", 8}, {"ninth", 9},   {"ninths", 9},   {"tenth", 10},   {"tenths", 10}};
  const auto entry = kParts.find(word);
  return entry == kParts.end() ? 0 : entry->second;
}

/// Cuts a text into words for plain_words().
class WordCutter {
 public:
  explicit WordCutter(std::string_view text) : text_(text) {}

  std::string words() {
    while (at_ < text_.size()) step();
    end_word();
    for (const std::string_view article : {"the ", "a ", "an "}) {
      // A capital A may be a name.
      if (article == "a " && text_.find('A') < text_.find('a')) continue;
      if (words_.starts_with(article) && words_.size() > article.size() &&
          is_letter(words_[article.size()])) {
        return words_.substr(article.size());
      }
    }
    return std::move(words_);
  }

 private:
  void end_word() {
    if (word_.empty()) return;
    if (!words_.empty()) words_ += ' ';
    words_ += word_;
    word_.clear();
  }

  void lone(std::string_view sign) {
    end_word();
    word_ = sign;
    end_word();
  }

  void step() {
    const char c = text_[at_];
    if (c == '\\') return command();
    const Utf8Character character = decode_utf8(text_, at_);
    const std::string_view bytes = text_.substr(at_, character.num_bytes);
    at_ += character.num_bytes;
    if (is_letter(c) || is_digit(c)) {
      if (!word_.empty() && is_digit(word_.back()) != is_digit(c)) end_word();
      word_ += static_cast<char>(is_letter(c) ? (c | 0x20) : c);
    } else if (character.code_point == 0x2212) {
      end_word();
      word_ += '-';
      end_word();
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      if (character.code_point < 0xc0 ||
          (character.code_point >= 0x2000 && character.code_point < 0x2070)) {
        return end_word();
      }
      word_ += character.valid ? bytes : std::string_view("?");
    } else if (std::string_view(" \t\r\n{}$~,;:?.!\"`*").find(c) != std::string_view::npos) {
      const bool decimal = c == '.' && !word_.empty() && is_digit(word_.back()) &&
                           at_ < text_.size() && is_digit(text_[at_]);
      if (decimal) {
        word_ += '.';
      } else {
        end_word();
      }
    } else if (c != '\'') {
      lone(bytes);
    }
  }

  void command() {
    size_t end = at_ + 1;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    if (end == at_ + 1 && end < text_.size()) ++end;
    const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end;
    const auto meaning = command_meaning(name);
    if (meaning && meaning->action != CommandAction::kEmit) return end_word();
    if (name.empty() || name == "\\") return end_word();
    lone(lower_case(name));
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string word_;
  std::string words_;
};

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

bool is_hedge(std::string_view word) {
  static const std::unordered_set<std::string_view> kHedges = {
      "maybe",     "perhaps",    "possibly",    "probably",   "likely",   "not",      "no",
      "never",     "none",       "except",      "without",    "least",    "most",     "more",
      "less",      "fewer",      "greater",     "smaller",    "larger",   "above",    "below",
      "over",      "under",      "than",        "between",    "either",   "neither",  "or",
      "but",       "wait",       "unless",      "unknown",    "cannot",   "actually", "otherwise",
      "instead",   "unsure",     "guess",       "versus",     "vs",       "where",    "when",
      "if",        "for",        "such",        "every",      "with",     "times",    "minus",
      "plus",      "divided",    "half",        "double",     "twice",    "up",       "wrong",
      "incorrect", "false",      "almost",      "nearly",     "mod",      "base",     "through",
      "before",    "after",      "until",       "because",    "since",    "th",       "st",
      "nd",        "rd",         "repeating",   "recurring",  "squared",  "cubed",    "halves",
      "thirds",    "fourths",    "fifths",      "sixths",     "sevenths", "eighths",  "ninths",
      "tenths",    "hundredths", "thousandths", "reciprocal", "inverse",  "root",     "power",
      "out",       "factorial"};
  return kHedges.contains(word);
}

bool is_lead_in(std::string_view word) {
  static const std::unordered_set<std::string_view> kWords = {
      "the",     "final",     "answer",    "is",     "it",      "there",       "are",
      "value",   "total",     "of",        "a",      "an",      "about",       "approximately",
      "roughly", "exactly",   "equals",    "equal",  "to",      "thus",        "so",
      "hence",   "therefore", "we",        "have",   "get",     "solution",    "solutions",
      "result",  "ans",       "approx",    "around", "correct", "our",         "be",
      "must",    "will",      "obtain",    "then",   "only",    "required",    "area",
      "volume",  "length",    "perimeter", "sum",    "product", "probability", "answers",
      "matrix",  "this",      "that",      "s",      "i",       "quad",        "find",
      "see",     "conclude",  "number"};
  return kWords.contains(word);
}

std::optional<Rational> multiplier_of(std::string_view word) {
  if (word == "hundred") return Rational(100);
  if (word == "thousand" || word == "thousands") return Rational(1000);
  if (word == "million" || word == "millions") return Rational(1'000'000);
  if (word == "billion" || word == "billions") return Rational(1'000'000'000);
  if (word == "trillion" || word == "trillions") return Rational(1'000'000'000'000);
  if (word == "dozen" || word == "dozens") return Rational(12);
  return std::nullopt;
}

std::optional<WordNumber> number_of_words(const std::vector<std::string>& words) {
  Rational total;
  Rational current;
  size_t taken = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto small = small_numbers().find(word);
    const auto multiplier = multiplier_of(word);
    if (small != small_numbers().end()) {
      // Only a unit behind a ten, and anything behind a hundred: "two three" is no number.
      const auto below = (current.as_int64().value_or(0)) % 100;
      const bool fits = taken == 0 || below == 0 || (below % 10 == 0 && small->second < 10);
      if (!fits || (taken > 0 && small->second == 0)) return std::nullopt;
      current = current + Rational(small->second);
    } else if (multiplier && i == 0) {
      current = *multiplier;
    } else if (multiplier && taken > 0 && (word == "hundred" || word.starts_with("dozen"))) {
      current = current * *multiplier;
    } else if (multiplier && taken > 0) {
      total = total + current * *multiplier;
      current = Rational(0);
    } else if (word == "and" && taken > 0 && i + 1 < words.size() &&
               small_numbers().contains(words[i + 1]) && multiplier_of(words[i - 1])) {
      ++taken;
      continue;
    } else if (parts_of(word) > 0 && taken == 1 && !current.is_zero()) {
      return WordNumber{current / Rational(parts_of(word)), 2};
    } else {
      break;
    }
    ++taken;
  }
  if (taken == 0) return std::nullopt;
  return WordNumber{total + current, taken};
}

std::optional<std::string> truth_of(std::string_view text) {
  if (text == "yes" || text == "true" || text == "correct") return "true";
  if (text == "no" || text == "false" || text == "incorrect") return "false";
  return std::nullopt;
}

std::string plain_words(std::string_view text) {
  return WordCutter(text).words();
}

}  // namespace stratagram::math
