// core/records.h -- the plain values that travel between modules: what was asked, what the policy
// wrote, what it earned. No tensors, no behaviour; vectors are parallel to `token_ids`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stratagram {

/// Half-open range [begin, end): of bytes or of tokens, as the field says.
struct Range {
  int64_t begin = 0;
  int64_t end = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

struct Problem {
  std::string id{};                ///< unique in its set
  std::string text{};              ///< what is asked
  std::string answer{};            ///< the gold answer, never blank
  std::string kind{};              ///< selects the checker: "math" (default) or "countdown"
  std::vector<int64_t> numbers{};  ///< countdown: the numbers that may be used, each at most once
  int64_t target = 0;              ///< countdown: the value to reach
  std::string solution{};          ///< worked solution for supervised starts; may be empty
};

struct Prompt {
  std::string problem_id{};
  std::string text{};                ///< after the chat template, exactly as tokenized
  std::vector<int32_t> token_ids{};  ///< at least one
};

/// Why a completion ended (definitions, section 1).
enum class Finish {
  kStop,        ///< the policy sampled an end token, or a stop string was completed
  kLength,      ///< the budget was reached
  kDegenerate,  ///< one token repeated 64 times in a row
};

/// What the policy sampled, its end token included. All vectors have token_ids.size() items.
struct Completion {
  int64_t sample = 0;                ///< index inside its group
  std::vector<int32_t> token_ids{};  ///< response tokens only
  std::vector<float> logprobs{};     ///< natural log, of logits divided by the temperature
  std::vector<float> entropies{};    ///< nats, whole vocabulary, same temperature
  std::string text{};                ///< decoded response; special tokens own no bytes
  std::vector<Range> byte_ranges{};  ///< of `text`; they tile it
  Finish finish = Finish::kLength;
  uint64_t seed = 0;  ///< the run seed that keyed its draws
};

/// A verdict is one of five, whatever the machine.
enum class Verdict { kCorrect, kWrong, kUnparseable, kTimeout, kError };

struct Judgement {
  Verdict verdict = Verdict::kError;
  double reward = 0.0;
  std::string reason{};                    ///< short code, e.g. "no_boxed_answer"
  std::optional<std::string> predicted{};  ///< the answer that was found
};

/// One occurrence of a strategic gram, in tokens of the response.
struct PlanningSpan {
  Range tokens;
  std::string gram{};
};

struct Trajectory {
  Completion completion;
  Judgement judgement;
  std::vector<PlanningSpan> planning_spans{};  ///< counted occurrences, left to right
  std::vector<uint8_t> planning_mask{};        ///< 1 on planning tokens; union of all occurrences
  std::vector<float> advantages{};             ///< one a token, after the credit rule
};

/// All rollouts of one prompt.
struct Group {
  Problem problem;
  Prompt prompt;
  std::vector<Trajectory> trajectories{};
};

[[nodiscard]] const char* finish_name(Finish finish);
[[nodiscard]] const char* verdict_name(Verdict verdict);
/// The verdict or finish of that name, or none.
[[nodiscard]] std::optional<Verdict> verdict_of(const std::string& name);
[[nodiscard]] std::optional<Finish> finish_of(const std::string& name);

}  // namespace stratagram
