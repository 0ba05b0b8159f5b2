// bench/bench_text.h -- what the benches read: real solutions where they are present, else text
// that is drawn to look like them.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/jsonl.h"
#include "core/stream.h"
#include "tests/support/shared_data.h"

namespace stratagram::bench {

struct BenchText {
  std::string text;
  std::string origin;  ///< for the report: "real traces" or "generated"
};

/// Words, numbers, formulas and line breaks in about the shares of a worked solution; the same for
/// the same size.
inline std::string generated_text(size_t num_bytes) {
  constexpr std::array<const char*, 48> kWords{
      "the",       "we",    "is",     "so",       "of",    "that",   "wait",        "let",
      "me",        "check", "this",   "equation", "and",   "number", "then",        "because",
      "to",        "a",     "first",  "another",  "way",   "sum",    "product",     "remainder",
      "when",      "if",    "have",   "value",    "both",  "sides",  "divide",      "by",
      "therefore", "x",     "answer", "step",     "by",    "step",   "let's",       "consider",
      "however",   "not",   "even",   "integers", "prime", "factor", "caf\xc3\xa9", "\xe2\x89\xa4"};
  const Stream stream({.seed = 1, .purpose = "bench-text"});
  std::string text;
  for (uint64_t i = 0; text.size() < num_bytes; i += 3) {
    const uint64_t kind = stream.below(40, i);
    if (kind < 3) {
      text += std::to_string(stream.below(2000, i + 1));
    } else if (kind == 3) {
      text += "$\\frac{" + std::to_string(stream.below(90, i + 1)) + "}{x + 1}$";
    } else {
      text += kWords[stream.below(kWords.size(), i + 1)];
    }
    const uint64_t gap = stream.below(24, i + 2);
    text += gap == 0 ? ".\n\n" : gap == 1 ? ", " : gap == 2 ? ". " : gap == 3 ? " = " : " ";
  }
  return text;
}

/// At least `num_bytes` of solutions, repeated when the traces hold less.
inline BenchText bench_text(size_t num_bytes) {
  const auto traces = shared_data("traces/limo_r1_distill_qwen_32b.jsonl");
  if (!traces) return {.text = generated_text(num_bytes), .origin = "generated text"};
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
