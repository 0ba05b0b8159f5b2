#include "model/joined_linear.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "core/error.h"

namespace stratagram::model {
namespace {

// A tensor of its own on the memory of another, no view of it: an in-place change of a part must
// not count as one of the whole.
at::Tensor on_memory_of(const at::Tensor& whole, int64_t offset, at::IntArrayRef sizes) {
  return at::empty({0}, whole.options()).set_(whole.storage(), offset, sizes);
}

bool lie_together(std::span<at::Tensor* const> parts) {
  int64_t next = parts.front()->storage_offset();
  return std::all_of(parts.begin(), parts.end(), [&](const at::Tensor* part) {
    const bool fits = part->is_alias_of(*parts.front()) && part->storage_offset() == next &&
                      part->is_contiguous();
    next += part->numel();
    return fits;
  });
}

}  // namespace

at::Tensor join_(std::span<at::Tensor* const> parts) {
  STRATAGRAM_CHECK(!parts.empty(), "join_: wanted at least one tensor");
  if (!lie_together(parts)) {
    std::vector<at::Tensor> values;
    values.reserve(parts.size());
    for (const at::Tensor* part : parts) values.push_back(part->detach());
    const at::Tensor whole = at::cat(values, 0);
    int64_t offset = 0;
    for (at::Tensor* part : parts) {
      *part = on_memory_of(whole, offset, part->sizes()).requires_grad_(part->requires_grad());
      offset += part->numel();
    }
  }
  std::vector<int64_t> sizes = parts.front()->sizes().vec();
  sizes.front() = 0;
  for (const at::Tensor* part : parts) sizes.front() += part->size(0);
  return on_memory_of(parts.front()->detach(), parts.front()->storage_offset(), sizes);
}

}  // namespace stratagram::model
