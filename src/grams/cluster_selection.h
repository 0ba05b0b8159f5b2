// grams/cluster_selection.h -- the paper's v3 procedure: of clusters of grams, those that most
// solutions use are strategic.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "grams/candidates.h"
#include "grams/cluster.h"
#include "grams/counted_solutions.h"
#include "grams/selection.h"

namespace stratagram::grams {

struct CandidateFilter {
  int64_t min_documents = 0;
  /// Leaves out grams of which more than half of the documents say a name or a quantity of their
  /// problem.
  bool drop_problem_text = false;
};

/// Texts of the candidates that pass, in the order of the list.
[[nodiscard]] std::vector<std::string> clustered_texts(const CandidateList& list,
                                                       const CandidateFilter& filter);

/// By cluster: solutions that hold any of its grams. Throws Error(kInterrupted) after a signal.
[[nodiscard]] std::vector<int64_t> cluster_documents(CountedSolutions& solutions,
                                                     std::span<const std::string> texts,
                                                     const Clusters& clusters,
                                                     const std::function<void(int64_t)>& progress);

/// Choices for all texts, in their order. Clusters are numbered by falling document frequency, then
/// by the text of their medoid, which is their name; the first max(1, round(top * clusters)) are
/// strategic (halves up). A gram's score is the share of the documents that its cluster is in.
[[nodiscard]] std::vector<Choice> cluster_choices(std::span<const std::string> texts,
                                                  const Clusters& clusters,
                                                  std::span<const int64_t> documents,
                                                  int64_t num_documents,
                                                  double top);

}  // namespace stratagram::grams
