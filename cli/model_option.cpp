#include "cli/model_option.h"

#include <ATen/Parallel.h>

#include <map>
#include <nlohmann/json.hpp>

#include "cli/progress.h"
#include "core/digest.h"
#include "core/file.h"
#include "core/hub.h"
#include "core/log.h"
#include "model/gguf.h"
#include "model/weights.h"

namespace stratagram::cli {

void ModelOption::add_to(CLI::App& command) {
  constexpr const char* kGroup = "model";
  command.add_option("--model", model, "Hugging Face folder, .gguf file or hub:owner/name")
      ->required()
      ->type_name("M")
      ->group(kGroup);
  command.add_option("--device", device, "cpu or cuda:N (default: cuda:0 if present, else cpu)")
      ->type_name("D")
      ->group(kGroup);
  command.add_option("--dtype", dtype, "float32 or bfloat16")
      ->type_name("TYPE")
      ->group(kGroup)
      ->capture_default_str();
  command
      .add_option("--chat-template",
                  chat_template,
                  "auto (the model's own), chatml, llama3, qwen3, qwen3-no-think or plain")
      ->type_name("NAME")
      ->group(kGroup)
      ->capture_default_str();
}

rollout::Policy ModelOption::load() const {
  const std::string where = device.empty() ? rollout::default_device() : device;
  rollout::Policy policy = rollout::load_policy(
      model_path(model), {.dtype = dtype, .device = where, .chat_template = chat_template});
  spdlog::info("{}: {} parameters, {} on {}, chat template {}",
               model,
               policy.model.num_parameters(),
               dtype,
               where,
               policy.chat.name());
  return policy;
}

nlohmann::json ModelOption::conditions(const rollout::Policy& policy) const {
  return {{"model_digest", model_digest(policy.path)},
          {"chat_template", policy.chat.name()},
          {"dtype", dtype},
          {"device", policy.model.device().str()},
          {"threads", at::get_num_threads()}};
}

std::string model_digest(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return sha256_file(path);
  std::map<std::string, std::string> digests;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".safetensors") || name == "config.json" || name == "tokenizer.json") {
      digests[name] = sha256_file(entry.path());
    }
  }
  return sha256(nlohmann::json(digests).dump());
}

std::filesystem::path model_path(const std::string& name) {
  constexpr std::string_view kHub = "hub:";
  if (!name.starts_with(kHub)) return name;
  Progress progress("bytes");
  return fetch_from_hub(
      name,
      HubOptions::from_environment(),
      [&](const std::string& file, uint64_t received, std::optional<uint64_t> total) {
        progress.update(
            static_cast<int64_t>(received), static_cast<int64_t>(total.value_or(0)), file);
      });
}

text::Tokenizer load_tokenizer(const std::string& model) {
  const std::filesystem::path path = model_path(model);
  if (std::filesystem::is_directory(path)) {
    return text::Tokenizer::from_json_file(path / "tokenizer.json");
  }
  if (path.extension() == ".json") return text::Tokenizer::from_json_file(path);
  const MappedFile file(path);
  return text::Tokenizer::from_gguf(model::parse_gguf(file.bytes(), path.string()).metadata,
                                    path.string());
}

}  // namespace stratagram::cli
