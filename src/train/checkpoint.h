// train/checkpoint.h -- what a run needs besides its weights to go on bit for bit, and which
// checkpoints stay.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "model/transformer.h"
#include "train/config.h"

namespace stratagram::train {

struct TrainerState {
  nlohmann::json values = nlohmann::json::object();  ///< counters and whatever else is no tensor
  model::Weights tensors{};                          ///< e.g. AdamW::state()
};

/// Writes trainer.safetensors and trainer.json (values, version, SHA-256 of the former) into an
/// existing folder; call it inside write_folder_atomically(). Throws Error(kDevice).
void save_trainer_state(const std::filesystem::path& folder, const TrainerState& state);

/// Throws Error(kData) with the file for one that is missing or damaged (the digest is checked) or
/// of another version.
[[nodiscard]] TrainerState load_trainer_state(const std::filesystem::path& folder);

/// Those of the given steps (ascending) that need not stay: all but the newest keep_last and the
/// multiples of keep_every.
[[nodiscard]] std::vector<int64_t> superfluous_checkpoints(std::span<const int64_t> steps,
                                                           const CheckpointConfig& config);

/// Removes a checkpoint's folder. A process killed on the way leaves a folder whose name is no step
/// number, never a part of a checkpoint under its own name. Throws Error(kDevice).
void remove_checkpoint(const std::filesystem::path& folder);

}  // namespace stratagram::train
