// rollout/policy.h -- a model with everything that turns text into tokens and back.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/records.h"
#include "model/transformer.h"
#include "text/chat_template.h"
#include "text/tokenizer.h"

namespace stratagram::rollout {

struct PolicyOptions {
  std::string dtype = "float32";
  std::string device = "cpu";
  /// A name, or "auto": the model's own, and an error when it is unknown; "plain" when it has none.
  std::string chat_template = "auto";
  /// Draw the weights from this seed instead of reading them; the folder then needs none.
  std::optional<uint64_t> random_weights_seed{};
};

struct Policy {
  model::Transformer model;
  text::Tokenizer tokenizer;
  text::ChatTemplate chat;
  std::vector<int32_t> end_token_ids;
  std::filesystem::path path;  ///< where it was loaded from
  /// Name and content of tokenizer files that are not in `path`, because that is a GGUF file.
  std::map<std::string, std::string> tokenizer_files;

  /// The prompt of one problem: system and user message, rendered and tokenized.
  [[nodiscard]] Prompt prompt(const std::string& problem_id,
                              const std::string& system,
                              const std::string& user) const;

  /// The end token of an answer: the chat template's own, where the model ends a response at it;
  /// otherwise the model's first end token.
  [[nodiscard]] int32_t turn_end_id() const;
};

/// Loads a Hugging Face folder or a GGUF file. Throws Error(kData) for damaged files, a tokenizer
/// with more tokens than the model has rows, and a model without an end token; Error(kConfig) for
/// an unknown template, dtype or device.
[[nodiscard]] Policy load_policy(const std::filesystem::path& path, const PolicyOptions& options);

/// Writes a Hugging Face folder that load_policy() reads: weights in the model's dtype,
/// configuration and tokenizer. The folder must exist. Throws Error(kDevice) on a full disk.
void save_policy(const Policy& policy, const std::filesystem::path& folder);

/// "cpu" or "cuda:N". Throws Error(kConfig) for another text and Error(kDevice) for a device that
/// this build or machine does not have.
[[nodiscard]] at::Device device_of_name(const std::string& name);

/// Throws Error(kDevice), with the number of devices (at least 1), for one beyond them.
void check_device_count(at::Device device, int64_t num_devices);

/// "cuda:0" when there is one, else "cpu".
[[nodiscard]] std::string default_device();

}  // namespace stratagram::rollout
