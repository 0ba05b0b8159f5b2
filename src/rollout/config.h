// rollout/config.h -- how completions are sampled, and what the engine may use for it.
#pragma once

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
};

}  // namespace stratagram::rollout
