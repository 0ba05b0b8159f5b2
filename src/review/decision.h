// review/decision.h -- one thing that a person decided about a gram, as it stands in the log.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "grams/catalogue.h"
#include "review/row_log.h"

namespace stratagram::review {

enum class Action {
  kAccept,  ///< the gram is strategic
  kReject,  ///< it is not
  kRole,    ///< it is strategic, and this is what it does
  kMerge,   ///< it is a piece or a spelling of `into`, and is not listed by itself
  kAdd,     ///< a gram that was not mined is strategic
  kClear,   ///< it is undecided again
  kUndo,    ///< the reviewer's last decision that was not undone is taken back
};

struct Decision {
  std::string time{};      ///< UTC, "2026-01-31T12:00:00Z"
  std::string reviewer{};  ///< who decided
  Action action = Action::kAccept;
  std::string gram{};                 ///< empty for kUndo
  std::optional<grams::Role> role{};  ///< of kRole always, of kAdd perhaps
  std::string into{};                 ///< of kMerge
  friend bool operator==(const Decision&, const Decision&) = default;
};

/// "accept", "reject", "role", "merge", "add", "clear", "undo".
[[nodiscard]] const char* action_name(Action action);

/// The action of that name, or none.
[[nodiscard]] std::optional<Action> action_of(const std::string& name);

/// {"time", "reviewer", "action", "gram", "role", "merged_into"}, what is empty left out.
[[nodiscard]] nlohmann::ordered_json to_json(const Decision& decision);

/// Throws Error(kData) "WHERE: ..." for a field that is missing or of another type, an unknown
/// action or role, and a blank reviewer. That the gram exists is checked by ReviewState.
[[nodiscard]] Decision decision_of(const nlohmann::json& row, const std::string& where);

/// The first line of a log of decisions on the candidates of that corpus.
[[nodiscard]] LogHead decision_log_head(const std::string& corpus_digest);

}  // namespace stratagram::review
