// cli/model_option.h -- the options of every command that loads a model.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "rollout/policy.h"
#include "text/tokenizer.h"

namespace stratagram::cli {

struct ModelOption {
  std::string model;
  std::string device;  ///< empty: the default
  std::string dtype = "float32";
  std::string chat_template = "auto";

  /// Declares --model, --device, --dtype and --chat-template.
  void add_to(CLI::App& command);

  /// Loads what was asked for, and logs what and where.
  [[nodiscard]] rollout::Policy load() const;

  /// What results depend on besides prompts and sampling: digest of the model, chat template,
  /// dtype, device and number of threads. `policy` is what load() gave; its files are read again.
  [[nodiscard]] nlohmann::json conditions(const rollout::Policy& policy) const;
};

/// Of a file, or of the names and digests of a folder's weights, configuration and tokenizer.
[[nodiscard]] std::string model_digest(const std::filesystem::path& path);

/// The folder or file that a model's name stands for; "hub:owner/name" is fetched first.
[[nodiscard]] std::filesystem::path model_path(const std::string& name);

/// The tokenizer of a model by name; `model` may also be a tokenizer.json. Throws Error(kData).
[[nodiscard]] text::Tokenizer load_tokenizer(const std::string& model);

}  // namespace stratagram::cli
