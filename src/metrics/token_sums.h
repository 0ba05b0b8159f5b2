// metrics/token_sums.h -- perplexity and mean entropy of some tokens from sums over them.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

namespace stratagram::metrics {

struct TokenSums {
  double logprob = 0;  ///< natural log
  double entropy = 0;  ///< nats
  int64_t count = 0;   ///< tokens

  void add(double token_logprob, double token_entropy) {
    logprob += token_logprob;
    entropy += token_entropy;
    ++count;
  }
  /// The tokens of `other`, each `times` times.
  void add(const TokenSums& other, int64_t times) {
    logprob += static_cast<double>(times) * other.logprob;
    entropy += static_cast<double>(times) * other.entropy;
    count += times * other.count;
  }
  /// exp of the mean negative log-probability; none without tokens.
  [[nodiscard]] std::optional<double> perplexity() const {
    if (count == 0) return std::nullopt;
    return std::exp(-logprob / static_cast<double>(count));
  }
  /// None without tokens.
  [[nodiscard]] std::optional<double> mean_entropy() const {
    if (count == 0) return std::nullopt;
    return entropy / static_cast<double>(count);
  }
};

/// None where a side is none.
[[nodiscard]] inline std::optional<double> ratio(const std::optional<double>& above,
                                                 const std::optional<double>& below) {
  if (!above || !below) return std::nullopt;
  return *above / *below;
}

}  // namespace stratagram::metrics
