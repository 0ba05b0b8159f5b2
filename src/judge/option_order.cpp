#include "judge/option_order.h"

#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/stream.h"

namespace stratagram::judge {

std::vector<size_t> option_order(size_t num_options,
                                 std::string_view question,
                                 int64_t asking,
                                 uint64_t seed) {
  STRATAGRAM_CHECK(num_options >= 2, "{} options", num_options);
  STRATAGRAM_CHECK(asking == 1 || asking == 2, "asking {}", asking);
  std::vector<size_t> first(num_options);
  std::iota(first.begin(), first.end(), 0);
  const uint64_t name = hash_name(question);
  shuffle_(first, Stream({.seed = seed, .purpose = "judge options", .step = 1, .problem = name}));
  if (asking == 1) return first;
  // Sattolo's algorithm: a random permutation of one cycle, so nothing stays in its place.
  const Stream stream({.seed = seed, .purpose = "judge options", .step = 2, .problem = name});
  std::vector<size_t> second = first;
  for (size_t i = num_options - 1; i > 0; --i) std::swap(second[i], second[stream.below(i, i)]);
  return second;
}

}  // namespace stratagram::judge
