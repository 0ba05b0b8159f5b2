// metrics/config.h -- defaults of the measurements, for training and analysis alike (ours: the
// paper gives none).
#pragma once

#include <cstdint>

namespace stratagram::metrics {

/// Occurrences that rarefied entropies are brought down to.
inline constexpr int64_t kRarefiedDraws = 256;
/// Words after a gram whose entropy the conditional entropy measures.
inline constexpr int64_t kFollowerWords = 3;
/// Share of tokens, those of the highest entropy, that count as forks (paper, Fig. 8).
inline constexpr double kForkShare = 0.3;

}  // namespace stratagram::metrics
