// Any bytes as a safetensors file: what is accepted lies inside the file and does not overlap.
#include "core/error.h"
#include "core/file.h"
#include "fuzz/driver.h"
#include "model/safetensors.h"
#include "tests/support/safetensors_bytes.h"

namespace stratagram {
namespace {

std::vector<std::string> seeds() {
  return {
      safetensors_bytes(
          R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":)"
          R"([0,8]},"b":{"dtype":"BF16","shape":[2,3],"data_offsets":[8,20]}})",
          20),
      safetensors_bytes(
          R"({"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"b":{"dtype":"F64","shape":)"
          R"([0,4],"data_offsets":[1,1]},"c":{"dtype":"I64","shape":[1],"data_offsets":[1,9]}})",
          9),
      safetensors_bytes("{}", 0),
      read_file(STRATAGRAM_TEST_DATA "/model/qwen2/model.safetensors")};
}

void try_file(std::string_view bytes) {
  uint64_t claimed = 0;
  for (const auto& [name, entry] : model::parse_safetensors(bytes, "fuzz.safetensors")) {
    STRATAGRAM_CHECK(entry.begin <= entry.end && entry.end <= bytes.size(), "'{}' is out", name);
    claimed += entry.end - entry.begin;
  }
  STRATAGRAM_CHECK(claimed <= bytes.size(), "tensors overlap");
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::fuzz::run_fuzz(argc, argv, stratagram::seeds, stratagram::try_file);
}
