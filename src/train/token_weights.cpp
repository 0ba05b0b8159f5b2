#include "train/token_weights.h"

#include "core/error.h"

namespace stratagram::train {

std::vector<double> token_weights(std::span<const int64_t> lengths,
                                  std::string_view aggregation,
                                  int64_t max_length) {
  int64_t num_responses = 0;
  int64_t num_tokens = 0;
  for (const int64_t length : lengths) {
    STRATAGRAM_CHECK(length >= 0, "token_weights: wanted lengths of at least 0, got {}", length);
    num_responses += length > 0 ? 1 : 0;
    num_tokens += length;
  }
  std::vector<double> weights(lengths.size(), 0.0);
  for (size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] == 0) continue;
    if (aggregation == "token_mean") {
      weights[i] = 1.0 / static_cast<double>(num_tokens);
    } else if (aggregation == "seq_mean") {
      weights[i] = 1.0 / static_cast<double>(num_responses * lengths[i]);
    } else {
      STRATAGRAM_CHECK(aggregation == "fixed_length" && max_length >= 1,
                       "token_weights: wanted token_mean, seq_mean or fixed_length with a length "
                       "of at least 1, got {} and {}",
                       aggregation,
                       max_length);
      weights[i] = 1.0 / static_cast<double>(num_responses * max_length);
    }
  }
  return weights;
}

}  // namespace stratagram::train
