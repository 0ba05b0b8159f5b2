// rollout/config.h -- how completions are sampled, and what the engine may use for it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace stratagram {
class ConfigFields;
}

namespace stratagram::rollout {

/// Training needs the plain distribution: top_p = 1, top_k = 0, min_p = 0 (definitions, section 4).
struct SamplingConfig {
  double temperature =
      1.0;  ///< 0 takes the likeliest token; its log-probability is at temperature 1
  double top_p = 1.0;
  int64_t top_k = 0;
  double min_p = 0.0;
  int64_t max_new_tokens = 512;
  std::vector<std::string> stop{};

  void describe(ConfigFields& fields);
  /// True when tokens are drawn from the whole distribution.
  [[nodiscard]] bool is_plain() const { return top_p >= 1.0 && top_k == 0 && min_p == 0.0; }
};

struct EngineConfig {
  int64_t max_sequences = 64;
  int64_t block_tokens = 16;
  int64_t memory_budget_mb = 0;  ///< 0: what the device has free, less a tenth

  void describe(ConfigFields& fields);

  /// Rows of every pass over responses: max_sequences, up to the next multiple of 16. Products of
  /// fewer rows were seen to round a row differently depending on its place (MKL, float32).
  [[nodiscard]] int64_t num_rows() const { return (max_sequences + 15) / 16 * 16; }

  /// Rows of every pass over prompts: tall enough that reading the weights costs little, and no
  /// taller than few responses can wait for.
  [[nodiscard]] int64_t num_prompt_rows() const {
    return std::clamp(4 * num_rows(), kFewestPromptRows, kMostPromptRows);
  }

 private:
  static constexpr int64_t kFewestPromptRows = 64;
  static constexpr int64_t kMostPromptRows = 256;
};

}  // namespace stratagram::rollout
