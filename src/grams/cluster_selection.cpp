#include "grams/cluster_selection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/interrupt.h"
#include "grams/matcher.h"

namespace stratagram::grams {

std::vector<std::string> clustered_texts(const CandidateList& list, const CandidateFilter& filter) {
  std::vector<std::string> texts;
  for (const Candidate& candidate : list.candidates) {
    if (candidate.document_frequency < filter.min_documents) continue;
    if (filter.drop_problem_text && is_problem_text(candidate)) continue;
    texts.push_back(candidate.text);
  }
  return texts;
}

std::vector<int64_t> cluster_documents(CountedSolutions& solutions,
                                       std::span<const std::string> texts,
                                       const Clusters& clusters,
                                       const std::function<void(int64_t)>& progress) {
  Catalogue all{.name = "candidates", .grams = {}};
  for (const std::string& text : texts) all.grams.push_back({.text = text});
  const Matcher matcher(all);
  std::vector<int64_t> documents(clusters.medoids.size(), 0);
  std::vector<int64_t> last_seen(documents.size(), -1);
  for (auto solution = solutions.next(); solution; solution = solutions.next()) {
    throw_if_interrupted("stopped while counting; nothing was written, so run the command again");
    const int64_t number = solutions.num_documents();
    for (const Occurrence& occurrence : matcher.find(solution->response).all) {
      const int32_t cluster = clusters.cluster_of[occurrence.gram];
      if (last_seen[cluster] == number) continue;
      last_seen[cluster] = number;
      ++documents[cluster];
    }
    progress(number);
  }
  return documents;
}

std::vector<Choice> cluster_choices(std::span<const std::string> texts,
                                    const Clusters& clusters,
                                    std::span<const int64_t> documents,
                                    int64_t num_documents,
                                    double top) {
  STRATAGRAM_CHECK(documents.size() == clusters.medoids.size(),
                   "cluster_choices: wanted {} counts, got {}",
                   clusters.medoids.size(),
                   documents.size());
  std::vector<int64_t> order(documents.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](int64_t a, int64_t b) {
    if (documents[a] != documents[b]) return documents[a] > documents[b];
    return texts[clusters.medoids[a]] < texts[clusters.medoids[b]];
  });
  std::vector<int64_t> rank(order.size());
  for (size_t i = 0; i < order.size(); ++i) rank[order[i]] = static_cast<int64_t>(i);
  const auto wanted = std::floor(top * static_cast<double>(order.size()) + 0.5);
  const int64_t num_kept = std::max<int64_t>(1, static_cast<int64_t>(wanted));
  std::vector<Choice> choices;
  for (size_t i = 0; i < texts.size(); ++i) {
    const int32_t cluster = clusters.cluster_of[i];
    const auto whole = static_cast<double>(std::max<int64_t>(1, num_documents));
    choices.push_back({.text = texts[i],
                       .strategic = rank[cluster] < num_kept,
                       .score = static_cast<double>(documents[cluster]) / whole,
                       .cluster = rank[cluster],
                       .cluster_name = texts[clusters.medoids[cluster]]});
  }
  return choices;
}

}  // namespace stratagram::grams
