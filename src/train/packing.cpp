#include "train/packing.h"

#include <ATen/ops/tensor.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"

namespace stratagram::train {
namespace {

at::Tensor to_device(const std::vector<int64_t>& values, at::Device device) {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
}

}  // namespace

int64_t packed_length(const Sequence& sequence) {
  return static_cast<int64_t>(sequence.prompt.size() + sequence.response.size()) - 1;
}

namespace {

bool share_prompt(const Sequence& a, const Sequence& b) {
  return a.prompt.data() == b.prompt.data() && a.prompt.size() == b.prompt.size();
}

// Sequences [first, first + count) that one micro-batch takes together.
struct Chunk {
  int64_t first = 0;
  int64_t count = 0;
  int64_t tokens = 0;
};

std::vector<Chunk> chunks_of(std::span<const Sequence> sequences, int64_t budget) {
  std::vector<Chunk> chunks;
  for (size_t i = 0; i < sequences.size(); ++i) {
    const auto continuation = static_cast<int64_t>(sequences[i].response.size()) - 1;
    const bool joins = i > 0 && share_prompt(sequences[i - 1], sequences[i]) &&
                       chunks.back().tokens + continuation <= budget;
    if (joins) {
      ++chunks.back().count;
      chunks.back().tokens += continuation;
    } else {
      chunks.push_back(
          {.first = static_cast<int64_t>(i), .count = 1, .tokens = packed_length(sequences[i])});
    }
  }
  return chunks;
}

}  // namespace

std::vector<std::vector<int64_t>> plan_micro_batches(std::span<const Sequence> sequences,
                                                     int64_t budget) {
  std::vector<Chunk> chunks = chunks_of(sequences, budget);
  std::stable_sort(chunks.begin(), chunks.end(), [](const Chunk& a, const Chunk& b) {
    return a.tokens > b.tokens;
  });
  std::vector<std::vector<int64_t>> batches;
  std::vector<int64_t> room;
  for (const Chunk& chunk : chunks) {
    const auto fit =
        std::find_if(room.begin(), room.end(), [&](int64_t left) { return left >= chunk.tokens; });
    const auto place = fit - room.begin();
    if (fit == room.end()) {
      batches.emplace_back();
      room.push_back(budget);
    }
    for (int64_t i = 0; i < chunk.count; ++i) batches[place].push_back(chunk.first + i);
    room[place] -= chunk.tokens;
  }
  for (std::vector<int64_t>& batch : batches) std::sort(batch.begin(), batch.end());
  return batches;
}

PackedTokens pack(std::span<const Sequence> sequences, at::Device device) {
  std::vector<int64_t> tokens, positions, rows, targets;
  PackedTokens packed;
  int64_t prompt_end = 0;  // row after the last prompt that was put in
  for (size_t i = 0; i < sequences.size(); ++i) {
    const Sequence& sequence = sequences[i];
    STRATAGRAM_CHECK(!sequence.prompt.empty() && !sequence.response.empty(),
                     "pack: sequence {} has {} prompt and {} response tokens, wanted one of each",
                     i,
                     sequence.prompt.size(),
                     sequence.response.size());
    const auto prompt = static_cast<int64_t>(sequence.prompt.size());
    const auto response = static_cast<int64_t>(sequence.response.size());
    if (i == 0 || !share_prompt(sequences[i - 1], sequence)) {
      tokens.insert(tokens.end(), sequence.prompt.begin(), sequence.prompt.end());
      for (int64_t t = 0; t < prompt; ++t) positions.push_back(t);
      packed.groups.push_back({.prompt = prompt});
      prompt_end = static_cast<int64_t>(tokens.size());
    }
    rows.push_back(prompt_end - 1);
    for (int64_t t = 0; t + 1 < response; ++t) {
      rows.push_back(static_cast<int64_t>(tokens.size()));
      tokens.push_back(sequence.response[t]);
      positions.push_back(prompt + t);
    }
    targets.insert(targets.end(), sequence.response.begin(), sequence.response.end());
    packed.groups.back().continuations.push_back(response - 1);
    packed.response_lengths.push_back(response);
  }
  // A continuation that shares its prompt with none is one sequence with it.
  for (model::PackedGroup& group : packed.groups) {
    if (group.continuations.size() > 1) continue;
    group.prompt += group.continuations.front();
    group.continuations.clear();
  }
  packed.tokens_N = to_device(tokens, device);
  packed.positions_N = to_device(positions, device);
  packed.rows_M = to_device(rows, device);
  packed.targets_M = to_device(targets, device);
  return packed;
}

at::Tensor pack_values(const std::vector<std::span<const float>>& values,
                       const at::TensorOptions& options) {
  std::vector<float> all;
  for (const std::span<const float> part : values) all.insert(all.end(), part.begin(), part.end());
  return at::tensor(all, at::TensorOptions().dtype(at::kFloat)).to(options);
}

std::vector<std::vector<float>> unpack_values(const at::Tensor& values_M,
                                              std::span<const int64_t> response_lengths) {
  const int64_t wanted =
      std::accumulate(response_lengths.begin(), response_lengths.end(), int64_t{0});
  STRATAGRAM_CHECK(values_M.dim() == 1 && values_M.size(0) == wanted,
                   "unpack_values: wanted {} values, got {}",
                   wanted,
                   values_M.numel());
  const at::Tensor host_M = values_M.detach().to(at::kCPU, at::kFloat).contiguous();
  const float* next = host_M.const_data_ptr<float>();
  std::vector<std::vector<float>> parts;
  for (const int64_t length : response_lengths) {
    parts.emplace_back(next, next + length);
    next += length;
  }
  return parts;
}

}  // namespace stratagram::train
