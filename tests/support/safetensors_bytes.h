// tests/support/safetensors_bytes.h -- writes safetensors files byte by byte, right or wrong on
// purpose.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

namespace stratagram {

/// The header's length, the header as it stands, and so many bytes of data.
inline std::string safetensors_bytes(const std::string& header, size_t data_bytes) {
  const uint64_t size = header.size();
  std::string file(sizeof size, '\0');
  std::memcpy(file.data(), &size, sizeof size);
  return file + header + std::string(data_bytes, 'x');
}

}  // namespace stratagram
