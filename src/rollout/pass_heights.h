// rollout/pass_heights.h -- how many rows the engine's forward passes have: always the same number,
// so that what else is in a pass does not change how a row is rounded.
#pragma once

#include <algorithm>
#include <cstdint>

namespace stratagram::rollout {

struct PassHeights {
  int64_t prompts = 0;
  int64_t responses = 0;
  friend bool operator==(const PassHeights&, const PassHeights&) = default;
};

/// `packs`: the weights are packed for passes over responses, whose rows then round alike in any
/// number. Plain products want a multiple of 16. Prompts: tall enough that reading the weights
/// costs little, and no taller than few responses can wait for.
[[nodiscard]] inline PassHeights pass_heights(int64_t max_sequences, bool packs) {
  constexpr int64_t kFewestPromptRows = 64;
  constexpr int64_t kMostPromptRows = 256;
  const int64_t whole = (max_sequences + 15) / 16 * 16;
  return {.prompts = std::clamp(4 * whole, kFewestPromptRows, kMostPromptRows),
          .responses = packs ? max_sequences : whole};
}

}  // namespace stratagram::rollout
