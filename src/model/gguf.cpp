#include "model/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "core/error.h"
#include "core/utf8.h"
#include "model/dequant.h"

namespace stratagram::model {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "GGUF is read as it lies in the file");

constexpr int kMaxDepth = 4;      // arrays of arrays; real files have one level
constexpr uint32_t kMaxDims = 4;  // as the format's own limit

enum class ValueType : uint32_t {
  kUint8,
  kInt8,
  kUint16,
  kInt16,
  kUint32,
  kInt32,
  kFloat32,
  kBool,
  kString,
  kArray,
  kUint64,
  kInt64,
  kFloat64,
};

// Reads forward through bytes and refuses to go beyond their end.
class Cursor {
 public:
  Cursor(std::string_view bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {}

  template <typename T>
  T read() {
    T value;
    const std::string_view bytes = take(sizeof(T));
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  }

  std::string_view read_text() { return take(read<uint64_t>()); }

  // A number of things of at least `bytes_each`; more than the file could hold is damage.
  uint64_t read_count(uint64_t bytes_each, const char* what) {
    const auto count = read<uint64_t>();
    if (count > (bytes_.size() - at_) / bytes_each) {
      fail(ErrorKind::kData,
           "{}: says it has {} {}, the file is too short for that; it was cut short or damaged, "
           "fetch it again",
           where_,
           count,
           what);
    }
    return count;
  }

  [[nodiscard]] uint64_t at() const { return at_; }
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  std::string_view take(uint64_t count) {
    if (count > bytes_.size() - at_) {
      fail(ErrorKind::kData,
           "{}: ends at byte {} where {} more were wanted; it was cut short or damaged, fetch it "
           "again",
           where_,
           bytes_.size(),
           count - (bytes_.size() - at_));
    }
    const std::string_view part = bytes_.substr(at_, count);
    at_ += count;
    return part;
  }

  std::string_view bytes_;
  std::string where_;
  uint64_t at_ = 0;
};

json read_value(Cursor& cursor, ValueType type, int depth);

json read_array(Cursor& cursor, int depth) {
  if (depth > kMaxDepth) {
    fail(ErrorKind::kData, "{}: arrays are nested too deeply; it was damaged", cursor.where());
  }
  const auto type = static_cast<ValueType>(cursor.read<uint32_t>());
  const uint64_t count = cursor.read_count(1, "values in an array");
  json list = json::array();
  for (uint64_t i = 0; i < count; ++i) list.push_back(read_value(cursor, type, depth + 1));
  return list;
}

json read_value(Cursor& cursor, ValueType type, int depth) {
  switch (type) {
    case ValueType::kUint8:
      return cursor.read<uint8_t>();
    case ValueType::kInt8:
      return cursor.read<int8_t>();
    case ValueType::kUint16:
      return cursor.read<uint16_t>();
    case ValueType::kInt16:
      return cursor.read<int16_t>();
    case ValueType::kUint32:
      return cursor.read<uint32_t>();
    case ValueType::kInt32:
      return cursor.read<int32_t>();
    case ValueType::kFloat32:
      return cursor.read<float>();
    case ValueType::kBool:
      return cursor.read<uint8_t>() != 0;
    case ValueType::kString:
      return replace_broken_utf8(cursor.read_text());
    case ValueType::kArray:
      return read_array(cursor, depth);
    case ValueType::kUint64:
      return cursor.read<uint64_t>();
    case ValueType::kInt64:
      return cursor.read<int64_t>();
    case ValueType::kFloat64:
      return cursor.read<double>();
  }
  fail(ErrorKind::kData,
       "{}: value type {} is unknown; it was damaged, fetch it again",
       cursor.where(),
       static_cast<uint32_t>(type));
}

// Offsets are still relative to the data's begin.
TensorEntry read_tensor(Cursor& cursor) {
  TensorEntry entry{.name = replace_broken_utf8(cursor.read_text())};
  const std::string here = fmt::format("{}: tensor '{}'", cursor.where(), entry.name);
  const auto num_dims = cursor.read<uint32_t>();
  if (num_dims > kMaxDims) {
    fail(ErrorKind::kData, "{}: wanted at most {} dimensions, got {}", here, kMaxDims, num_dims);
  }
  for (uint32_t i = 0; i < num_dims; ++i) {
    const auto size = cursor.read<uint64_t>();
    entry.shape.insert(entry.shape.begin(),
                       static_cast<int64_t>(std::min<uint64_t>(size, INT64_MAX)));
  }
  const BlockFormat& format = block_format_of_gguf(cursor.read<uint32_t>(), here);
  entry.dtype = format.name;
  const int64_t numel = checked_numel(entry.shape, here);
  const int64_t row = entry.shape.empty() ? 1 : entry.shape.back();
  if (row % format.block_size != 0) {
    fail(ErrorKind::kData,
         "{}: {} has blocks of {} values, its rows have {}; it was damaged",
         here,
         format.name,
         format.block_size,
         row);
  }
  entry.begin = cursor.read<uint64_t>();
  entry.end = entry.begin + static_cast<uint64_t>(numel / format.block_size * format.block_bytes);
  if (entry.end < entry.begin) {
    fail(ErrorKind::kData, "{}: offset {} is outside any file", here, entry.begin);
  }
  return entry;
}

void check_places(const std::map<std::string, TensorEntry>& tensors,
                  uint64_t file_bytes,
                  const std::string& where) {
  std::vector<const TensorEntry*> by_place;
  for (const auto& [name, entry] : tensors) {
    if (entry.end > file_bytes) {
      fail(ErrorKind::kData,
           "{}: tensor '{}' ({} {}) ends at byte {}, the file has {}; it was cut short or damaged, "
           "fetch it again",
           where,
           name,
           entry.dtype,
           shape_text(entry.shape),
           entry.end,
           file_bytes);
    }
    if (entry.end > entry.begin) by_place.push_back(&entry);
  }
  std::sort(by_place.begin(), by_place.end(), [](const TensorEntry* a, const TensorEntry* b) {
    return a->begin < b->begin;
  });
  for (size_t i = 1; i < by_place.size(); ++i) {
    if (by_place[i]->begin < by_place[i - 1]->end) {
      fail(ErrorKind::kData,
           "{}: tensors '{}' and '{}' overlap; the file was damaged, fetch it again",
           where,
           by_place[i - 1]->name,
           by_place[i]->name);
    }
  }
}

}  // namespace

