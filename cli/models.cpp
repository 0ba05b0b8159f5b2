// stratagram models: what a model folder or GGUF file holds.
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/model_option.h"
#include "model/hf_config.h"

namespace stratagram::cli {
namespace {

void line(const char* what, const std::string& value) {
  std::cout << fmt::format("{:<16}{}\n", what, value);
}

void run(const std::string& name) {
  const rollout::Policy policy = rollout::load_policy(model_path(name), {});
  const model::ModelConfig& config = policy.model.config();
  line("path", policy.path.string());
  line("family", model::family_name(config.family));
  line("parameters", fmt::format("{}", policy.model.num_parameters()));
  line("layers", fmt::format("{}", config.num_layers));
  line("width", fmt::format("{}, MLP {}", config.width, config.mlp_width));
  line("heads",
       fmt::format("{} query, {} key and value, width {}",
                   config.num_heads,
                   config.num_kv_heads,
                   config.head_width));
  line("positions",
       fmt::format("{} (RoPE base {}, scaling {})",
                   config.max_positions,
                   config.rope_theta,
                   config.rope.kind));
  line("vocabulary",
       fmt::format("{} rows, {} tokens, head {}",
                   config.vocab_size,
                   policy.tokenizer.vocab_size(),
                   config.tied_head ? "tied" : "apart"));
  line("chat template", policy.chat.name());
  std::string ends;
  for (const int32_t id : policy.end_token_ids) {
    ends +=
        fmt::format("{}{} ({})", ends.empty() ? "" : ", ", id, policy.tokenizer.token_bytes(id));
  }
  line("end tokens", ends);
}

}  // namespace

void add_models(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("models", "what a model folder or GGUF file holds");
  command->group("Look up");
  command->add_option("M", *name, "Hugging Face folder, .gguf file or hub:owner/name")->required();
  command->footer(footer_of("", {.examples = {"stratagram models data/models/lab"}}));
  command->callback([name] { run(*name); });
}

}  // namespace stratagram::cli
