// train/token_weights.h -- the share of each response token in the loss of a whole update.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace stratagram::train {

/// The weight of each token of each response, so that a loss is a plain sum over tokens whose
/// denominator is that of the whole update (definitions, section 4):
///   token_mean    1 / sum_j L_j          seq_mean  1 / (B L_i)
///   fixed_length  1 / (B max_length)
/// lengths holds the response tokens of every response of the update, those included that need no
/// forward pass; a length of 0 stands for a response that was dropped: it has no weight and is not
/// counted in B. All weights are 0 when every length is.
/// Throws Error(kInternal) for another aggregation or a negative length.
[[nodiscard]] std::vector<double> token_weights(std::span<const int64_t> lengths,
                                                std::string_view aggregation,
                                                int64_t max_length);

}  // namespace stratagram::train
