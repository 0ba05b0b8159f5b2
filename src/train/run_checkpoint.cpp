#include "train/run_checkpoint.h"

#include <filesystem>

#include "core/digest.h"
#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "model/weights.h"
#include "train/checkpoint.h"

namespace stratagram::train {
namespace {

// SHA-256 of every file of weights in the folder, by file name.
nlohmann::json digests_of_weights(const std::filesystem::path& folder) {
  nlohmann::json digests = nlohmann::json::object();
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("model") || !name.ends_with(".safetensors")) continue;
    digests[name] = sha256_file(entry.path());
  }
  return digests;
}

// A flipped bit in a weight would change the run and nothing else would show it.
void check_weights(const std::filesystem::path& folder, const nlohmann::json& values) {
  const auto wanted = values.find("weights_sha256");
  if (wanted == values.end() || *wanted == digests_of_weights(folder)) return;
  fail(ErrorKind::kData,
       "{}: its weights are not those that were written (SHA-256 differs); the checkpoint was "
       "damaged, remove it to resume from an older one",
       folder.string());
}

}  // namespace

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
    values["weights_sha256"] = digests_of_weights(temporary);
    save_trainer_state(temporary, {.values = std::move(values), .tensors = optimizer.state()});
  });
  optimizer.release_state();
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
    folder.record_resume(0);
    return std::nullopt;
  }
  const std::filesystem::path path = folder.checkpoint(*newest);
  const TrainerState state = load_trainer_state(path);
  check_weights(path, state.values);
  const model::LoadedModel loaded = model::load_model_files(path, policy.model.dtype());
  for (const auto& [name, weight] : policy.model.weights()) {
    const auto found = loaded.weights.find(name);
    if (found == loaded.weights.end() || found->second.sizes() != weight.sizes()) {
      fail(ErrorKind::kData, "{}: tensor '{}' does not fit the run's model", path.string(), name);
    }
    weight.detach().copy_(found->second);
  }
  optimizer.load_(state.tensors, path.string());
  CheckpointContent content{
      .steps_done = field_of<int64_t>(state.values, "steps_done", path.string()),
      .values = state.values};
  folder.forget_from(content.steps_done);
  folder.record_resume(content.steps_done);
  return content;
}

}  // namespace stratagram::train
