// model/cached_attention.h -- attention of new tokens over everything their sequences hold in a
// KvCache. Serves prefill and decode alike: each row of the call sees its own number of tokens.
#pragma once

#include <cstdint>
#include <vector>

#include "model/attention.h"
#include "model/kv_cache.h"

namespace stratagram::model {

/// What one row (one new token) reads and writes.
struct CacheRow {
  int64_t sequence = -1;  ///< index into CacheBatch::blocks; below 0: a padding row, which gets 0
  int64_t context = 0;    ///< tokens it sees, itself included: its position + 1
};

/// Which blocks the rows of one forward call use. Token t of a sequence is in its block
/// t / block_tokens.
struct CacheBatch {
  std::vector<CacheRow> rows;                ///< N of them; rows of one sequence ascend
  std::vector<std::vector<int32_t>> blocks;  ///< a sequence's blocks, enough for its contexts
};

/// Inference only. A row's result does not depend on the other rows. On the CPU by a kernel that is
/// chosen at run time (AVX-512, AVX2 or plain); elsewhere by libtorch's operators.
class CachedAttention : public Attention {
 public:
  /// Both must outlive the object. Throws Error(kInternal) when a row reads outside its blocks.
  CachedAttention(KvCache& cache, const CacheBatch& batch);

  /// Writes the rows' keys and values to the cache, then attends.
  at::Tensor attend(int64_t layer,
                    const at::Tensor& q_NQH,
                    const at::Tensor& k_NKH,
                    const at::Tensor& v_NKH) override;

 private:
  KvCache& cache_;
  const CacheBatch& batch_;
  at::Tensor slots_W_;  ///< slots of the rows that are not padding
  at::Tensor rows_W_;   ///< their indices
};

/// The same by index_select and libtorch's attention, one row at a time: the reference that the CPU
/// kernel is tested against, and the path for other devices. The cache must hold the rows already.
[[nodiscard]] at::Tensor attend_cached_reference(const KvCache& cache,
                                                 const CacheBatch& batch,
                                                 int64_t layer,
                                                 const at::Tensor& q_NQH);

}  // namespace stratagram::model
