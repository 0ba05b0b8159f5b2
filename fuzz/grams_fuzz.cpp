// Any bytes as a text and as grams: words lie in order inside the text, and the matcher finds what
// comparing word by word finds. The input's first lines are the grams; the text is all of it.
#include <algorithm>
#include <sstream>

#include "core/error.h"
#include "fuzz/driver.h"
#include "grams/followers.h"
#include "grams/matcher.h"
#include "grams/normaliser.h"
#include "grams/tag.h"

namespace stratagram {
namespace {

using grams::Word;

std::vector<std::string> seeds() {
  return {"wait let me\nlet me\nthis means that\nWait, let me check: this means that x is 5.",
          "a b a\nb a\na\na b a b a. b-a 'a' a's $x + 1$ \\frac{a}{b} b a\n\nb ```a b``` a b",
          "caf\xc3\xa9 \xef\xac\x81n\nlet\xe2\x80\x99s\nCAF\xc3\x89 FIN cafe\xcc\x81 let's \\(a\\) "
          "\\[b",
          "\xef\xb7\xba \xc7\x84 \xe2\x85\xa7 \xc4\xb0stanbul \xc3\x9f\nss\n$5 and $7 "
          "\xff\xed\xa0\x80"};
}

std::vector<Word> checked_words(std::string_view text) {
  std::vector<Word> words = grams::normalise(text);
  int64_t end = 0;
  for (const Word& word : words) {
    STRATAGRAM_CHECK(word.bytes.begin >= end && word.bytes.end > word.bytes.begin,
                     "words overlap at byte {}",
                     word.bytes.begin);
    STRATAGRAM_CHECK(!word.text.empty(), "an empty word at byte {}", word.bytes.begin);
    end = word.bytes.end;
  }
  STRATAGRAM_CHECK(end <= static_cast<int64_t>(text.size()), "a word ends outside the text");
  return words;
}

// Up to three grams from the first lines, as a catalogue would hold them.
grams::Catalogue catalogue_of(std::string_view text) {
  grams::Catalogue catalogue;
  std::istringstream lines{std::string(text)};
  for (std::string line; catalogue.grams.size() < 3 && std::getline(lines, line);) {
    std::string gram;
    const std::vector<Word> words = grams::normalise(line);
    for (size_t i = 0; i < words.size() && i < 6 && !words[i].opaque; ++i) {
      gram += (gram.empty() ? "" : " ") + words[i].text;
    }
    const auto same = [&](const grams::Gram& other) { return other.text == gram; };
    if (gram.empty() || std::any_of(catalogue.grams.begin(), catalogue.grams.end(), same)) continue;
    catalogue.grams.push_back({.text = gram, .origin = "manual"});
  }
  return catalogue;
}

bool occurs_at(const std::vector<Word>& gram, const std::vector<Word>& words, size_t at) {
  if (at + gram.size() > words.size()) return false;
  for (size_t i = 0; i < gram.size(); ++i) {
    const Word& word = words[at + i];
    if (word.opaque || word.text != gram[i].text || (i > 0 && word.break_before)) return false;
  }
  return true;
}

size_t count_naively(const grams::Catalogue& catalogue, const std::vector<Word>& words) {
  size_t count = 0;
  for (const grams::Gram& gram : catalogue.grams) {
    const std::vector<Word> parts = grams::normalise(gram.text);
    for (size_t at = 0; at < words.size(); ++at) count += occurs_at(parts, words, at) ? 1 : 0;
  }
  return count;
}

void check_tags(const grams::Matcher& matcher, std::string_view text) {
  std::vector<Range> tokens;
  for (int64_t at = 0; at < static_cast<int64_t>(text.size()); at += 3) {
    tokens.push_back({at, std::min<int64_t>(at + 3, static_cast<int64_t>(text.size()))});
  }
  const grams::Tagging tagging = grams::tag(matcher, text, tokens);
  for (const PlanningSpan& span : tagging.spans) {
    STRATAGRAM_CHECK(0 <= span.tokens.begin && span.tokens.begin < span.tokens.end &&
                         span.tokens.end <= static_cast<int64_t>(tokens.size()),
                     "a span outside the tokens");
  }
}

void try_text(std::string_view text) {
  const std::vector<Word> words = checked_words(text);
  const grams::Catalogue catalogue = catalogue_of(text);
  const grams::Matcher matcher(catalogue);
  const grams::Matches matches = matcher.find(text);
  const size_t wanted = count_naively(catalogue, words);
  STRATAGRAM_CHECK(
      matches.all.size() == wanted, "{} occurrences, wanted {}", matches.all.size(), wanted);
  for (const grams::Occurrence& occurrence : matches.all) {
    STRATAGRAM_CHECK(occurrence.bytes.begin == words[occurrence.words.begin].bytes.begin &&
                         occurrence.bytes.end == words[occurrence.words.end - 1].bytes.end,
                     "an occurrence is not where its words are");
  }
  check_tags(matcher, text);
  (void)grams::followers(matcher, text, 2);
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::fuzz::run_fuzz(argc, argv, stratagram::seeds, [](std::string_view text) {
    stratagram::fuzz::must_accept([&] { stratagram::try_text(text); });
  });
}
