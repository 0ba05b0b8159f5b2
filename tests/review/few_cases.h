// tests/review/few_cases.h -- three failed responses with the question that is asked of them.
#pragma once

#include <fmt/format.h>

#include "review/cases.h"

namespace stratagram::review {

inline CaseList few_cases() {
  CaseList list{.what = "failed responses",
                .question = "Why did it fail?",
                .options = {{"misunderstood", "misunderstands the task"},
                            {"slip", "a slip in a concrete step"},
                            {"strategy", "a wrong plan"},
                            {"acceptable", "the answer is acceptable"}}};
  for (int i = 0; i < 3; ++i) {
    list.cases.push_back({.id = fmt::format("{}", i),
                          .heading = fmt::format("step 10, problem p{}", i),
                          .parts = {{"Problem", fmt::format("What is {} + 2?", i)},
                                    {"Response", fmt::format("The response <b>{}</b>", i)}}});
  }
  return list;
}

}  // namespace stratagram::review
