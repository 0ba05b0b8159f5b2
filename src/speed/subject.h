// speed/subject.h -- what is timed where no model or problems are given, and the made-up groups
// that a pass is timed on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/records.h"
#include "rollout/policy.h"

namespace stratagram::speed {

/// A model of SmolLM2-135M's size with random weights, the same each time, and the tokenizer of
/// that file: its tokens are the first rows of the vocabulary of 49,152.
[[nodiscard]] rollout::Policy random_policy(const std::filesystem::path& tokenizer_json,
                                            at::ScalarType dtype);

/// As many prompts of so many random tokens of the policy.
[[nodiscard]] std::vector<Prompt> random_prompts(const rollout::Policy& policy,
                                                 int64_t count,
                                                 int64_t num_tokens);

/// The first `count` problems of a set as the policy's prompts. Throws Error(kData) for a damaged
/// file, Error(kConfig) for one that holds fewer.
[[nodiscard]] std::vector<Prompt> problem_prompts(const rollout::Policy& policy,
                                                  const std::filesystem::path& file,
                                                  int64_t count);

/// Responses that nobody sampled.
struct ResponseShape {
  int64_t group = 8;  ///< responses of a prompt
  int64_t tokens = 128;
  int64_t vocab_size = 0;
};

/// A group a prompt: random tokens, advantages of 1 and -1 in turn. The log-probabilities are
/// zeros: the trainer's own pass must stand for the rollout's.
[[nodiscard]] std::vector<Group> random_groups(std::span<const Prompt> prompts,
                                               const ResponseShape& shape);

/// The first groups and their first responses, two of each at most, prompts and responses cut to
/// `tokens`: small enough for a pass in float64.
[[nodiscard]] std::vector<Group> small_part(std::span<const Group> groups, int64_t tokens);

}  // namespace stratagram::speed
