#include "review/decision.h"

#include <array>

#include "core/error.h"
#include "core/jsonl.h"
#include "grams/normaliser.h"

namespace stratagram::review {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr std::array<const char*, 7> kActions = {
    "accept", "reject", "role", "merge", "add", "clear", "undo"};

}  // namespace

const char* action_name(Action action) {
  return kActions[static_cast<size_t>(action)];
}

std::optional<Action> action_of(const std::string& name) {
  for (size_t i = 0; i < kActions.size(); ++i) {
    if (name == kActions[i]) return static_cast<Action>(i);
  }
  return std::nullopt;
}

ordered_json to_json(const Decision& decision) {
  ordered_json row;
  row["time"] = decision.time;
  row["reviewer"] = decision.reviewer;
  row["action"] = action_name(decision.action);
  if (!decision.gram.empty()) row["gram"] = decision.gram;
  if (decision.role) row["role"] = grams::role_name(*decision.role);
  if (!decision.into.empty()) row["merged_into"] = decision.into;
  return row;
}

Decision decision_of(const json& row, const std::string& where) {
  const auto name = field_of<std::string>(row, "action", where);
  const auto action = action_of(name);
  if (!action) {
    fail(ErrorKind::kData,
         "{}: field 'action': wanted accept, reject, role, merge, add, clear or undo, got '{}'",
         where,
         name);
  }
  Decision decision{.time = field_of<std::string>(row, "time", where),
                    .reviewer = field_of<std::string>(row, "reviewer", where),
                    .action = *action};
  if (decision.reviewer.empty()) fail(ErrorKind::kData, "{}: field 'reviewer': is empty", where);
  if (*action != Action::kUndo) decision.gram = field_of<std::string>(row, "gram", where);
  if (*action == Action::kRole || *action == Action::kAdd) {
    const auto role = optional_field_of<std::string>(row, "role", where);
    if (role) decision.role = grams::role_of(*role, where);
    if (!role && *action == Action::kRole) {
      fail(ErrorKind::kData, "{}: field 'role': wanted a role, got nothing", where);
    }
  }
  if (*action == Action::kMerge) decision.into = field_of<std::string>(row, "merged_into", where);
  return decision;
}

LogHead decision_log_head(const std::string& corpus_digest) {
  LogHead head;
  head["log"] = "gram decisions";
  head["format"] = kFormat;
  head["normaliser"] = grams::kNormaliserVersion;
  head["corpus_digest"] = corpus_digest;
  return head;
}

}  // namespace stratagram::review
