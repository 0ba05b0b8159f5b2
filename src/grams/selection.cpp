#include "grams/selection.h"

#include <unordered_set>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "grams/gram_text.h"

namespace stratagram::grams {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kFormat = 1;

Choice choice_of(const json& row, const std::string& where) {
  Choice choice{
      .text = field_of<std::string>(row, "gram", where),
      .strategic = field_of<bool>(row, "strategic", where),
      .score = optional_field_of<double>(row, "score", where),
      .cluster = optional_field_of<int64_t>(row, "cluster", where).value_or(-1),
      .cluster_name = optional_field_of<std::string>(row, "cluster_name", where).value_or("")};
  check_gram_text(choice.text, where);
  if (const auto role = optional_field_of<std::string>(row, "role", where)) {
    choice.role = role_of(*role, where);
  }
  return choice;
}

ordered_json row_of(const Choice& choice) {
  ordered_json row;
  row["gram"] = choice.text;
  row["strategic"] = choice.strategic;
  if (choice.score) row["score"] = round_significant(*choice.score);
  if (choice.role) row["role"] = role_name(*choice.role);
  if (choice.cluster >= 0) row["cluster"] = choice.cluster;
  if (!choice.cluster_name.empty()) row["cluster_name"] = choice.cluster_name;
  return row;
}

}  // namespace

Selection Selection::load(const std::filesystem::path& file) {
  JsonlReader reader(file);
  const auto head = reader.next();
  if (!head) fail(ErrorKind::kData, "{}: is empty; wanted a selection of grams", file.string());
  const auto format = field_of<int64_t>(*head, "format", reader.where());
  if (format != kFormat) {
    fail(ErrorKind::kData,
         "{}: wanted a selection of format {}, got {}",
         reader.where(),
         kFormat,
         format);
  }
  Selection selection{
      .method = field_of<std::string>(*head, "method", reader.where()),
      .corpus_digest = field_of<std::string>(*head, "corpus_digest", reader.where()),
      .settings = head->value("settings", json::object())};
  std::unordered_set<std::string> seen;
  for (auto row = reader.next(); row; row = reader.next()) {
    selection.choices.push_back(choice_of(*row, reader.where()));
    if (!seen.insert(selection.choices.back().text).second) {
      fail(ErrorKind::kData,
           "{}: '{}' came before; a gram has one line",
           reader.where(),
           selection.choices.back().text);
    }
  }
  return selection;
}

void Selection::save(const std::filesystem::path& file) const {
  check_can_create(file);
  write_file_atomically(file, [&](std::ostream& out) {
    ordered_json head;
    head["format"] = kFormat;
    head["method"] = method;
    head["corpus_digest"] = corpus_digest;
    head["settings"] = settings;
    const auto line = [&](const ordered_json& object) {
      out << object.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << "\n";
    };
    line(head);
    for (const Choice& choice : choices) line(row_of(choice));
  });
}

}  // namespace stratagram::grams
