// rollout/response.h -- one response while it grows: its tokens and when it is finished.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/records.h"
#include "rollout/config.h"
#include "rollout/sampler.h"
#include "text/tokenizer.h"

namespace stratagram::rollout {

/// One token this often in a row ends a response (definitions, section 1).
inline constexpr int64_t kDegenerateRun = 64;

class Response {
 public:
  explicit Response(int64_t sample, uint64_t seed);

  /// Adds a token; then, the reason why the response ends with it, if it does.
  std::optional<Finish> add(const Sampled& sampled,
                            const text::Tokenizer& tokenizer,
                            const SamplingConfig& sampling,
                            const std::vector<int32_t>& end_token_ids);

  [[nodiscard]] const Completion& completion() const { return completion_; }
  /// Fills text, byte ranges and finish; the object must not be used afterwards.
  [[nodiscard]] Completion finish(Finish reason, const text::Tokenizer& tokenizer);

 private:
  Completion completion_;
  int64_t run_ = 0;   ///< how often the last token came in a row
  std::string tail_;  ///< last bytes of the text, enough to find a stop string
};

}  // namespace stratagram::rollout
