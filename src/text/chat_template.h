// text/chat_template.h -- how a conversation becomes the text a chat model was trained on. A fixed
// set of formats, recognised from the template that comes with a model; templates are not run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stratagram::text {

struct Message {
  std::string role;  ///< "system", "user" or "assistant"
  std::string content;
};

/// Immutable.
class ChatTemplate {
 public:
  /// chatml, llama3, qwen3, qwen3-no-think or plain (the contents as they are, one after the
  /// other). Throws Error(kConfig) listing them for another name.
  static ChatTemplate named(const std::string& name);

  /// The format of a model's own (Jinja) template, with its default system message if it has one.
  /// Throws Error(kConfig) naming `where` for one that is not known; a name chosen by hand helps.
  static ChatTemplate recognise(const std::string& jinja, const std::string& where);

  /// The prompt, ready for the assistant's turn. Begin-of-text tokens are part of the text. Throws
  /// Error(kConfig) for an unknown role.
  [[nodiscard]] std::string render(const std::vector<Message>& messages) const;

  /// The special token that closes the assistant's turn; empty for plain, which has none of its
  /// own.
  [[nodiscard]] std::string turn_end() const;

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Used when the conversation has no system message; empty for none.
  [[nodiscard]] const std::string& default_system() const { return default_system_; }

 private:
  explicit ChatTemplate(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] std::string render_chatml(const std::vector<Message>& messages) const;
  [[nodiscard]] std::string render_llama3(const std::vector<Message>& messages) const;

  std::string name_;
  std::string default_system_;
  /// Llama 3.1 and later: two lines of dates open the system message. "Today" is the template's own
  /// default, 26 Jul 2024, so that a prompt does not change with the day.
  bool dates_ = false;
};

/// The template of a Hugging Face folder: chat_template.jinja, or `chat_template` of
/// tokenizer_config.json; none when the model has neither. Throws Error(kData) for damaged files.
[[nodiscard]] std::optional<std::string> chat_template_of(const std::filesystem::path& folder);

}  // namespace stratagram::text
