// tests/review/reviewed_grams.h -- a few candidates, and what tests of their review share.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/file.h"
#include "grams/candidates.h"
#include "grams/selection.h"
#include "review/state.h"

namespace stratagram::review {

/// With falling document frequencies from 10 times their number on, in steps of 10.
inline grams::CandidateList candidates_of(const std::vector<std::string>& texts) {
  grams::CandidateList list;
  list.corpus.digest = std::string(64, 'c');
  list.corpus.num_documents = 1000000;
  list.corpus.num_problems = 1000000;
  int64_t documents = 10 * static_cast<int64_t>(texts.size());
  for (const std::string& text : texts) {
    list.candidates.push_back({.text = text,
                               .count = 2 * documents,
                               .document_frequency = documents,
                               .problem_frequency = documents,
                               .sentence_starts = documents,
                               .contexts = {{"So, ", text, ", and <b>then</b> & on."}}});
    documents -= 10;
  }
  return list;
}

inline grams::CandidateList few_candidates() {
  return candidates_of({"let me think", "me think again", "wait no that", "divided by 3"});
}

/// Of those candidates; the choices are (gram, strategic).
inline grams::Selection selection_named(const std::string& method,
                                        const std::vector<std::pair<std::string, bool>>& choices) {
  grams::Selection selection{.method = method, .corpus_digest = std::string(64, 'c')};
  for (const auto& [gram, strategic] : choices) {
    selection.choices.push_back({.text = gram, .strategic = strategic});
  }
  return selection;
}

inline Decision decision(const std::string& reviewer,
                         Action action,
                         const std::string& gram = "",
                         const std::string& into = "") {
  return {.reviewer = reviewer, .action = action, .gram = gram, .into = into};
}

inline Decision role_decision(const std::string& reviewer,
                              const std::string& gram,
                              grams::Role role) {
  return {.reviewer = reviewer, .action = Action::kRole, .gram = gram, .role = role};
}

}  // namespace stratagram::review
