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

std::vector<std::vector<int64_t>> plan_micro_batches(std::span<const int64_t> lengths,
                                                     int64_t budget) {
  std::vector<int64_t> order(lengths.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(
      order.begin(), order.end(), [&](int64_t a, int64_t b) { return lengths[a] > lengths[b]; });
  std::vector<std::vector<int64_t>> batches;
  std::vector<int64_t> room;
  for (const int64_t index : order) {
    STRATAGRAM_CHECK(lengths[index] >= 1,
                     "plan_micro_batches: wanted lengths of at least 1, got {} at {}",
                     lengths[index],
                     index);
    const auto fit = std::find_if(
        room.begin(), room.end(), [&](int64_t left) { return left >= lengths[index]; });
    const auto place = fit - room.begin();
    if (fit == room.end()) {
      batches.emplace_back();
      room.push_back(budget);
    }
    batches[place].push_back(index);
    room[place] -= lengths[index];
  }
  for (std::vector<int64_t>& batch : batches) std::sort(batch.begin(), batch.end());
  return batches;
}

PackedTokens pack(std::span<const Sequence> sequences, at::Device device) {
  std::vector<int64_t> tokens, positions, rows, targets;
  PackedTokens packed;
  for (const Sequence& sequence : sequences) {
    STRATAGRAM_CHECK(!sequence.prompt.empty() && !sequence.response.empty(),
                     "pack: sequence {} has {} prompt and {} response tokens, wanted one of each",
                     packed.lengths.size(),
                     sequence.prompt.size(),
                     sequence.response.size());
    const auto begin = static_cast<int64_t>(tokens.size());
    const auto prompt = static_cast<int64_t>(sequence.prompt.size());
    const auto response = static_cast<int64_t>(sequence.response.size());
    tokens.insert(tokens.end(), sequence.prompt.begin(), sequence.prompt.end());
    tokens.insert(tokens.end(), sequence.response.begin(), sequence.response.end() - 1);
    targets.insert(targets.end(), sequence.response.begin(), sequence.response.end());
    for (int64_t t = 0; t < prompt + response - 1; ++t) positions.push_back(t);
    for (int64_t t = 0; t < response; ++t) rows.push_back(begin + prompt - 1 + t);
    packed.lengths.push_back(prompt + response - 1);
    packed.response_lengths.push_back(response);
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
