// text/prompt_template.h -- how a problem is asked: named wordings of data/templates.toml, whose
// head says what each key means.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace stratagram::text {

struct PromptTemplate {
  enum class Form {
    kChat,  ///< `system` and `user` are messages, written by the model's chat template
    kText,  ///< `user` is the whole prompt
  };
  std::string name = "plain";
  std::string source{};  ///< of the wording
  Form form = Form::kChat;
  std::string system{};            ///< chat: empty for no system message of our own
  std::string user = "{problem}";  ///< as fill_prompt() takes it
  bool begin_of_text = false;  ///< text: let the tokenizer put its begin-of-text token before it
  std::vector<std::string> stop{};
};

/// templates.toml among the files that come with the program. Throws like share_folder().
[[nodiscard]] std::filesystem::path templates_file();

/// In the order of their names. Throws Error: kData when the file cannot be read, kConfig
/// "FILE:LINE: template 'x': key 'y': ..." for an unknown, missing or senseless value.
[[nodiscard]] std::vector<PromptTemplate> read_templates(const std::filesystem::path& file);

/// The template of that name in templates_file(). Throws Error(kConfig) with the nearest name.
[[nodiscard]] PromptTemplate find_template(const std::string& name);

/// What decides the prompt: everything but the source.
[[nodiscard]] nlohmann::json to_json(const PromptTemplate& prompt);

}  // namespace stratagram::text
