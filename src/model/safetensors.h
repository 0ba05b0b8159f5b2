// model/safetensors.h -- the header of a safetensors file, checked before any of it is believed.
// Free of torch: the fuzz target links it alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stratagram::model {

/// One tensor of a file; bytes [begin, end) of the whole file.
struct TensorEntry {
  std::string name;
  std::string dtype{};  ///< as the file spells it: "F32", "BF16", "Q4_K", ...
  std::vector<int64_t> shape{};
  uint64_t begin = 0;
  uint64_t end = 0;
};

/// Product of the sizes. Throws Error(kData) naming `where` for a size below 0 or a product beyond
/// 2^62.
[[nodiscard]] int64_t checked_numel(const std::vector<int64_t>& shape, const std::string& where);

/// "[2048, 576]".
[[nodiscard]] std::string shape_text(const std::vector<int64_t>& shape);

/// Bytes of one element of a safetensors dtype. Throws Error(kData) naming `where` and the dtype.
[[nodiscard]] int64_t safetensors_element_bytes(const std::string& dtype, const std::string& where);

/// The tensors of a file given as a whole, by name. Throws Error(kData) naming `where` (the path)
/// and the tensor for: a file cut short, a header that is too long or is no JSON, an unknown dtype,
/// an offset outside the file, a shape that does not fit its bytes, tensors that overlap.
[[nodiscard]] std::map<std::string, TensorEntry> parse_safetensors(std::string_view file,
                                                                   const std::string& where);

}  // namespace stratagram::model
