// tests/support/gguf_bytes.h -- writes GGUF files byte by byte, right or wrong on purpose.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace stratagram {

/// Appends values as GGUF lays them out.
class GgufBytes {
 public:
  explicit GgufBytes(uint32_t version = 3) : bytes_("GGUF") { put(version); }

  template <typename T>
  GgufBytes& put(T value) {
    char raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    bytes_.append(raw, sizeof(T));
    return *this;
  }
  GgufBytes& text(const std::string& value) {
    put<uint64_t>(value.size());
    bytes_ += value;
    return *this;
  }
  GgufBytes& counts(uint64_t tensors, uint64_t values) { return put(tensors).put(values); }
  GgufBytes& value(const std::string& key, uint32_t number) {
    return text(key).put<uint32_t>(4).put(number);
  }
  GgufBytes& value(const std::string& key, float number) {
    return text(key).put<uint32_t>(6).put(number);
  }
  GgufBytes& value(const std::string& key, const std::string& content) {
    return text(key).put<uint32_t>(8).text(content);
  }
  GgufBytes& value(const std::string& key, bool flag) {
    return text(key).put<uint32_t>(7).put<uint8_t>(flag ? 1 : 0);
  }
  GgufBytes& value(const std::string& key, const std::vector<std::string>& texts) {
    text(key).put<uint32_t>(9).put<uint32_t>(8).put<uint64_t>(texts.size());
    for (const std::string& content : texts) text(content);
    return *this;
  }
  GgufBytes& value(const std::string& key, const std::vector<int32_t>& numbers) {
    text(key).put<uint32_t>(9).put<uint32_t>(5).put<uint64_t>(numbers.size());
    for (const int32_t number : numbers) put(number);
    return *this;
  }
  /// `shape` slowest first, as torch has it.
  GgufBytes& tensor(const std::string& name,
                    const std::vector<uint64_t>& shape,
                    uint32_t type,
                    uint64_t offset) {
    text(name).put<uint32_t>(static_cast<uint32_t>(shape.size()));
    for (auto size = shape.rbegin(); size != shape.rend(); ++size) put(*size);
    return put(type).put(offset);
  }
  GgufBytes& align() {
    bytes_.resize((bytes_.size() + 31) / 32 * 32);
    return *this;
  }
  GgufBytes& raw(const std::string& content) {
    bytes_ += content;
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace stratagram
