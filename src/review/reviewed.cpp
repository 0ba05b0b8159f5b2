#include "review/reviewed.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace stratagram::review {
namespace {

using nlohmann::json;

struct Voices {
  int64_t num_for = 0;
  int64_t num_all = 0;
  std::optional<bool> deciding{};
  std::array<int64_t, 4> roles{};
  std::optional<grams::Role> deciding_role{};
  std::optional<grams::Role> first_role{};
};

Voices voices_on(const std::string& gram, const ReviewState& state, const std::string& deciding) {
  Voices voices;
  for (const std::string& reviewer : state.reviewers()) {
    const Opinion opinion = state.opinion(reviewer, gram);
    if (opinion.verdict == Verdict::kUndecided) continue;
    const bool accepts = opinion.verdict == Verdict::kAccepted;
    voices.num_for += accepts ? 1 : 0;
    ++voices.num_all;
    if (reviewer == deciding) voices.deciding = accepts;
    if (!opinion.role) continue;
    ++voices.roles[static_cast<size_t>(*opinion.role)];
    if (reviewer == deciding) voices.deciding_role = opinion.role;
    if (!voices.first_role) voices.first_role = opinion.role;
  }
  return voices;
}

std::optional<grams::Role> role_of_voices(const Voices& voices) {
  const int64_t most = *std::ranges::max_element(voices.roles);
  const auto has_most = [&](const std::optional<grams::Role>& role) {
    return role && voices.roles[static_cast<size_t>(*role)] == most;
  };
  if (has_most(voices.deciding_role)) return voices.deciding_role;
  if (has_most(voices.first_role)) return voices.first_role;
  if (most == 0) return std::nullopt;
  return static_cast<grams::Role>(std::ranges::find(voices.roles, most) - voices.roles.begin());
}

}  // namespace

grams::Selection selection_of(const grams::CandidateList& candidates,
                              const ReviewState& state,
                              const std::string& deciding) {
  std::vector<std::string> texts;
  texts.reserve(candidates.candidates.size());
  for (const grams::Candidate& candidate : candidates.candidates) texts.push_back(candidate.text);
  for (std::string& gram : state.added()) texts.push_back(std::move(gram));

  grams::Selection selection{.method = "review", .corpus_digest = candidates.corpus.digest};
  int64_t num_even = 0;
  for (const std::string& gram : texts) {
    const Voices voices = voices_on(gram, state, deciding);
    if (voices.num_all == 0) continue;
    const bool is_even = 2 * voices.num_for == voices.num_all;
    if (is_even && !voices.deciding) {
      ++num_even;
      continue;
    }
    const bool strategic = is_even ? *voices.deciding : 2 * voices.num_for > voices.num_all;
    selection.choices.push_back(
        {.text = gram,
         .strategic = strategic,
         .score = static_cast<double>(voices.num_for) / static_cast<double>(voices.num_all),
         .role = strategic ? role_of_voices(voices) : std::nullopt});
  }
  selection.settings = {
      {"reviewers",
       json(std::vector<std::string>(state.reviewers().begin(), state.reviewers().end()))},
      {"deciding", deciding},
      {"left_out_as_even", num_even}};
  return selection;
}

}  // namespace stratagram::review
