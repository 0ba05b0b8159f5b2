#include "grams/quotes.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "grams/gram_context.h"
#include "grams/normaliser.h"
#include "grams/word_hash.h"

namespace stratagram::grams {
namespace {

void find_words(std::string_view text, std::vector<Range>& words) {
  words.clear();
  for_each_word(text, [&](const WordView& word) { words.push_back(word.bytes); });
}

// The normal form of the gram that must stand there; empty when another one does.
std::string gram_at(const WantedQuote& quote, std::string_view text, std::span<const Range> words) {
  if (words.size() < quote.first_word + size_t{quote.num_words}) return {};
  std::string gram;
  uint64_t hash = 0;
  for (const Range& bytes : words.subspan(quote.first_word, quote.num_words)) {
    // A word on its own is the same word.
    for_each_word(text.substr(bytes.begin, bytes.end - bytes.begin), [&](const WordView& word) {
      if (!gram.empty()) gram += ' ';
      gram += word.text;
      hash = longer_gram(hash, word_hash(word.text));
    });
  }
  return hash == quote.hash ? gram : std::string();
}

[[noreturn]] void fail_changed(const std::string& place) {
  fail(ErrorKind::kData, "{}: changed while it was read; mine again", place);
}

}  // namespace

void quote(QuotedFiles files,
           std::vector<WantedQuote> wanted,
           const std::function<void(int64_t document)>& tick,
           std::vector<Candidate>& candidates) {
  std::ranges::sort(wanted, {}, &WantedQuote::document);
  auto next = wanted.begin();
  int64_t document = 0;
  std::vector<Range> words;
  std::string last_place = "the files";
  for (size_t row = 0; next != wanted.end(); ++row) {
    const auto solution = files.reader.next();
    if (!solution) fail_changed(last_place);
    if (row >= files.row_counts.size() || !files.row_counts[row]) continue;
    tick(document);
    if (next->document == document) {
      last_place = files.reader.where();
      find_words(solution->response, words);
      for (; next != wanted.end() && next->document == document; ++next) {
        std::string gram = gram_at(*next, solution->response, words);
        if (gram.empty()) fail_changed(last_place);
        Candidate& candidate = candidates[next->candidate];
        candidate.text = std::move(gram);
        if (next->context >= candidate.contexts.size()) continue;
        candidate.contexts[next->context] =
            context_of(solution->response, words, next->first_word, next->num_words);
      }
    }
    ++document;
  }
}

}  // namespace stratagram::grams
