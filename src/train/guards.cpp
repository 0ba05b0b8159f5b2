#include "train/guards.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/config.h"
#include "core/error.h"

namespace stratagram::train {
namespace {

struct Fault {
  const char* name;
  bool holds;
  int64_t limit;
  const char* advice;
};

std::vector<Fault> faults_of(const StepFacts& facts, const GuardConfig& config) {
  const bool any = facts.num_responses > 0;
  return {
      {"every response was cut off by the length budget",
       any && facts.num_truncated == facts.num_responses,
       config.max_idle_steps,
       "raise rollout.max_new_tokens or check that the model knows its end token"},
      {"no response held an answer that could be read",
       any && facts.num_unparseable == facts.num_responses,
       config.max_idle_steps,
       "check data.prompt, reward.extraction and the chat template"},
      {"no group has a spread of rewards, so every advantage is zero",
       facts.num_groups > 0 && facts.num_zero_spread == facts.num_groups,
       config.max_idle_steps,
       "take easier or harder problems, or more samples per prompt"},
      {"no planning token was found, so the credit rule acts on nothing",
       any && facts.needs_planning && facts.num_planning_tokens == 0,
       config.max_idle_steps,
       "take a catalogue that fits the model's way of writing (grams.catalogue)"},
      {"the ratio of the first inner step is away from 1",
       !(std::abs(facts.first_ratio - 1.0) <= config.max_first_ratio),
       config.max_idle_steps,
       "rollout and trainer disagree on log-probabilities; this is a bug or a broken device"},
      {"loss or gradients were not finite and the step was skipped",
       !facts.finite,
       config.max_not_finite_steps,
       "start another run with a lower optimizer.learning_rate, or in float32"},
  };
}

}  // namespace

void GuardConfig::describe(ConfigFields& fields) {
  fields.add(
      "max_idle_steps",
      &max_idle_steps,
      {.meaning = "a run ends after so many steps in a row with the same fault: all cut off, "
                  "all unreadable, no spread, no planning token, ratio away from 1",
       .unit = "steps",
       .min = 1});
  fields.add(
      "max_not_finite_steps",
      &max_not_finite_steps,
      {.meaning = "a run ends after so many steps in a row that were skipped because loss or "
                  "gradients were not finite",
       .unit = "steps",
       .min = 1});
  fields.add(
      "max_first_ratio",
      &max_first_ratio,
      {.meaning = "how far the mean ratio of a step's first update may be from 1", .min = 0});
}

std::vector<std::string> Guards::observe(const StepFacts& facts) {
  std::vector<std::string> sentences;
  for (const Fault& fault : faults_of(facts, config_)) {
    int64_t& count = in_a_row_[fault.name];
    count = fault.holds ? count + 1 : 0;
    if (!fault.holds) continue;
    if (count >= fault.limit) {
      const int64_t in_a_row = count;
      in_a_row_.clear();  // a run that is resumed may try as long again
      fail(ErrorKind::kNumeric, "{} in {} steps in a row: {}", fault.name, in_a_row, fault.advice);
    }
    sentences.push_back(
        fmt::format("{} ({} of {} steps before the run ends)", fault.name, count, fault.limit));
  }
  return sentences;
}

nlohmann::json Guards::to_json() const {
  return in_a_row_;
}

void Guards::read_json(const nlohmann::json& record) {
  in_a_row_ = record.get<std::map<std::string, int64_t>>();
}

}  // namespace stratagram::train
