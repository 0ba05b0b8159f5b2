// tests/math/answer_names.h -- readings as "kind: text", for tables of expectations.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "math/answer.h"
#include "math/parse.h"

namespace stratagram::math {

inline const char* kind_name(AnswerKind kind) {
  constexpr std::array<const char*, 14> kNames = {"value",
                                                  "equation",
                                                  "inequality",
                                                  "interval",
                                                  "union",
                                                  "tuple",
                                                  "set",
                                                  "matrix",
                                                  "ratio",
                                                  "choice",
                                                  "truth",
                                                  "date",
                                                  "time",
                                                  "text"};
  return kNames.at(static_cast<size_t>(kind));
}

inline std::string spelled(const Answer& answer) {
  return std::string(kind_name(answer.kind)) + ": " + to_text(answer);
}

inline std::vector<std::string> spelled(const Parsed& parsed) {
  std::vector<std::string> texts;
  for (const Answer& reading : parsed.readings) texts.push_back(spelled(reading));
  return texts;
}

}  // namespace stratagram::math
