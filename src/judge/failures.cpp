#include "judge/failures.h"

#include <unordered_set>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/stream.h"

namespace stratagram::judge {
namespace {

using GroupKey = std::pair<std::string, std::optional<int64_t>>;

/// The failures of one group with the smallest draws: a problem's draw decides whether it is in, a
/// response's which of the problem's failures it is.
class Drawing {
 public:
  Drawing(const GroupKey& group, const FailureOptions& options)
      : seed_(options.seed ^ hash_name(group.first)),
        step_(static_cast<uint64_t>(group.second.value_or(-1))),
        size_(static_cast<size_t>(options.per_step)) {}

  void add(Failure failure) {
    const uint64_t problem = hash_name(text::problem_key(failure.solution));
    problems_.insert(problem);
    const Draw draw{.rank = bits(problem, 0), .problem = problem};
    const auto found = drawn_.find(draw);
    if (found == drawn_.end() && drawn_.size() == size_ && drawn_.rbegin()->first < draw) return;
    const uint64_t response = hash_name(failure.solution.response);
    const std::pair rank{bits(problem, response | 1U), response};
    if (found == drawn_.end()) {
      drawn_.emplace(draw, Drawn{.rank = rank, .failure = std::move(failure)});
      if (drawn_.size() > size_) drawn_.erase(std::prev(drawn_.end()));
    } else if (rank < found->second.rank ||
               (rank == found->second.rank && failure.where < found->second.failure.where)) {
      found->second = {.rank = rank, .failure = std::move(failure)};
    }
  }

  void move_to(FailureGroup& group) {
    group.num_failed_problems = static_cast<int64_t>(problems_.size());
    for (auto& [unused, drawn] : drawn_) group.sample.push_back(std::move(drawn.failure));
  }

 private:
  struct Draw {
    uint64_t rank = 0;
    uint64_t problem = 0;
    auto operator<=>(const Draw&) const = default;
  };
  struct Drawn {
    std::pair<uint64_t, uint64_t> rank;
    Failure failure;
  };

  [[nodiscard]] uint64_t bits(uint64_t problem, uint64_t sample) const {
    return Stream({.seed = seed_,
                   .purpose = "failures",
                   .step = step_,
                   .problem = problem,
                   .sample = sample})
        .bits(0);
  }

  uint64_t seed_;
  uint64_t step_;
  size_t size_;
  std::unordered_set<uint64_t> problems_;
  std::map<Draw, Drawn> drawn_;
};

GroupKey key_of(const text::Solution& solution, int64_t steps_together) {
  GroupKey key{solution.source, solution.step};
  if (key.second) {
    const int64_t rest = *key.second % steps_together;
    *key.second -= rest < 0 ? rest + steps_together : rest;
  }
  return key;
}

}  // namespace

Failures sample_failures(text::SolutionReader& reader, const FailureOptions& options) {
  STRATAGRAM_CHECK(options.per_step >= 1 && options.steps_together >= 1,
                   "per_step {}, steps_together {}",
                   options.per_step,
                   options.steps_together);
  struct Growing {
    FailureGroup group;
    Drawing drawing;
  };
  std::map<GroupKey, Growing> groups;
  Failures failures;
  for (auto solution = reader.next(); solution; solution = reader.next()) {
    throw_if_interrupted("stopped while reading; nothing was asked yet");
    if (!solution->correct) {
      ++failures.num_unknown;
      continue;
    }
    const GroupKey key = key_of(*solution, options.steps_together);
    auto found = groups.find(key);
    if (found == groups.end()) {
      found = groups
                  .emplace(key,
                           Growing{.group = {.source = key.first, .step = key.second},
                                   .drawing = Drawing(key, options)})
                  .first;
    }
    Growing& growing = found->second;
    ++growing.group.num_responses;
    if (*solution->correct) continue;
    ++growing.group.num_failures;
    growing.drawing.add({.solution = std::move(*solution), .where = reader.where()});
  }
  if (groups.empty()) {
    fail(ErrorKind::kData,
         "no response says whether it is correct, so none can be known to have failed ({} "
         "responses read); name the field that does with --field correct=FIELD",
         failures.num_unknown);
  }
  for (auto& [unused, growing] : groups) {
    growing.drawing.move_to(growing.group);
    failures.groups.push_back(std::move(growing.group));
  }
  return failures;
}

}  // namespace stratagram::judge
