#include "train/checkpoint.h"

#include <algorithm>
#include <system_error>

#include "core/digest.h"
#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "model/weights.h"

namespace stratagram::train {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int64_t kVersion = 1;
constexpr const char* kTensors = "trainer.safetensors";
constexpr const char* kValues = "trainer.json";

}  // namespace

void save_trainer_state(const fs::path& folder, const TrainerState& state) {
  model::Weights tensors;
  for (const auto& [name, tensor] : state.tensors) {
    tensors[name] = tensor.detach().to(at::kCPU).contiguous();
  }
  model::save_safetensors(folder / kTensors, tensors);
  const json record = {
      {"version", kVersion}, {"sha256", sha256_file(folder / kTensors)}, {"values", state.values}};
  write_file_atomically(folder / kValues, record.dump(2) + "\n");
}

TrainerState load_trainer_state(const fs::path& folder) {
  const std::string where = (folder / kValues).string();
  const json record = json::parse(read_file(folder / kValues), nullptr, /*allow_exceptions=*/false);
  if (!record.is_object() || !record.contains("values")) {
    fail(ErrorKind::kData, "{}: wanted the JSON of a trainer state; the file was damaged", where);
  }
  const auto version = field_of<int64_t>(record, "version", where);
  if (version != kVersion) {
    fail(ErrorKind::kData,
         "{}: version: wanted {}, got {}; resume with the program that wrote it",
         where,
         kVersion,
         version);
  }
  const std::string found = sha256_file(folder / kTensors);
  const auto wanted = field_of<std::string>(record, "sha256", where);
  if (found != wanted) {
    fail(ErrorKind::kData,
         "{}: wanted SHA-256 {}, got {}; the file was damaged, resume from an older checkpoint",
         (folder / kTensors).string(),
         wanted,
         found);
  }
  return {.values = record.at("values"), .tensors = model::load_safetensors(folder / kTensors)};
}

std::vector<int64_t> superfluous_checkpoints(std::span<const int64_t> steps,
                                             const CheckpointConfig& config) {
  std::vector<int64_t> superfluous;
  const auto num_old = static_cast<int64_t>(steps.size()) - config.keep_last;
  for (int64_t i = 0; i < num_old; ++i) {
    const bool for_good = config.keep_every > 0 && steps[i] % config.keep_every == 0;
    if (!for_good) superfluous.push_back(steps[i]);
  }
  return superfluous;
}

void remove_checkpoint(const fs::path& folder) {
  fs::path doomed = folder;
  doomed += ".removed";
  std::error_code error;
  fs::rename(folder, doomed, error);
  if (!error) fs::remove_all(doomed, error);
  if (error) {
    fail(ErrorKind::kDevice, "{}: cannot be removed: {}", folder.string(), error.message());
  }
}

}  // namespace stratagram::train
