#include "embed/sentence_folder.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"

namespace stratagram::embed {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct Module {
  std::string kind;  ///< last part of its type
  fs::path folder;
};

std::vector<Module> read_modules(const fs::path& folder) {
  const fs::path file = folder / "modules.json";
  const std::string where = file.string();
  if (!fs::exists(file)) {
    fail(
        ErrorKind::kData,
        "{}: there is no modules.json, which says how token vectors become one; wanted a folder as "
        "sentence-transformers saves it",
        folder.string());
  }
  // The file is a list; what reads objects also bounds its depth.
  const json list = parse_json_object("{\"modules\": " + read_file(file) + "}", where)["modules"];
  if (!list.is_array()) fail(ErrorKind::kData, "{}: wanted a list of modules", where);
  std::vector<Module> modules;
  for (const json& item : list) {
    const auto type = field_of<std::string>(item, "type", where);
    const auto path = field_of<std::string>(item, "path", where);
    if (fs::path(path).is_absolute() || path.find("..") != std::string::npos) {
      fail(ErrorKind::kData, "{}: path '{}': wanted one inside the folder", where, path);
    }
    modules.push_back({.kind = type.substr(type.rfind('.') + 1), .folder = folder / path});
  }
  const auto kind = [&](size_t i) { return i < modules.size() ? modules[i].kind : "none"; };
  if (kind(0) != "Transformer" || kind(1) != "Pooling" || modules.size() > 3 ||
      (modules.size() == 3 && kind(2) != "Normalize")) {
    std::string found;
    for (const Module& module : modules) found += (found.empty() ? "" : ", ") + module.kind;
    fail(ErrorKind::kData,
         "{}: wanted the modules Transformer, Pooling and perhaps Normalize, got: {}; others are "
         "not supported",
         where,
         found);
  }
  return modules;
}

// Older files have a flag for each kind of pooling, newer ones a name.
Pooling read_pooling(const fs::path& folder) {
  const fs::path file = folder / "config.json";
  const std::string where = file.string();
  const json spec = parse_json_object(read_file(file), where);
  std::vector<std::string> modes;
  if (const auto mode = optional_field_of<std::string>(spec, "pooling_mode", where)) {
    modes.push_back(*mode == "mean" ? "mean_tokens" : *mode == "cls" ? "cls_token" : *mode);
  }
  constexpr std::string_view kFlag = "pooling_mode_";
  for (const auto& [key, value] : spec.items()) {
    if (!key.starts_with(kFlag) || !field_of<bool>(spec, key, where)) continue;
    modes.push_back(key.substr(kFlag.size()));
  }
  if (modes == std::vector<std::string>{"mean_tokens"}) return Pooling::kMean;
  if (modes == std::vector<std::string>{"cls_token"}) return Pooling::kFirstToken;
  std::string found;
  for (const std::string& mode : modes) found += (found.empty() ? "" : ", ") + mode;
  fail(ErrorKind::kData,
       "{}: pooling: wanted mean_tokens or cls_token alone, got '{}', which is not supported",
       where,
       found);
}

}  // namespace

SentenceSettings read_sentence_settings(const fs::path& folder) {
  const std::vector<Module> modules = read_modules(folder);
  if (modules[0].folder.lexically_normal() != (folder / "").lexically_normal()) {
    fail(ErrorKind::kData,
         "{}: wanted the Transformer in the folder itself, got '{}'",
         (folder / "modules.json").string(),
         modules[0].folder.string());
  }
  SentenceSettings settings{.pooling = read_pooling(modules[1].folder),
                            .normalize = modules.size() == 3};
  const fs::path file = folder / "sentence_bert_config.json";
  if (!fs::exists(file)) return settings;
  const json spec = parse_json_object(read_file(file), file.string());
  settings.max_tokens = optional_field_of<int64_t>(spec, "max_seq_length", file.string());
  if (optional_field_of<bool>(spec, "do_lower_case", file.string()).value_or(false)) {
    fail(ErrorKind::kData,
         "{}: do_lower_case = true is not supported; a tokenizer that makes letters small says so "
         "in tokenizer.json",
         file.string());
  }
  return settings;
}

}  // namespace stratagram::embed
