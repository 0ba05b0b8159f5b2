// model/dequant.h -- the number formats of GGUF, turned into float32. The layouts are those of
// ggml's block formats (ggml/docs and ggml-common.h of llama.cpp describe them). Free of torch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stratagram::model {

struct BlockFormat {
  uint32_t gguf_type;
  const char* name;
  int64_t block_size;   ///< values a block
  int64_t block_bytes;  ///< bytes a block
  void (*dequantize)(const uint8_t* block, float* values);
};

/// Throws Error(kData) naming `where` and the type for one that is not supported.
[[nodiscard]] const BlockFormat& block_format_of_gguf(uint32_t type, const std::string& where);

/// By name ("Q4_K"); Error(kInternal) for an unknown one.
[[nodiscard]] const BlockFormat& block_format(const std::string& name);

/// Turns whole blocks into values: bytes.size() / block_bytes * block_size of them.
void dequantize(const BlockFormat& format, std::string_view bytes, float* values);

}  // namespace stratagram::model
