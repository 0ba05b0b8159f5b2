#include "speed/sample_text.h"

#include <array>
#include <cstdint>

#include "core/stream.h"

namespace stratagram::speed {

std::string sample_text(size_t num_bytes) {
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

}  // namespace stratagram::speed
