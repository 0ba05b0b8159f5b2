// metrics/entropy.h -- entropies of counts, in nats (definitions, section 5).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace stratagram::metrics {

/// Shannon entropy of the frequencies; none without at least two occurrences, where a frequency
/// says nothing.
[[nodiscard]] std::optional<double> shannon_entropy(std::span<const int64_t> counts);

/// Shannon entropy + (kinds seen - 1) / (2 n): Miller's (1955) correction of its bias.
[[nodiscard]] std::optional<double> miller_madow_entropy(std::span<const int64_t> counts);

/// Expected Shannon entropy of `draws` occurrences drawn without replacement; none with fewer
/// occurrences than that. A plain histogram grows in entropy merely by getting longer; this one
/// compares steps of different length.
[[nodiscard]] std::optional<double> rarefied_entropy(std::span<const int64_t> counts,
                                                     int64_t draws);

/// What followed each gram: gram, then key of the following words, then how often.
using FollowerCounts = std::map<int64_t, std::map<std::string, int64_t>>;

/// sum_g p(g) H(Y|g), p(g) the share of gram g among all occurrences that something followed. None
/// without two occurrences of any one gram.
[[nodiscard]] std::optional<double> conditional_entropy(const FollowerCounts& counts);

/// The expected conditional entropy of `draws` occurrences drawn without replacement among all that
/// something followed: H(G, Y) - H(G), each rarefied. None with fewer occurrences than that.
[[nodiscard]] std::optional<double> rarefied_conditional_entropy(const FollowerCounts& counts,
                                                                 int64_t draws);

/// Both of counts without names: an item a gram, in it how often each continuation came.
[[nodiscard]] std::optional<double> grouped_conditional_entropy(
    std::span<const std::span<const int64_t>> by_gram);
[[nodiscard]] std::optional<double> grouped_rarefied_conditional_entropy(
    std::span<const std::span<const int64_t>> by_gram, int64_t draws);

}  // namespace stratagram::metrics
