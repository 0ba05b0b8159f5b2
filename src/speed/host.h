// speed/host.h -- what a step does besides the model, on one core: finding grams, encoding text,
// writing rollouts.
#pragma once

#include <cstdint>

#include "grams/catalogue.h"
#include "text/tokenizer.h"

namespace stratagram::speed {

struct HostSpeed {
  double matcher = 0;                  ///< bytes of text a second
  double tokenizer = 0;                ///< bytes of text a second, encoded
  double writer = 0;                   ///< bytes of rollouts/NNNNNN.jsonl a second, synced
  double text_bytes_per_token = 0;     ///< of the text that was encoded
  double written_bytes_per_token = 0;  ///< of a response token
};

/// Matches, encodes and writes about `num_bytes` of made-up text, the best of several runs each.
/// Before that the occurrences are compared with a search word by word, the ids with the text that
/// they decode to and the file with what was written. Throws Error(kInternal) where they differ and
/// Error(kDevice) when the folder for temporary files takes no file.
[[nodiscard]] HostSpeed measure_host(const text::Tokenizer& tokenizer,
                                     const grams::Catalogue& catalogue,
                                     int64_t num_bytes = int64_t{4} << 20);

/// Seconds of encoding a step's prompts, and of matching and writing its responses.
[[nodiscard]] double host_seconds(const HostSpeed& speed,
                                  int64_t num_prompt_tokens,
                                  int64_t num_response_tokens);

}  // namespace stratagram::speed
