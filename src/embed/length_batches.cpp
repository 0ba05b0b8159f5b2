#include "embed/length_batches.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "core/error.h"
#include "core/interrupt.h"

namespace stratagram::embed {
namespace {

at::Tensor tokens_of(std::span<const std::vector<int32_t>> sequences,
                     std::span<const int64_t> members,
                     int64_t length) {
  const int64_t num_rows = batch_rows(length);
  at::Tensor tokens_BT = at::empty({num_rows, length}, at::TensorOptions().dtype(at::kLong));
  auto* tokens = tokens_BT.mutable_data_ptr<int64_t>();
  for (int64_t row = 0; row < num_rows; ++row) {
    const bool is_filler = row >= static_cast<int64_t>(members.size());
    const std::vector<int32_t>& sequence = sequences[members[is_filler ? 0 : row]];
    std::copy(sequence.begin(), sequence.end(), tokens + row * length);
  }
  return tokens_BT;
}

void copy_rows_(const at::Tensor& rows_BD,
                std::span<const int64_t> members,
                grams::Embeddings& embeddings) {
  const int64_t width = embeddings.width;
  STRATAGRAM_CHECK(
      rows_BD.dim() == 2 && rows_BD.size(1) == width && rows_BD.scalar_type() == at::kFloat,
      "encode_by_length: wanted float32 [B, {}] of the encoder",
      width);
  const at::Tensor rows = rows_BD.contiguous();
  const auto* values = rows.const_data_ptr<float>();
  for (size_t i = 0; i < members.size(); ++i) {
    const float* from = values + static_cast<int64_t>(i) * width;
    if (!std::all_of(from, from + width, [](float x) { return std::isfinite(x); })) {
      fail(ErrorKind::kNumeric,
           "text {}: its vector is not finite; the encoder's weights are damaged or too large",
           members[i]);
    }
    std::copy(from, from + width, embeddings.values.begin() + members[i] * width);
  }
}

}  // namespace

int64_t batch_rows(int64_t length) {
  return std::max<int64_t>(1, kBatchTokens / length);
}

grams::Embeddings encode_by_length(std::span<const std::vector<int32_t>> sequences,
                                   int64_t width,
                                   const BatchEncoder& encode,
                                   const std::function<void(int64_t)>& progress) {
  std::map<int64_t, std::vector<int64_t>> by_length;
  for (size_t i = 0; i < sequences.size(); ++i) {
    STRATAGRAM_CHECK(!sequences[i].empty(), "encode_by_length: sequence {} has no token", i);
    by_length[static_cast<int64_t>(sequences[i].size())].push_back(static_cast<int64_t>(i));
  }
  grams::Embeddings embeddings{
      .values = std::vector<float>(sequences.size() * static_cast<size_t>(width)), .width = width};
  int64_t done = 0;
  for (const auto& [length, all] : by_length) {
    const auto size = static_cast<size_t>(batch_rows(length));
    for (size_t begin = 0; begin < all.size(); begin += size) {
      throw_if_interrupted(
          "stopped while embedding; nothing was written, so run the command again");
      const auto members = std::span(all).subspan(begin, std::min(size, all.size() - begin));
      copy_rows_(encode(tokens_of(sequences, members, length)), members, embeddings);
      done += static_cast<int64_t>(members.size());
      progress(done);
    }
  }
  return embeddings;
}

}  // namespace stratagram::embed
