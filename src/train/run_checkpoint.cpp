#include "train/run_checkpoint.h"

#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "model/weights.h"
#include "train/checkpoint.h"

namespace stratagram::train {

void write_checkpoint(const RunFolder& folder,
                      const rollout::Policy& policy,
                      const AdamW& optimizer,
                      const CheckpointContent& content,
                      const CheckpointConfig& config) {
  const std::filesystem::path target = folder.checkpoint(content.steps_done);
  if (std::filesystem::exists(target)) return;
  write_folder_atomically(target, [&](const std::filesystem::path& temporary) {
    rollout::save_policy(policy, temporary);
    nlohmann::json values = content.values;
    values["steps_done"] = content.steps_done;
    save_trainer_state(temporary, {.values = std::move(values), .tensors = optimizer.state()});
  });
  const std::vector<int64_t> steps = folder.checkpoints();
  for (const int64_t step : superfluous_checkpoints(steps, config)) {
    remove_checkpoint(folder.checkpoint(step));
  }
}

std::optional<CheckpointContent> take_up_checkpoint_(RunFolder& folder,
                                                     rollout::Policy& policy,
                                                     AdamW& optimizer) {
  const std::optional<int64_t> newest = folder.newest_checkpoint();
  if (!newest) {
    folder.forget_from(0);
    return std::nullopt;
  }
  const std::filesystem::path path = folder.checkpoint(*newest);
  const TrainerState state = load_trainer_state(path);
  const model::LoadedModel loaded = model::load_model_files(path, policy.model.dtype());
  for (const auto& [name, weight] : policy.model.weights()) {
    const auto found = loaded.weights.find(name);
    if (found == loaded.weights.end() || found->second.sizes() != weight.sizes()) {
      fail(ErrorKind::kData, "{}: tensor '{}' does not fit the run's model", path.string(), name);
    }
    weight.detach().copy_(found->second);
  }
  optimizer.load_(state.tensors, path.string());
  CheckpointContent content{.steps_done = state.values.at("steps_done"), .values = state.values};
  folder.forget_from(content.steps_done);
  return content;
}

}  // namespace stratagram::train
