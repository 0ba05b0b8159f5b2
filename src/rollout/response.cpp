#include "rollout/response.h"

#include <algorithm>
#include <utility>

namespace stratagram::rollout {

Response::Response(int64_t sample, uint64_t seed) {
  completion_.sample = sample;
  completion_.seed = seed;
}

std::optional<Finish> Response::add(const Sampled& sampled,
                                    const text::Tokenizer& tokenizer,
                                    const SamplingConfig& sampling,
                                    const std::vector<int32_t>& end_token_ids) {
  auto& ids = completion_.token_ids;
  run_ = !ids.empty() && ids.back() == sampled.token ? run_ + 1 : 1;
  ids.push_back(sampled.token);
  completion_.logprobs.push_back(sampled.logprob);
  completion_.entropies.push_back(sampled.entropy);
  if (std::find(end_token_ids.begin(), end_token_ids.end(), sampled.token) != end_token_ids.end()) {
    return Finish::kStop;
  }
  if (!sampling.stop.empty() && tokenizer.has_text(sampled.token)) {
    tail_ += tokenizer.token_bytes(sampled.token);
    size_t longest = 0;
    for (const std::string& stop : sampling.stop) {
      if (!stop.empty() && tail_.find(stop) != std::string::npos) return Finish::kStop;
      longest = std::max(longest, stop.size());
    }
    if (tail_.size() > longest) tail_.erase(0, tail_.size() - longest);
  }
  if (run_ >= kDegenerateRun) return Finish::kDegenerate;
  if (static_cast<int64_t>(ids.size()) >= sampling.max_new_tokens) return Finish::kLength;
  return std::nullopt;
}

Completion Response::finish(Finish reason, const text::Tokenizer& tokenizer) {
  text::Decoded decoded = tokenizer.decode_with_ranges(completion_.token_ids);
  completion_.text = std::move(decoded.text);
  completion_.byte_ranges = std::move(decoded.byte_ranges);
  completion_.finish = reason;
  return std::move(completion_);
}

}  // namespace stratagram::rollout
