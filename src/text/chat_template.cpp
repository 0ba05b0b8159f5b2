#include "text/chat_template.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kNames = "chatml, llama3, qwen3, qwen3-no-think, plain";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

void check_roles(const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    if (message.role != "system" && message.role != "user" && message.role != "assistant") {
      fail(ErrorKind::kConfig,
           "chat message: role: wanted system, user or assistant, got '{}'",
           message.role);
    }
  }
}

std::string trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

// The literal that a ChatML template writes as system message when there is none. A template spells
// the line break inside its string as a backslash and an n.
std::string default_system_of(const std::string& jinja) {
  for (const std::string opening : {"<|im_start|>system\\n", "<|im_start|>system\n"}) {
    for (size_t at = jinja.find(opening); at != std::string::npos;
         at = jinja.find(opening, at + 1)) {
      const size_t begin = at + opening.size();
      const size_t end = jinja.find_first_of("<'\"{", begin);
      if (end != std::string::npos && end > begin && jinja.compare(end, 10, "<|im_end|>") == 0) {
        return jinja.substr(begin, end - begin);
      }
    }
  }
  return "";
}

// What Qwen3 keeps of an earlier answer: not its thoughts.
std::string without_thoughts(const std::string& content) {
  const std::string_view end = "</think>";
  const size_t at = content.rfind(end);
  if (at == std::string::npos) return content;
  const size_t begin = content.find_first_not_of('\n', at + end.size());
  return begin == std::string::npos ? "" : content.substr(begin);
}

}  // namespace

ChatTemplate ChatTemplate::named(const std::string& name) {
  for (const char* known : {"chatml", "llama3", "qwen3", "qwen3-no-think", "plain"}) {
    if (name == known) return ChatTemplate(name);
  }
  fail(ErrorKind::kConfig, "chat template: wanted one of {}, got '{}'", kNames, name);
}

ChatTemplate ChatTemplate::recognise(const std::string& jinja, const std::string& where) {
  if (contains(jinja, "<|start_header_id|>") && contains(jinja, "<|eot_id|>")) {
    ChatTemplate llama("llama3");
    llama.dates_ = contains(jinja, "Cutting Knowledge Date");
    return llama;
  }
  if (contains(jinja, "<|im_start|>") && contains(jinja, "<|im_end|>")) {
    if (contains(jinja, "enable_thinking")) return ChatTemplate("qwen3");
    ChatTemplate chatml("chatml");
    chatml.default_system_ = default_system_of(jinja);
    return chatml;
  }
  fail(ErrorKind::kConfig,
       "{}: its chat template is not one of those that are known; choose one by name ({})",
       where,
       kNames);
}

std::string ChatTemplate::render(const std::vector<Message>& messages) const {
  check_roles(messages);
  if (name_ == "plain") {
    std::string text;
    for (const Message& message : messages) text += message.content;
    return text;
  }
  return name_ == "llama3" ? render_llama3(messages) : render_chatml(messages);
}

std::string ChatTemplate::turn_end() const {
  if (name_ == "plain") return "";
  return name_ == "llama3" ? "<|eot_id|>" : "<|im_end|>";
}

std::string ChatTemplate::render_chatml(const std::vector<Message>& messages) const {
  const bool is_qwen3 = name_ != "chatml";
  const bool has_system = !messages.empty() && messages.front().role == "system";
  std::string text;
  const auto add = [&](const std::string& role, const std::string& content) {
    text += fmt::format("<|im_start|>{}\n{}<|im_end|>\n", role, content);
  };
  if (!has_system && !default_system_.empty()) add("system", default_system_);
  for (const Message& message : messages) {
    const bool is_answer = message.role == "assistant";
    add(message.role, is_qwen3 && is_answer ? without_thoughts(message.content) : message.content);
  }
  text += "<|im_start|>assistant\n";
  if (name_ == "qwen3-no-think") text += "<think>\n\n</think>\n\n";
  return text;
}

std::string ChatTemplate::render_llama3(const std::vector<Message>& messages) const {
  std::string text = "<|begin_of_text|>";
  const auto open = [&](const std::string& role) {
    text += fmt::format("<|start_header_id|>{}<|end_header_id|>\n\n", role);
  };
  size_t first = 0;
  if (dates_) {
    open("system");
    text += "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";
    if (!messages.empty() && messages.front().role == "system") {
      text += trimmed(messages.front().content);
      first = 1;
    }
    text += "<|eot_id|>";
  }
  for (size_t i = first; i < messages.size(); ++i) {
    open(messages[i].role);
    text += trimmed(messages[i].content) + "<|eot_id|>";
  }
  open("assistant");
  return text;
}

std::optional<std::string> chat_template_of(const fs::path& folder) {
  const fs::path jinja = folder / "chat_template.jinja";
  if (fs::exists(jinja)) return read_file(jinja);
  const fs::path file = folder / "tokenizer_config.json";
  if (!fs::exists(file)) return std::nullopt;
  const json spec = parse_json_object(read_file(file), file.string());
  const json found = spec.value("chat_template", json());
  if (found.is_string()) return found.get<std::string>();
  if (!found.is_array()) return std::nullopt;
  // A list of named templates; the one called "default" is for plain conversations.
  for (const json& entry : found) {
    if (!entry.is_object()) {
      fail(ErrorKind::kData,
           "{}: chat_template: wanted objects with name and template in the list, got {}",
           file.string(),
           to_json_line(entry));
    }
    const std::string here = file.string() + ": chat_template";
    if (field_of<std::string>(entry, "name", here) == "default") {
      return field_of<std::string>(entry, "template", here);
    }
  }
  return std::nullopt;
}

}  // namespace stratagram::text
