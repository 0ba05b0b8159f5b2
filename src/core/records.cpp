#include "core/records.h"

namespace stratagram {

const char* finish_name(Finish finish) {
  switch (finish) {
    case Finish::kStop:
      return "stop";
    case Finish::kLength:
      return "length";
    case Finish::kDegenerate:
      return "degenerate";
  }
  return "";
}

const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kCorrect:
      return "correct";
    case Verdict::kWrong:
      return "wrong";
    case Verdict::kUnparseable:
      return "unparseable";
    case Verdict::kTimeout:
      return "timeout";
    case Verdict::kError:
      return "error";
  }
  return "";
}

std::optional<Verdict> verdict_of(const std::string& name) {
  for (const Verdict verdict : {Verdict::kCorrect,
                                Verdict::kWrong,
                                Verdict::kUnparseable,
                                Verdict::kTimeout,
                                Verdict::kError}) {
    if (name == verdict_name(verdict)) return verdict;
  }
  return std::nullopt;
}

std::optional<Finish> finish_of(const std::string& name) {
  for (const Finish finish : {Finish::kStop, Finish::kLength, Finish::kDegenerate}) {
    if (name == finish_name(finish)) return finish;
  }
  return std::nullopt;
}

}  // namespace stratagram
