// tests/support/reference/plain_miner.h -- mining with maps of strings, all in memory. For
// comparison.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "grams/candidates.h"
#include "grams/gram_context.h"
#include "grams/miner.h"
#include "grams/normaliser.h"
#include "text/solutions.h"

namespace stratagram::reference {

/// Without text, contexts and the number of problems, which follow from the rest.
struct PlainGram {
  grams::Candidate counts{};
  std::map<std::string, std::vector<grams::Context>> places{};  ///< by problem
};

/// The solutions that count.
inline std::vector<text::Solution> plain_documents(const std::vector<text::Solution>& solutions,
                                                   bool only_correct) {
  std::vector<text::Solution> documents;
  std::set<std::pair<std::string, std::string>> seen;
  for (const text::Solution& solution : solutions) {
    if (only_correct && !(solution.correct && *solution.correct)) continue;
    const std::string words = grams::joined(grams::normalise(solution.response));
    if (seen.insert({text::problem_key(solution), words}).second) documents.push_back(solution);
  }
  return documents;
}

inline std::set<std::string> plain_words(std::string_view text) {
  std::set<std::string> words;
  for (const grams::Word& word : grams::normalise(text)) {
    if (!word.opaque) words.insert(word.text);
  }
  return words;
}

/// The words of each problem that hold a digit, or stand in at most 1 % of the problems or in one.
inline std::map<std::string, std::set<std::string>> plain_own_words(
    const std::vector<text::Solution>& documents) {
  std::map<std::string, std::set<std::string>> own;
  std::map<std::string, size_t> num_problems_of;
  for (const text::Solution& document : documents) {
    const auto [place, fresh] =
        own.try_emplace(text::problem_key(document), plain_words(document.problem));
    if (!fresh) continue;
    for (const std::string& word : place->second) ++num_problems_of[word];
  }
  for (auto& [problem, words] : own) {
    std::erase_if(words, [&](const std::string& word) {
      const size_t num = num_problems_of[word];
      return num > 1 && num * 100 > own.size() &&
             word.find_first_of("0123456789") == std::string::npos;
    });
  }
  return own;
}

inline void plain_count(const text::Solution& document,
                        const std::set<std::string>& own_words,
                        grams::GramLengths lengths,
                        std::map<std::string, PlainGram>& all) {
  const std::vector<grams::Word> words = grams::normalise(document.response);
  std::vector<Range> places;
  places.reserve(words.size());
  for (const grams::Word& word : words) places.push_back(word.bytes);
  std::map<std::string, bool> has_own;
  for (size_t first = 0; first < words.size(); ++first) {
    std::string gram;
    bool own = false;
    for (size_t last = first; last < words.size() && last - first < lengths.max_words; ++last) {
      if (words[last].opaque || (last > first && words[last].break_before)) break;
      if (last > first) gram += ' ';
      gram += words[last].text;
      own = own || own_words.contains(words[last].text);
      const size_t num_words = last - first + 1;
      if (num_words < lengths.min_words) continue;
      PlainGram& found = all[gram];
      ++found.counts.count;
      if (first == 0 || words[first].break_before) ++found.counts.sentence_starts;
      found.places[text::problem_key(document)].push_back(
          grams::context_of(document.response, places, first, num_words));
      has_own[gram] = own;
    }
  }
  for (const auto& [gram, own] : has_own) {
    grams::Candidate& counts = all[gram].counts;
    ++counts.document_frequency;
    if (own) ++counts.problem_text_frequency;
    ++counts.by_source[document.source];
    if (document.step) ++counts.by_step[*document.step];
  }
}

/// Every gram that is frequent enough; no fragment is taken out.
inline std::map<std::string, PlainGram> plain_mine(const std::vector<text::Solution>& solutions,
                                                   const grams::MiningOptions& options) {
  const auto documents = plain_documents(solutions, options.only_correct);
  const auto own_words = plain_own_words(documents);
  std::map<std::string, PlainGram> all;
  for (const text::Solution& document : documents) {
    plain_count(document, own_words.at(text::problem_key(document)), options.lengths, all);
  }
  std::erase_if(all, [&](const auto& item) {
    return item.second.counts.document_frequency < options.min_documents;
  });
  return all;
}

/// Which grams stay when fragments of others go: each is compared with every longer one.
inline std::set<std::string> plain_unmerged(const std::map<std::string, int64_t>& counts,
                                            double share) {
  const auto length = [](const std::string& gram) { return std::ranges::count(gram, ' '); };
  std::set<std::string> stay;
  for (int64_t spaces = 16; spaces >= 0; --spaces) {
    for (const auto& [gram, count] : counts) {
      if (length(gram) != spaces) continue;
      const auto swallows = [&](const std::string& longer) {
        return length(longer) > spaces &&
               (" " + longer + " ").find(" " + gram + " ") != std::string::npos &&
               static_cast<double>(counts.at(longer)) >= share * static_cast<double>(count);
      };
      if (std::ranges::none_of(stay, swallows)) stay.insert(gram);
    }
  }
  return stay;
}

}  // namespace stratagram::reference
