#include "grams/unlisted.h"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

#include "grams/matcher.h"
#include "grams/normaliser.h"

namespace stratagram::grams {
namespace {

// Every run of words that lies in a gram of the catalogue.
std::unordered_set<std::string> parts_of(const Catalogue& catalogue) {
  std::unordered_set<std::string> parts;
  for (const Gram& gram : catalogue.grams) {
    const std::vector<Word> words = normalise(gram.text);
    for (size_t begin = 0; begin < words.size(); ++begin) {
      for (size_t count = 1; count <= words.size() - begin; ++count) {
        parts.insert(joined(std::span(words).subspan(begin, count)));
      }
    }
  }
  return parts;
}

// The first step of the later half, or none for fewer than two steps.
std::optional<int64_t> first_late_step(const std::map<int64_t, int64_t>& by_step) {
  if (by_step.size() < 2) return std::nullopt;
  auto step = by_step.begin();
  std::advance(step, by_step.size() / 2);
  return step->first;
}

// How many lie before that step, and how many do not.
std::pair<int64_t, int64_t> halves(const std::map<int64_t, int64_t>& by_step, int64_t late) {
  std::pair<int64_t, int64_t> sums{0, 0};
  for (const auto& [step, count] : by_step) (step < late ? sums.first : sums.second) += count;
  return sums;
}

double share_of(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::vector<UnlistedGram> unlisted_grams(const CandidateList& candidates,
                                         const Catalogue& catalogue) {
  const Matcher matcher(catalogue);
  const std::unordered_set<std::string> parts = parts_of(catalogue);
  const Corpus& corpus = candidates.corpus;
  const std::optional<int64_t> late = first_late_step(corpus.by_step);
  std::vector<UnlistedGram> unlisted;
  for (const Candidate& candidate : candidates.candidates) {
    if (is_problem_text(candidate)) continue;
    if (parts.contains(candidate.text) || !matcher.find(candidate.text).all.empty()) continue;
    UnlistedGram gram{.text = candidate.text,
                      .documents = candidate.document_frequency,
                      .share = share_of(candidate.document_frequency, corpus.num_documents)};
    if (late) {
      const auto [early_part, late_part] = halves(candidate.by_step, *late);
      const auto [early_whole, late_whole] = halves(corpus.by_step, *late);
      gram.early = share_of(early_part, early_whole);
      gram.late = share_of(late_part, late_whole);
    }
    unlisted.push_back(std::move(gram));
  }
  std::ranges::sort(unlisted, {}, [](const UnlistedGram& gram) {
    return std::pair(-gram.late.value_or(gram.share), std::string_view(gram.text));
  });
  return unlisted;
}

}  // namespace stratagram::grams
