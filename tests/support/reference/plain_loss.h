// tests/support/reference/plain_loss.h -- definitions, section 4, in double loops over single
// tokens; the loss and its gradient are compared with it.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace stratagram {

struct PlainToken {
  double logprob = 0;
  double entropy = 0;
  double old_logprob = 0;
  double advantage = 0;
  double ref_logprob = 0;
};

struct PlainLoss {
  double low = 0.2;
  double high = 0.28;
  double dual = 0;  ///< 0: no dual clip
  double entropy = 0;
  double kl = 0;
  std::string aggregation = "token_mean";
  double max_length = 1;
};

/// One token's part of the loss, before aggregation.
inline double plain_token_loss(const PlainToken& token, const PlainLoss& loss) {
  const double rho = std::exp(token.logprob - token.old_logprob);
  const double clipped = std::min(std::max(rho, 1 - loss.low), 1 + loss.high);
  double gain = std::min(rho * token.advantage, clipped * token.advantage);
  if (loss.dual > 0 && token.advantage < 0) gain = std::max(gain, loss.dual * token.advantage);
  const double r = token.ref_logprob - token.logprob;
  return -gain - loss.entropy * token.entropy + loss.kl * (std::exp(r) - r - 1);
}

/// The loss of an update: one list of tokens a response.
inline double plain_loss(const std::vector<std::vector<PlainToken>>& responses,
                         const PlainLoss& loss) {
  double num_tokens = 0;
  double sum = 0;
  double sum_of_means = 0;
  for (const std::vector<PlainToken>& response : responses) {
    double own = 0;
    for (const PlainToken& token : response) own += plain_token_loss(token, loss);
    sum += own;
    sum_of_means += own / static_cast<double>(response.size());
    num_tokens += static_cast<double>(response.size());
  }
  const auto num_responses = static_cast<double>(responses.size());
  if (loss.aggregation == "seq_mean") return sum_of_means / num_responses;
  if (loss.aggregation == "fixed_length") return sum / (num_responses * loss.max_length);
  return sum / num_tokens;
}

struct PlainScore {
  double logprob = 0;
  double entropy = 0;
};

/// Log-probability of `target` and entropy under softmax(logits / temperature).
inline PlainScore plain_score(const std::vector<double>& logits,
                              int64_t target,
                              double temperature) {
  double largest = logits[0] / temperature;
  for (const double z : logits) largest = std::max(largest, z / temperature);
  double sum = 0;
  for (const double z : logits) sum += std::exp(z / temperature - largest);
  PlainScore score{.logprob = logits[target] / temperature - largest - std::log(sum)};
  for (const double z : logits) {
    const double logp = z / temperature - largest - std::log(sum);
    score.entropy -= std::exp(logp) * logp;
  }
  return score;
}

}  // namespace stratagram
