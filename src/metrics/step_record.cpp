#include "metrics/step_record.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "core/error.h"

namespace stratagram::metrics {
namespace {

constexpr std::array kScalars = std::to_array<ScalarDoc>({
    {"reward/mean", "1", "mean reward of all responses of the step"},
    {"accuracy/mean", "1", "share of responses whose verdict is correct"},
    {"pass_at_k/train", "1", "share of groups with a correct response"},
    {"verdict/correct", "1", "share of responses with this verdict"},
    {"verdict/wrong", "1", "share of responses with this verdict"},
    {"verdict/unparseable", "1", "share of responses with this verdict"},
    {"verdict/timeout", "1", "share of responses with this verdict"},
    {"verdict/error", "1", "share of responses with this verdict"},
    {"length/mean", "tokens", "mean length of a response, its end token included"},
    {"length/median", "tokens", "median length"},
    {"length/p95", "tokens", "95th percentile of the length"},
    {"length/truncated_share", "1", "share of responses that reached the length budget"},
    {"group/zero_spread_share", "1", "share of groups whose rewards are all equal"},
    {"group/discarded", "1", "groups that dynamic sampling drew and did not use"},
    {"planning/share", "1", "share of response tokens inside strategic grams"},
    {"ppl/planning", "1", "exp of the mean negative log-probability, planning tokens"},
    {"ppl/execution", "1", "the same, execution tokens"},
    {"relative_ppl/planning", "1", "ppl/planning over its value at step 0"},
    {"relative_ppl/execution", "1", "ppl/execution over its value at step 0"},
    {"entropy/planning", "nats", "mean entropy of the next-token distribution, planning tokens"},
    {"entropy/execution", "nats", "the same, execution tokens"},
    {"entropy/all", "nats", "the same, all response tokens"},
    {"semantic_entropy/plain", "nats", "Shannon entropy of the frequencies of strategic grams"},
    {"semantic_entropy/miller_madow", "nats", "the same with the Miller-Madow correction"},
    {"semantic_entropy/rarefied", "nats", "expected entropy of a fixed number of occurrences"},
    {"semantic_entropy/cluster", "nats", "Shannon entropy of the frequencies of clusters"},
    {"conditional_entropy/plain", "nats", "entropy of the words after a gram, given the gram"},
    {"conditional_entropy/rarefied",
     "nats",
     "expected value of that over a fixed number of occurrences"},
    {"fork/high_given_planning", "1", "share of planning tokens among the 30 % of highest entropy"},
    {"fork/planning_given_high", "1", "share of those 30 % that are planning tokens"},
    {"loss/total", "1", "policy term plus entropy and KL terms"},
    {"loss/policy", "1", "clipped policy term"},
    {"loss/entropy", "1", "entropy regularisation term"},
    {"loss/kl", "1", "KL term"},
    {"clip/low", "1", "share of tokens clipped below"},
    {"clip/high", "1", "share of tokens clipped above"},
    {"ratio/mean", "1", "mean ratio of new to old probability"},
    {"ratio/max", "1", "largest ratio"},
    {"gap/max", "nats", "largest |log-probability of rollout - of trainer| at equal weights"},
    {"gap/mean", "nats", "mean of that"},
    {"gap/mean_exp", "1", "mean of exp of that; what the gate looks at"},
    {"gap/recomputed", "1", "1 when old log-probabilities were recomputed by the trainer"},
    {"grad/norm", "1", "norm of all gradients before clipping, last update of the step"},
    {"update/to_weight", "1", "norm of the last update over the norm of the weights"},
    {"lr", "1", "learning rate of the last update"},
    {"step/skipped_updates", "1", "updates skipped because something was not finite"},
    {"time/rollout", "s", "seconds spent in rollout"},
    {"time/reward", "s", "seconds spent on verdicts and grams"},
    {"time/train", "s", "seconds spent in passes and updates"},
    {"time/total", "s", "seconds of the whole step"},
    {"speed/rollout", "tokens/s", "response tokens over rollout seconds"},
    {"speed/train", "tokens/s", "trained response tokens over training seconds"},
    {"speed/utilisation",
     "1",
     "6 x parameters x packed tokens over training seconds, over the machine's matrix products"},
    {"speed/utilisation_rollout",
     "1",
     "2 x parameters x (prompt + response tokens) over rollout seconds, over the same"},
    {"memory/peak", "bytes", "largest resident memory of the process so far"},
    {"eval/NAME/pass@1", "1", "pass@1 on the benchmark NAME, of the policy before this step"},
    {"eval/NAME/length", "tokens", "mean length of its responses"},
});

// "eval/aime24/pass@1" stands under "eval/NAME/pass@1".
std::string documented(const std::string& name) {
  constexpr std::string_view kEval = "eval/";
  const size_t end = name.rfind('/');
  if (!name.starts_with(kEval) || end <= kEval.size()) return name;
  return "eval/NAME" + name.substr(end);
}

size_t place_of(const std::string& name) {
  const std::string known = documented(name);
  for (size_t i = 0; i < kScalars.size(); ++i) {
    if (known == kScalars[i].name) return i;
  }
  fail(ErrorKind::kInternal, "metrics: '{}' is not a known name", name);
}

}  // namespace

std::span<const ScalarDoc> known_scalars() {
  return kScalars;
}

void StepRecord::set(const std::string& name, double value) {
  (void)place_of(name);
  STRATAGRAM_CHECK(std::isfinite(value), "metrics: '{}' is {}", name, value);
  for (auto& [known, old] : values_) {
    if (known == name) {
      old = value;
      return;
    }
  }
  values_.emplace_back(name, value);
}

void StepRecord::set(const std::string& name, const std::optional<double>& value) {
  if (value) set(name, *value);
}

std::optional<double> StepRecord::find(const std::string& name) const {
  for (const auto& [known, value] : values_) {
    if (known == name) return value;
  }
  return std::nullopt;
}

nlohmann::ordered_json StepRecord::to_json() const {
  auto sorted = values_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return place_of(a.first) < place_of(b.first);
  });
  nlohmann::ordered_json record = {{"step", step_}};
  for (const auto& [name, value] : sorted) record[name] = value;
  return record;
}

}  // namespace stratagram::metrics
