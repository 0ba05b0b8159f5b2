#include "rollout/collect.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"

namespace stratagram::rollout {
namespace {

// The engine numbers the samples of a request one after the other, so each gap is its own request.
struct Missing {
  std::vector<Request> requests;
  std::vector<int64_t> problems;  ///< of each request
};

Missing missing_of(const Collection& collection) {
  Missing missing;
  for (int64_t problem = 0; problem < collection.rows.num_problems(); ++problem) {
    for (const Range& samples : collection.rows.missing(problem)) {
      missing.requests.push_back({.prompt = collection.prompts[problem],
                                  .num_samples = samples.end - samples.begin,
                                  .first_sample = samples.begin});
      missing.problems.push_back(problem);
    }
  }
  return missing;
}

[[noreturn]] void fail_interrupted(const Collection& collection) {
  const SampleRows& rows = collection.rows;
  if (rows.partial().empty()) {
    fail(ErrorKind::kInterrupted,
         "stopped after {} of {} responses, which are lost; with --out they would have been kept",
         rows.num_done(),
         rows.num_wanted());
  }
  if (rows.num_done() == 0) {
    fail(ErrorKind::kInterrupted,
         "stopped before the first of {} responses was complete; {}",
         rows.num_wanted(),
         collection.go_on);
  }
  fail(ErrorKind::kInterrupted,
       "stopped after {} of {} responses, which are kept in {}; {}",
       rows.num_done(),
       rows.num_wanted(),
       rows.partial().string(),
       collection.go_on);
}

}  // namespace

void collect(Engine& engine,
             const SamplingConfig& sampling,
             uint64_t seed,
             const Collection& collection) {
  STRATAGRAM_CHECK(
      static_cast<int64_t>(collection.prompts.size()) == collection.rows.num_problems(),
      "{} prompts for {} problems",
      collection.prompts.size(),
      collection.rows.num_problems());
  const Missing missing = missing_of(collection);
  if (missing.requests.empty()) return;
  if (collection.on_plan) collection.on_plan(engine.plan(missing.requests, sampling).text());
  Callbacks callbacks;
  callbacks.on_completion = [&](int64_t request, const Completion& completion) {
    collection.rows.add(collection.row_of(missing.problems[request], completion));
  };
  callbacks.on_step = [&](int64_t tokens, int64_t /*responses*/) {
    if (collection.on_progress) collection.on_progress(tokens, collection.rows.num_done());
  };
  try {
    (void)engine.generate(missing.requests, sampling, {.seed = seed}, callbacks);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kInterrupted) throw;
    fail_interrupted(collection);
  }
}

}  // namespace stratagram::rollout
