#include "grams/coverage.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "grams/covered.h"
#include "grams/normaliser.h"
#include "grams/tag.h"

namespace stratagram::grams {
namespace {

void add_list(std::vector<int64_t>& sums, const std::vector<int64_t>& more) {
  sums.resize(std::max(sums.size(), more.size()), 0);
  for (size_t i = 0; i < more.size(); ++i) sums[i] += more[i];
}

std::vector<int32_t> token_ids_of(const nlohmann::json& row, const std::string& where) {
  std::vector<int32_t> ids;
  for (const int64_t id : field_of<std::vector<int64_t>>(row, "token_ids", where)) {
    if (id < 0 || id > INT32_MAX) {
      fail(ErrorKind::kData,
           "{}: field 'token_ids': wanted ids from 0 to {}, got {}",
           where,
           INT32_MAX,
           id);
    }
    ids.push_back(static_cast<int32_t>(id));
  }
  return ids;
}

}  // namespace

int64_t CoverageSums::num_grams() const {
  return std::ranges::count_if(gram_responses, [](int64_t count) { return count > 0; });
}

void CoverageSums::add(const CoverageSums& other) {
  responses += other.responses;
  words += other.words;
  planning_words += other.planning_words;
  tokens += other.tokens;
  planning_tokens += other.planning_tokens;
  for (size_t i = 0; i < roles.size(); ++i) roles[i] += other.roles[i];
  add_list(occurrences, other.occurrences);
  add_list(gram_responses, other.gram_responses);
}

Coverage::Coverage(const Matcher& matcher, std::optional<text::Tokenizer> tokenizer)
    : matcher_(matcher), tokenizer_(std::move(tokenizer)) {}

void Coverage::add(const text::Solution& solution,
                   const nlohmann::json& row,
                   const std::string& where) {
  CoverageSums& sums = groups_[{.source = solution.source, .step = solution.step}];
  const size_t num_grams = catalogue().grams.size();
  sums.occurrences.resize(num_grams, 0);
  sums.gram_responses.resize(num_grams, 0);

  const Matches matches = matcher_.find(solution.response);
  ++sums.responses;
  for_each_word(solution.response, [&](const WordView&) { ++sums.words; });
  sums.planning_words += num_covered_words(matches.all);
  for (const Occurrence& occurrence : matches.counted) {
    ++sums.occurrences[occurrence.gram];
    ++sums.roles[static_cast<size_t>(catalogue().grams[occurrence.gram].role)];
  }
  std::vector<int64_t> held;
  held.reserve(matches.all.size());
  for (const Occurrence& occurrence : matches.all) held.push_back(occurrence.gram);
  std::ranges::sort(held);
  held.erase(std::unique(held.begin(), held.end()), held.end());
  for (const int64_t gram : held) ++sums.gram_responses[gram];
  add_tokens(solution, row, where, sums);
}

void Coverage::add_tokens(const text::Solution& solution,
                          const nlohmann::json& row,
                          const std::string& where,
                          CoverageSums& sums) {
  if (!row.contains("token_ids")) return;
  ++num_with_tokens_;
  if (!tokenizer_) return;
  const text::Decoded decoded = tokenizer_->decode_with_ranges(token_ids_of(row, where));
  if (replace_broken_utf8(decoded.text) != solution.response) {
    fail(ErrorKind::kData,
         "{}: field 'token_ids': this tokenizer reads another text in them than the response; name "
         "the model that wrote it",
         where);
  }
  const std::vector<uint8_t> mask = tag(matcher_, decoded.text, decoded.byte_ranges).mask;
  sums.tokens += static_cast<int64_t>(mask.size());
  sums.planning_tokens += std::accumulate(mask.begin(), mask.end(), int64_t{0});
}

CoverageSums Coverage::all() const {
  CoverageSums sums;
  for (const auto& [key, group] : groups_) sums.add(group);
  return sums;
}

}  // namespace stratagram::grams
