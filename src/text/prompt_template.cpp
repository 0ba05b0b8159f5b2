#include "text/prompt_template.h"

#include <nlohmann/json.hpp>

#include "core/config.h"
#include "core/error.h"
#include "core/share.h"
#include "text/problems.h"
#include "text/toml_entry.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;
using Form = PromptTemplate::Form;

Form form_of(const TomlEntry& entry) {
  const std::string form = entry.text("form");
  if (form == "chat") return Form::kChat;
  if (form == "text") return Form::kText;
  entry.refuse("form", "chat or text");
}

bool begin_of(const TomlEntry& entry) {
  const std::string begin = entry.text("begin");
  if (begin != "tokenizer" && begin != "none") entry.refuse("begin", "tokenizer or none");
  return begin == "tokenizer";
}

PromptTemplate template_of(const TomlEntry& entry, const std::string& name) {
  PromptTemplate prompt{.name = name, .source = entry.text("source"), .form = form_of(entry)};
  const char* pattern = "user";
  if (prompt.form == Form::kChat) {
    entry.want_only({"source", "form", "system", "user", "stop"});
    prompt.system = entry.optional_text("system").value_or("");
  } else {
    entry.want_only({"source", "form", "text", "begin", "stop"});
    pattern = "text";
    prompt.begin_of_text = begin_of(entry);
  }
  prompt.user = entry.text(pattern);
  if (!names_the_problem(prompt.user)) entry.refuse(pattern, "{problem} in it");
  if (entry.has("stop")) prompt.stop = entry.texts("stop");
  return prompt;
}

}  // namespace

fs::path templates_file() {
  return share_folder() / "templates.toml";
}

std::vector<PromptTemplate> read_templates(const fs::path& file) {
  std::vector<PromptTemplate> templates;
  read_toml_entries(file, "template", [&](const std::string& name, const TomlEntry& entry) {
    templates.push_back(template_of(entry, name));
  });
  return templates;
}

PromptTemplate find_template(const std::string& name) {
  std::vector<std::string> names;
  for (PromptTemplate& prompt : read_templates(templates_file())) {
    if (prompt.name == name) return std::move(prompt);
    names.push_back(prompt.name);
  }
  fail(ErrorKind::kConfig,
       "no prompt template is called '{}'; did you mean '{}'? {} holds them all",
       name,
       nearest_name(name, names),
       templates_file().string());
}

nlohmann::json to_json(const PromptTemplate& prompt) {
  nlohmann::json value = {{"name", prompt.name}, {"user", prompt.user}};
  if (prompt.form == Form::kChat) {
    value["form"] = "chat";
    value["system"] = prompt.system;
  } else {
    value["form"] = "text";
    value["begin_of_text"] = prompt.begin_of_text;
  }
  return value;
}

}  // namespace stratagram::text