GgufFile parse_gguf(std::string_view file, const std::string& where) {
  Cursor cursor(file, where);
  if (file.substr(0, 4) != "GGUF") {
    fail(ErrorKind::kData, "{}: does not start with GGUF; this is no GGUF file", where);
  }
  cursor.read<uint32_t>();
  const auto version = cursor.read<uint32_t>();
  if (version != 2 && version != 3) {
    fail(ErrorKind::kData, "{}: GGUF version: wanted 2 or 3, got {}", where, version);
  }
  // A tensor takes at least 24 bytes of the header, a key-value at least 13.
  const uint64_t num_tensors = cursor.read_count(24, "tensors");
  const uint64_t num_values = cursor.read_count(13, "key-values");
  GgufFile result;
  result.metadata = json::object();
  for (uint64_t i = 0; i < num_values; ++i) {
    const std::string key = replace_broken_utf8(cursor.read_text());
    const auto type = static_cast<ValueType>(cursor.read<uint32_t>());
    if (result.metadata.contains(key)) {
      fail(ErrorKind::kData, "{}: key '{}' comes twice; it was damaged", where, key);
    }
    result.metadata[key] = read_value(cursor, type, 0);
  }
  for (uint64_t i = 0; i < num_tensors; ++i) {
    TensorEntry entry = read_tensor(cursor);
    const std::string name = entry.name;
    if (!result.tensors.emplace(name, std::move(entry)).second) {
      fail(ErrorKind::kData, "{}: tensor '{}' comes twice; it was damaged", where, name);
    }
  }
  const json& alignment_value = result.metadata.value("general.alignment", json(32U));
  const auto alignment =
      alignment_value.is_number_unsigned() ? alignment_value.get<uint64_t>() : uint64_t{0};
  if (alignment == 0 || !std::has_single_bit(alignment) || alignment > (1U << 20)) {
    fail(ErrorKind::kData,
         "{}: general.alignment: wanted a power of two, got {}",
         where,
         alignment_value.dump());
  }
  const uint64_t data_begin = (cursor.at() + alignment - 1) / alignment * alignment;
  for (auto& [name, entry] : result.tensors) {
    if (entry.end > file.size()) {  // also keeps the sums below from wrapping round
      fail(
          ErrorKind::kData,
          "{}: tensor '{}': its data ends at offset {}, the file has {} bytes; it was cut short or "
          "damaged, fetch it again",
          where,
          name,
          entry.end,
          file.size());
    }
    entry.begin += data_begin;
    entry.end += data_begin;
  }
  check_places(result.tensors, file.size(), where);
  return result;
}

}  // namespace stratagram::model
