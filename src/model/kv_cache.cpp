#include "model/kv_cache.h"

#include <ATen/TensorIndexing.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.h"

namespace stratagram::model {

namespace {

struct Places {
  at::Tensor blocks_N, offsets_N;  // int64
};

Places places_of(const at::Tensor& slots_N, const KvCacheShape& shape) {
  return {.blocks_N = slots_N.floor_divide(shape.block_tokens),
          .offsets_N = slots_N.remainder(shape.block_tokens)};
}

using Index = at::indexing::TensorIndex;

std::vector<Index> key_index(const Places& places) {
  return {places.blocks_N, at::indexing::Slice(), at::indexing::Slice(), places.offsets_N};
}
std::vector<Index> value_index(const Places& places) {
  return {places.blocks_N, at::indexing::Slice(), places.offsets_N};
}

// Element by element, since the tokens of a block of keys lie side by side. T: as many bytes as the
// dtype has.
template <typename T>
void write_cpu(const KvCacheShape& shape,
               const at::Tensor& slots_N,
               const std::pair<at::Tensor, at::Tensor>& from,
               const std::pair<at::Tensor&, at::Tensor&>& to) {
  const auto* slots = slots_N.const_data_ptr<int64_t>();
  const auto* from_keys = static_cast<const T*>(from.first.const_data_ptr());
  const auto* from_values = static_cast<const T*>(from.second.const_data_ptr());
  auto* keys = static_cast<T*>(to.first.mutable_data_ptr());
  auto* values = static_cast<T*>(to.second.mutable_data_ptr());
  const int64_t tokens = shape.block_tokens;
  const int64_t width = shape.head_width;
  const int64_t num_heads = shape.num_kv_heads;
  for (int64_t n = 0; n < slots_N.size(0); ++n) {
    const int64_t block = slots[n] / tokens;
    const int64_t offset = slots[n] % tokens;
    for (int64_t k = 0; k < num_heads; ++k) {
      const int64_t source = (n * num_heads + k) * width;
      const int64_t head = (block * num_heads + k) * width * tokens;
      T* key = keys + head + offset;
      for (int64_t h = 0; h < width; ++h) key[h * tokens] = from_keys[source + h];
      std::copy_n(from_values + source, width, values + head + offset * width);
    }
  }
}

}  // namespace

int64_t KvCacheShape::bytes(at::ScalarType dtype) const {
  return 2 * num_layers * num_slots() * num_kv_heads * head_width *
         static_cast<int64_t>(c10::elementSize(dtype));
}

KvCache::KvCache(const KvCacheShape& shape, const at::TensorOptions& options) : shape_(shape) {
  if (std::min({shape.num_layers,
                shape.num_blocks,
                shape.block_tokens,
                shape.num_kv_heads,
                shape.head_width}) < 1) {
    fail(
        ErrorKind::kConfig,
        "KV cache: wanted counts of at least 1, got {} layers, {} blocks of {} tokens, {} heads of "
        "width {}",
        shape.num_layers,
        shape.num_blocks,
        shape.block_tokens,
        shape.num_kv_heads,
        shape.head_width);
  }
  const int64_t heads = shape.num_kv_heads;
  try {
    for (int64_t layer = 0; layer < shape.num_layers; ++layer) {
      keys_.push_back(
          at::zeros({shape.num_blocks, heads, shape.head_width, shape.block_tokens}, options));
      values_.push_back(
          at::zeros({shape.num_blocks, heads, shape.block_tokens, shape.head_width}, options));
    }
  } catch (const c10::Error& error) {
    fail(ErrorKind::kDevice,
         "KV cache: {} bytes for {} slots cannot be had ({}); lower rollout.max_sequences or the "
         "length budget",
         shape.bytes(c10::typeMetaToScalarType(options.dtype())),
         shape.num_slots(),
         error.what_without_backtrace());
  }
}

void KvCache::write(int64_t layer,
                    const at::Tensor& slots_N,
                    const at::Tensor& keys_NKH,
                    const at::Tensor& values_NKH) {
  const at::ScalarType dtype = keys_.at(layer).scalar_type();
  const auto check = [&](const char* name, const at::Tensor& x) {
    STRATAGRAM_CHECK(x.dim() == 3 && x.size(0) == slots_N.size(0) &&
                         x.size(1) == shape_.num_kv_heads && x.size(2) == shape_.head_width &&
                         x.scalar_type() == dtype,
                     "KvCache::write: {}: wanted [{}, {}, {}] {}, got {} {}",
                     name,
                     slots_N.size(0),
                     shape_.num_kv_heads,
                     shape_.head_width,
                     c10::toString(dtype),
                     x.sizes().vec(),
                     c10::toString(x.scalar_type()));
  };
  check("keys", keys_NKH);
  check("values", values_NKH);
  at::Tensor& keys = keys_.at(layer);
  at::Tensor& values = values_.at(layer);
  if (!keys.device().is_cpu()) {
    const Places places = places_of(slots_N, shape_);
    keys.index_put_(key_index(places), keys_NKH);
    values.index_put_(value_index(places), values_NKH);
    return;
  }
  const std::pair<at::Tensor, at::Tensor> from = {keys_NKH.contiguous(), values_NKH.contiguous()};
  const std::pair<at::Tensor&, at::Tensor&> to = {keys, values};
  switch (keys.element_size()) {
    case 2:
      return write_cpu<uint16_t>(shape_, slots_N, from, to);
    case 4:
      return write_cpu<uint32_t>(shape_, slots_N, from, to);
    default:
      return write_cpu<uint64_t>(shape_, slots_N, from, to);
  }
}

std::pair<at::Tensor, at::Tensor> KvCache::read(int64_t layer, const at::Tensor& slots_N) const {
  const at::Tensor& keys = keys_.at(layer);
  const Places places = places_of(slots_N, shape_);
  return {keys.index(key_index(places)), values_.at(layer).index(value_index(places))};
}

void KvCache::copy_block(int64_t from, int64_t to) {
  for (int64_t layer = 0; layer < shape_.num_layers; ++layer) {
    for (const auto* half : {&keys_, &values_}) {
      const at::Tensor& memory = half->at(layer);
      memory[to].copy_(memory[from]);
    }
  }
}

}  // namespace stratagram::model
