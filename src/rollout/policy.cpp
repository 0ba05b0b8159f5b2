#include "rollout/policy.h"

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "model/hf_config.h"
#include "model/weights.h"
#include "text/gguf_files.h"

namespace stratagram::rollout {
namespace {

text::Tokenizer tokenizer_of(const model::LoadedModel& loaded) {
  if (!loaded.gguf_metadata.is_null()) {
    return text::Tokenizer::from_gguf(loaded.gguf_metadata, loaded.path.string());
  }
  const std::filesystem::path file = loaded.path / "tokenizer.json";
  if (!std::filesystem::exists(file)) {
    fail(ErrorKind::kData,
         "{}: has no tokenizer.json; save the tokenizer beside the model (other formats are not "
         "read)",
         loaded.path.string());
  }
  return text::Tokenizer::from_json_file(file);
}

std::optional<std::string> jinja_of(const model::LoadedModel& loaded) {
  if (!loaded.gguf_metadata.is_null()) {
    return optional_field_of<std::string>(
        loaded.gguf_metadata, "tokenizer.chat_template", loaded.path.string());
  }
  return text::chat_template_of(loaded.path);
}

text::ChatTemplate chat_of(const model::LoadedModel& loaded, const std::string& wanted) {
  if (wanted != "auto") {
    // The model's own default system message belongs to its template, whatever it is called.
    text::ChatTemplate named = text::ChatTemplate::named(wanted);
    if (wanted != "chatml" && wanted != "llama3") return named;
    const auto jinja = jinja_of(loaded);
    if (!jinja) return named;
    try {
      text::ChatTemplate own = text::ChatTemplate::recognise(*jinja, loaded.path.string());
      return own.name() == wanted ? own : named;
    } catch (const Error&) {
      return named;  // an unknown template is why one was named
    }
  }
  const auto jinja = jinja_of(loaded);
  if (!jinja) return text::ChatTemplate::named("plain");
  return text::ChatTemplate::recognise(*jinja, loaded.path.string());
}

model::LoadedModel without_weights(const std::filesystem::path& path,
                                   at::ScalarType dtype,
                                   uint64_t seed) {
  model::LoadedModel loaded;
  loaded.config = model::read_hf_config(path);
  loaded.path = path;
  loaded.weights = model::random_weights(loaded.config, seed, dtype);
  return loaded;
}

void check_fit(const model::LoadedModel& loaded,
               const text::Tokenizer& tokenizer,
               const std::vector<int32_t>& ends) {
  if (tokenizer.vocab_size() > loaded.config.vocab_size) {
    fail(ErrorKind::kData,
         "{}: the tokenizer has {} tokens, the model's embedding {} rows; they do not belong "
         "together",
         loaded.path.string(),
         tokenizer.vocab_size(),
         loaded.config.vocab_size);
  }
  if (ends.empty()) {
    fail(ErrorKind::kData,
         "{}: wanted an end token (eos_token_id in config.json or generation_config.json), found "
         "none; no response could end",
         loaded.path.string());
  }
  for (const int32_t id : ends) (void)tokenizer.token_bytes(id);
}

}  // namespace

Prompt Policy::prompt(const std::string& problem_id,
                      const std::string& system,
                      const std::string& user) const {
  std::vector<text::Message> messages;
  if (!system.empty()) messages.push_back({"system", system});
  messages.push_back({"user", user});
  Prompt prompt{.problem_id = problem_id, .text = chat.render(messages), .token_ids = {}};
  // A chat template writes its own begin-of-text token; a plain text gets what the tokenizer adds.
  prompt.token_ids = tokenizer.encode(prompt.text, chat.name() == "plain").ids;
  return prompt;
}

int32_t Policy::turn_end_id() const {
  const auto own = tokenizer.id_of(chat.turn_end());
  // Rollouts would go on after a token that is not among the model's end tokens.
  const bool ends = own && std::ranges::find(end_token_ids, *own) != end_token_ids.end();
  return ends ? *own : end_token_ids.front();
}

Policy load_policy(const std::filesystem::path& path, const PolicyOptions& options) {
  const at::Device device = device_of_name(options.device);
  const at::ScalarType dtype = model::dtype_of_name(options.dtype);
  model::LoadedModel loaded = options.random_weights_seed
                                  ? without_weights(path, dtype, *options.random_weights_seed)
                                  : model::load_model_files(path, dtype);
  text::Tokenizer tokenizer = tokenizer_of(loaded);
  text::ChatTemplate chat = chat_of(loaded, options.chat_template);
  std::vector<int32_t> ends = loaded.config.end_token_ids;
  check_fit(loaded, tokenizer, ends);
  for (auto& [name, tensor] : loaded.weights) tensor = tensor.to(device);
  return {
      .model = model::Transformer(std::move(loaded.config), std::move(loaded.weights)),
      .tokenizer = std::move(tokenizer),
      .chat = std::move(chat),
      .end_token_ids = std::move(ends),
      .path = path,
      .tokenizer_files = loaded.gguf_metadata.is_null()
                             ? std::map<std::string, std::string>()
                             : text::tokenizer_files_of_gguf(loaded.gguf_metadata, path.string())};
}

void save_policy(const Policy& policy, const std::filesystem::path& folder) {
  const bool has_files = policy.tokenizer_files.empty();
  model::save_hf_folder(
      folder,
      policy.model.config(),
      policy.model.weights(),
      {.dtype = policy.model.dtype(), .tokenizer_from = has_files ? policy.path : ""});
  for (const auto& [name, content] : policy.tokenizer_files) {
    write_file_atomically(folder / name, content);
  }
}

at::Device device_of_name(const std::string& name) {
  std::optional<at::Device> device;
  try {
    device = at::Device(name);
  } catch (const c10::Error&) {
    device.reset();
  }
  if (!device || !(device->is_cpu() || device->is_cuda())) {
    fail(ErrorKind::kConfig, "device: wanted cpu or cuda:N, got '{}'", name);
  }
  if (device->is_cuda() && !at::hasCUDA()) {
    fail(ErrorKind::kDevice,
         "device {}: this build of libtorch or this machine has no CUDA; take cpu, or build with a "
         "CUDA wheel of torch (-DSTRATAGRAM_TORCH_DIR)",
         name);
  }
  if (device->is_cuda()) check_device_count(*device, at::accelerator::deviceCount());
  return *device;
}

void check_device_count(at::Device device, int64_t num_devices) {
  const int64_t index = device.has_index() ? device.index() : 0;
  if (index < num_devices) return;
  fail(ErrorKind::kDevice,
       "device {}: this machine has {} CUDA device{}, so wanted cuda:N with N from 0 to {}",
       device.str(),
       num_devices,
       num_devices == 1 ? "" : "s",
       num_devices - 1);
}

std::string default_device() {
  return at::hasCUDA() ? "cuda:0" : "cpu";
}

}  // namespace stratagram::rollout
