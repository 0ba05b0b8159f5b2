// review/cases.h -- a person answers one multiple-choice question about each of many cases: why a
// response failed, say. Every answer is in a log at once, and what holds is its replay.
//
// The log is JSON Lines: a head that names the cases by their digest, then a line an answer with
// time, reviewer, action ("answer", "clear" or "undo"), case and answer, the name of an option.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "review/row_log.h"

namespace stratagram::review {

/// A text with what to call it, e.g. {"problem", "What is 2 + 2?"}.
struct CasePart {
  std::string title{};
  std::string text{};
};

struct Case {
  std::string id{};       ///< unlike that of any other case
  std::string heading{};  ///< for the list, e.g. "step 100, problem 17"
  std::vector<CasePart> parts{};
};

struct CaseOption {
  std::string name{};  ///< in the log and in results
  std::string text{};  ///< what the reviewer reads
};

struct CaseList {
  std::string what{};  ///< of what the cases are, e.g. "failed responses"; the log names it
  std::string question{};
  std::vector<CaseOption> options{};  ///< 2 to 9
  std::vector<Case> cases{};

  /// SHA-256 over all of it.
  [[nodiscard]] std::string digest() const;
};

/// Number of an option, by case id; cases without an answer are absent.
using CaseAnswers = std::unordered_map<std::string, size_t>;

/// Answers of all reviewers, and a log that this one's are appended to. Owns the log while it
/// lives. Not thread-safe; the list outlives it.
class CaseDesk {
 public:
  /// Throws like RowLog for the log; Error(kConfig) for a blank reviewer; Error(kInternal) for two
  /// cases of one id and for fewer than 2 or more than 9 options.
  CaseDesk(const CaseList& list, const std::filesystem::path& log, std::string reviewer);

  /// Each returns the id of the case whose answer changed. Throws Error(kData) and changes nothing
  /// for a case or an option that is not there, and for an undo without anything to take back;
  /// Error(kDevice) where the log cannot be written.
  std::string answer(const std::string& id, const std::string& option);
  std::string clear(const std::string& id);
  std::string undo();

  /// Of any reviewer.
  [[nodiscard]] const CaseAnswers& answers(const std::string& reviewer) const;

  /// Those who ever answered, in the order of their first answer.
  [[nodiscard]] std::span<const std::string> reviewers() const { return reviewers_; }
  [[nodiscard]] const std::string& reviewer() const { return reviewer_; }
  [[nodiscard]] const CaseList& list() const { return *list_; }
  [[nodiscard]] const std::filesystem::path& log() const { return log_.path(); }

 private:
  struct Row {
    std::string reviewer{};
    std::string action{};
    std::string id{};
    std::string option{};
  };
  struct Change {
    std::string id;
    std::optional<size_t> before;
  };
  struct Ledger {  ///< of one reviewer
    CaseAnswers answers;
    std::vector<Change> changes;
  };
  std::string decide(Row row);
  void check(const Row& row, const std::string& where) const;
  std::string apply(const Row& row, const std::string& where);
  [[nodiscard]] size_t option_of(const std::string& name, const std::string& where) const;
  [[nodiscard]] TakeRow replaying();

  const CaseList* list_;
  std::string reviewer_;
  std::unordered_map<std::string, size_t> places_;  ///< of the cases
  std::map<std::string, Ledger> ledgers_;
  std::vector<std::string> reviewers_;
  RowLog log_;
};

}  // namespace stratagram::review
