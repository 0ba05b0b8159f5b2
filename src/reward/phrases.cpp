#include "reward/phrases.h"

#include <array>
#include <cstdint>
#include <string>

#include "reward/characters.h"
#include "reward/sentence.h"

namespace stratagram::reward {
namespace {

constexpr size_t kNone = std::string_view::npos;
// An announcement that announces nothing is passed over, but not endlessly: each costs a look at
// its sentence.
constexpr int kMaxTries = 16;

size_t skip_blanks(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || is_markup(text[at]))) ++at;
  return at;
}

// The last "answer" before `limit` that starts a word; kNone for none.
size_t word_before(std::string_view text, size_t limit) {
  for (size_t at = limit; at-- > 0;) {
    if (lower(text[at]) == 'a' && starts_with(text, at, "answer") &&
        (at == 0 || !is_letter(text[at - 1]))) {
      return at;
    }
  }
  return kNone;
}

bool follows_final(std::string_view text, size_t at) {
  while (at > 0 && (is_space(text[at - 1]) || is_markup(text[at - 1]))) --at;
  return at >= 5 && starts_with(text, at - 5, "final");
}

// "whether the answer is 5"
bool follows_doubt(std::string_view text, size_t at) {
  for (const std::string_view article : {"the ", "final ", "the "}) {
    if (at >= article.size() && starts_with(text, at - article.size(), article)) {
      at -= article.size();
    }
  }
  for (const std::string_view word : {"whether ", "if "}) {
    if (at >= word.size() && starts_with(text, at - word.size(), word)) return true;
  }
  return false;
}

// Whether the line before `at` has nothing but marks of headings, and maybe "the final".
bool opens_line(std::string_view text, size_t at) {
  size_t line = at;
  while (line > 0 && text[line - 1] != '\n' && at - line < 40) --line;
  std::string words;
  for (size_t i = line; i < at; ++i) {
    if (is_letter(text[i])) words += lower(text[i]);
  }
  return words.empty() || words == "final" || words == "thefinal" || words == "the";
}

// Position after "is", ":", "should be", ... that follows "answer"; kNone when no such thing does.
// A heading is announced by the end of its line.
size_t after_connector(std::string_view text, size_t answer) {
  constexpr std::array<std::string_view, 12> kVerbs = {"is",
                                                       "are",
                                                       "equals",
                                                       "should be",
                                                       "would be",
                                                       "will be",
                                                       "must be",
                                                       "has to be",
                                                       "comes out to be",
                                                       "comes out as",
                                                       "turns out to be",
                                                       "becomes"};
  constexpr std::array<std::string_view, 15> kFillers = {"therefore",
                                                         "for sure",
                                                         "definitely",
                                                         "thus",
                                                         "hence",
                                                         "indeed",
                                                         "simply",
                                                         "just",
                                                         "then",
                                                         "so",
                                                         "actually",
                                                         "clearly",
                                                         "exactly",
                                                         "given by",
                                                         "equal to"};
  size_t at = answer + 6;
  const bool plural = at < text.size() && lower(text[at]) == 's';
  if (plural) ++at;
  if (!ends_word(text, at)) return kNone;
  at = skip_blanks(text, at);
  bool connected = false;
  for (const std::string_view verb : kVerbs) {
    if (connected || !starts_with(text, at, verb) || !ends_word(text, at + verb.size())) continue;
    at = skip_blanks(text, at + verb.size());
    connected = true;
  }
  if (at < text.size() && (text[at] == ':' || text[at] == '=') && !(plural && !connected)) {
    at = skip_blanks(text, at + 1);
    connected = true;
  }
  if (!connected) {
    const bool ends_line = at < text.size() && text[at] == '\n';
    return ends_line && opens_line(text, answer) ? at : kNone;
  }
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view filler : kFillers) {
      if (!starts_with(text, at, filler) || !ends_word(text, at + filler.size())) continue;
      at = skip_blanks(text, at + filler.size());
      if (at < text.size() && (text[at] == ',' || text[at] == ':')) at = skip_blanks(text, at + 1);
      found = true;
    }
  }
  return at;
}

// True for what is said of an answer rather than being one.
bool is_remark(std::string_view value) {
  for (const std::string_view word : {"correct",
                                      "incorrect",
                                      "right",
                                      "wrong",
                                      "consistent",
                                      "reasonable",
                                      "verified",
                                      "confirmed",
                                      "as follows",
                                      "the same",
                                      "supposed to",
                                      "expected to",
                                      "in the form",
                                      "in simplest",
                                      "not "}) {
    if (starts_with(value, 0, word)) return true;
  }
  return false;
}

// The value that an announcement ending at `at` announces; blank when it announces none.
Piece value_at(std::string_view text, size_t at) {
  while (at < text.size() && (is_space(text[at]) || is_markup(text[at]) || text[at] == ':')) ++at;
  if (at >= text.size()) return {};
  const Piece sentence = sentence_from(text, at);
  const bool is_display = text.substr(at, 2) == "\\[" || text.substr(at, 2) == "$$";
  return is_display ? sentence : without_prose(text, sentence);
}

}  // namespace

std::optional<Announced> find_announced(std::string_view text, Announcement kind) {
  size_t limit = text.size();
  for (int tries = 0; tries < kMaxTries;) {
    const size_t answer = word_before(text, limit);
    if (answer == kNone) return std::nullopt;
    limit = answer;
    if (kind == Announcement::kFinalAnswer && !follows_final(text, answer)) continue;
    if (follows_doubt(text, answer)) continue;
    const size_t after = after_connector(text, answer);
    if (after == kNone) continue;
    ++tries;
    const Piece value = value_at(text, after);
    if (value.blank() || is_remark(value.of(text))) continue;
    return Announced{.bytes = {static_cast<int64_t>(value.begin), static_cast<int64_t>(value.end)},
                     .is_whole = value.end < text.size()};
  }
  return std::nullopt;
}

}  // namespace stratagram::reward
