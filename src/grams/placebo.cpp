#include "grams/placebo.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "core/digest.h"
#include "core/error.h"
#include "core/stream.h"
#include "grams/normaliser.h"

namespace stratagram::grams {
namespace {

// Counts below 0 stand for n-grams that touch an occurrence of the catalogue somewhere.
using Counts = std::unordered_map<std::string, int64_t>;

struct Candidate {
  std::string text;
  int64_t count = 0;
};

int64_t num_words_of(const std::string& gram) {
  return std::ranges::count(gram, ' ') + 1;
}

std::set<int64_t> lengths_of(const Catalogue& catalogue) {
  std::set<int64_t> lengths;
  for (const Gram& gram : catalogue.grams) lengths.insert(num_words_of(gram.text));
  return lengths;
}

// Every n-gram of the wanted lengths that no break and no formula interrupts.
void count_ngrams(const std::vector<Word>& words,
                  const std::vector<bool>& planning,
                  const std::set<int64_t>& lengths,
                  Counts& counts) {
  for (size_t begin = 0; begin < words.size(); ++begin) {
    std::string text;
    bool touches = false;
    for (int64_t length = 1; length <= *lengths.rbegin(); ++length) {
      const size_t at = begin + static_cast<size_t>(length) - 1;
      if (at >= words.size() || words[at].opaque) break;
      if (length > 1 && words[at].break_before) break;
      text += (length > 1 ? " " : "") + words[at].text;
      touches = touches || planning[at];
      if (!lengths.contains(length)) continue;
      int64_t& count = counts[text];
      if (touches) count = -1;
      if (count >= 0) ++count;
    }
  }
}

// Candidates by number of words, in order of count and then of text, so that the order in which a
// hash map gives them makes no difference.
std::map<int64_t, std::vector<Candidate>> candidates_of(const Counts& counts) {
  std::map<int64_t, std::vector<Candidate>> by_length;
  for (const auto& [text, count] : counts) {
    if (count > 0) by_length[num_words_of(text)].push_back({text, count});
  }
  for (auto& [length, candidates] : by_length) {
    std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
      return a.count != b.count ? a.count < b.count : a.text < b.text;
    });
  }
  return by_length;
}

// A word of rare characters may not be its own normal form; a catalogue could not hold it.
bool is_normal(const std::string& gram) {
  return joined(normalise(gram)) == gram;
}

// Takes a random one of those within a tenth of the wanted count, or else the nearest.
Candidate take_partner_(std::vector<Candidate>& candidates, int64_t wanted, const Stream& stream) {
  const auto distance = [&](const Candidate& candidate) {
    return std::abs(candidate.count - wanted);
  };
  const auto by_count = [](const Candidate& candidate, int64_t count) {
    return candidate.count < count;
  };
  for (uint64_t draw = 0; !candidates.empty(); ++draw) {
    const auto slack = static_cast<int64_t>(std::floor(0.1 * static_cast<double>(wanted)));
    const auto low =
        std::lower_bound(candidates.begin(), candidates.end(), wanted - slack, by_count);
    const auto high =
        std::lower_bound(candidates.begin(), candidates.end(), wanted + slack + 1, by_count);
    auto chosen = low + (low == high ? 0
                                     : static_cast<std::ptrdiff_t>(
                                           stream.below(static_cast<uint64_t>(high - low), draw)));
    if (low == high) {
      if (chosen == candidates.end() ||
          (chosen != candidates.begin() && distance(*(chosen - 1)) <= distance(*chosen))) {
        --chosen;
      }
    }
    Candidate partner = std::move(*chosen);
    candidates.erase(chosen);
    if (is_normal(partner.text)) return partner;
  }
  return {};
}

}  // namespace

Placebo make_placebo(const Matcher& matcher, std::span<const std::string> texts, uint64_t seed) {
  const Catalogue& original = matcher.catalogue();
  const std::set<int64_t> lengths = lengths_of(original);
  Counts counts;
  std::vector<int64_t> original_counts(original.grams.size(), 0);
  std::string corpus;
  for (const std::string& text : texts) {
    const std::vector<Word> words = normalise(text);
    std::vector<bool> planning(words.size(), false);
    for (const Occurrence& occurrence : matcher.find(text).all) {
      ++original_counts[static_cast<size_t>(occurrence.gram)];
      for (int64_t w = occurrence.words.begin; w < occurrence.words.end; ++w) planning[w] = true;
    }
    count_ngrams(words, planning, lengths, counts);
    corpus += sha256(text);
  }
  std::map<int64_t, std::vector<Candidate>> candidates = candidates_of(counts);
  Placebo placebo{.catalogue = {.name = "placebo-of-" + original.name,
                                .source = fmt::format("random partners of the grams of {} ({}), "
                                                      "seed {}",
                                                      original.name,
                                                      original.digest(),
                                                      seed),
                                .corpus_digest = sha256(corpus),
                                .grams = {}}};
  for (size_t i = 0; i < original.grams.size(); ++i) {
    const int64_t wanted = original_counts[i];
    if (wanted == 0) continue;
    const std::string& text = original.grams[i].text;
    const Stream stream({.seed = seed, .purpose = "placebo", .problem = hash_name(text)});
    Candidate partner = take_partner_(candidates[num_words_of(text)], wanted, stream);
    if (partner.text.empty()) {
      fail(ErrorKind::kData,
           "placebo: no partner of {} words is left for '{}' ({} occurrences); give more texts",
           num_words_of(text),
           text,
           wanted);
    }
    ++placebo.num_matched;
    placebo.original_count += wanted;
    placebo.placebo_count += partner.count;
    placebo.catalogue.grams.push_back(
        {.text = std::move(partner.text), .origin = "placebo", .count = partner.count});
  }
  if (placebo.num_matched == 0) {
    fail(
        ErrorKind::kData,
        "placebo: none of the {} grams of {} occurs in the {} texts; give texts of the policy that "
        "is to be trained",
        original.grams.size(),
        original.name,
        texts.size());
  }
  return placebo;
}

}  // namespace stratagram::grams
