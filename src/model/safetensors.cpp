#include "model/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/jsonl.h"

namespace stratagram::model {
namespace {

using nlohmann::json;

// The reference implementation's own limit; a damaged length would ask for more memory than exists.
constexpr uint64_t kMaxHeaderBytes = 100'000'000;

TensorEntry read_entry(const std::string& name,
                       const json& spec,
                       uint64_t data_begin,
                       uint64_t data_bytes,
                       const std::string& where) {
  const std::string here = fmt::format("{}: tensor '{}'", where, name);
  TensorEntry entry{.name = name,
                    .dtype = field_of<std::string>(spec, "dtype", here),
                    .shape = field_of<std::vector<int64_t>>(spec, "shape", here)};
  const auto offsets = field_of<std::vector<int64_t>>(spec, "data_offsets", here);
  const int64_t wanted =
      checked_numel(entry.shape, here) * safetensors_element_bytes(entry.dtype, here);
  if (offsets.size() != 2 || offsets[0] < 0 || offsets[1] < offsets[0] ||
      static_cast<uint64_t>(offsets[1]) > data_bytes) {
    fail(ErrorKind::kData,
         "{}: data_offsets [{}]: wanted two ascending numbers up to {}, the bytes of data in the "
         "file; the file was cut short or damaged, fetch it again",
         here,
         fmt::join(offsets, ", "),
         data_bytes);
  }
  if (offsets[1] - offsets[0] != wanted) {
    fail(ErrorKind::kData,
         "{} ({} {}) needs {} bytes, its data_offsets span {}; the file was cut short or damaged, "
         "fetch it again",
         here,
         entry.dtype,
         shape_text(entry.shape),
         wanted,
         offsets[1] - offsets[0]);
  }
  entry.begin = data_begin + static_cast<uint64_t>(offsets[0]);
  entry.end = data_begin + static_cast<uint64_t>(offsets[1]);
  return entry;
}

void check_no_overlap(const std::map<std::string, TensorEntry>& entries, const std::string& where) {
  std::vector<const TensorEntry*> by_place;
  for (const auto& [name, entry] : entries) {
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

// Parsed twice: once to be sure of its depth and type, and once to see each name, since of two
// equal names the result keeps only the last.
json parse_header(std::string_view header, const std::string& where) {
  (void)parse_json_object(header, where + ": its header");
  std::set<std::string> names;
  const auto see = [&](int depth, json::parse_event_t event, const json& key) {
    if (event == json::parse_event_t::key && depth == 1 &&
        !names.insert(key.get<std::string>()).second) {
      fail(ErrorKind::kData,
           "{}: tensor '{}' comes twice; the file was damaged, fetch it again",
           where,
           key.get<std::string>());
    }
    return true;
  };
  return json::parse(header, see);
}

}  // namespace

int64_t checked_numel(const std::vector<int64_t>& shape, const std::string& where) {
  int64_t numel = 1;
  for (const int64_t size : shape) {
    if (size < 0 || (size > 0 && numel > (int64_t{1} << 58) / size)) {
      fail(ErrorKind::kData,
           "{}: shape {}: no tensor has that many elements; the file was damaged",
           where,
           shape_text(shape));
    }
    numel *= size;
  }
  return numel;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

int64_t safetensors_element_bytes(const std::string& dtype, const std::string& where) {
  static const std::map<std::string, int64_t> bytes = {{"F64", 8},
                                                       {"F32", 4},
                                                       {"F16", 2},
                                                       {"BF16", 2},
                                                       {"I64", 8},
                                                       {"I32", 4},
                                                       {"I16", 2},
                                                       {"I8", 1},
                                                       {"U8", 1},
                                                       {"BOOL", 1}};
  const auto found = bytes.find(dtype);
  if (found == bytes.end()) {
    fail(ErrorKind::kData,
         "{}: dtype: wanted F32, F16 or BF16 (or an integer type), got '{}'",
         where,
         dtype);
  }
  return found->second;
}

std::map<std::string, TensorEntry> parse_safetensors(std::string_view file,
                                                     const std::string& where) {
  uint64_t header_bytes = 0;
  if (file.size() < sizeof header_bytes) {
    fail(ErrorKind::kData,
         "{}: {} bytes are too few for a safetensors file; fetch it again",
         where,
         file.size());
  }
  std::memcpy(&header_bytes, file.data(), sizeof header_bytes);
  const uint64_t rest = file.size() - sizeof header_bytes;
  if (header_bytes > std::min(rest, kMaxHeaderBytes)) {
    fail(
        ErrorKind::kData,
        "{}: says that its header has {} bytes, wanted at most {}; this is no safetensors file, or "
        "it was cut short or damaged, fetch it again",
        where,
        header_bytes,
        std::min(rest, kMaxHeaderBytes));
  }
  const json header = parse_header(file.substr(sizeof header_bytes, header_bytes), where);
  std::map<std::string, TensorEntry> entries;
  for (const auto& [name, spec] : header.items()) {
    if (name == "__metadata__") continue;
    entries[name] =
        read_entry(name, spec, sizeof header_bytes + header_bytes, rest - header_bytes, where);
  }
  check_no_overlap(entries, where);
  return entries;
}

}  // namespace stratagram::model
