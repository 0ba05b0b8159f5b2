// bench/bench_text.h -- what the benches read: real solutions where they are present, else text
// that is drawn to look like them.
#pragma once

#include <string>

#include "core/jsonl.h"
#include "speed/sample_text.h"
#include "tests/support/shared_data.h"

namespace stratagram::bench {

struct BenchText {
  std::string text;
  std::string origin;  ///< for the report: "real traces" or "generated"
};

/// At least `num_bytes` of solutions, repeated when the traces hold less.
inline BenchText bench_text(size_t num_bytes) {
  const auto traces = shared_data("traces/limo_r1_distill_qwen_32b.jsonl");
  if (!traces) return {.text = speed::sample_text(num_bytes), .origin = "generated text"};
  std::string text;
  while (text.size() < num_bytes) {
    JsonlReader reader(*traces);
    for (auto row = reader.next(); row && text.size() < num_bytes; row = reader.next()) {
      text += row->at("response").get<std::string>() + "\n\n";
    }
  }
  return {.text = std::move(text), .origin = "real solutions"};
}

}  // namespace stratagram::bench
