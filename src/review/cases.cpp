#include "review/cases.h"

#include <algorithm>
#include <utility>

#include "core/digest.h"
#include "core/error.h"
#include "core/jsonl.h"
#include "review/signature.h"

namespace stratagram::review {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kFormat = 1;

LogHead head_of(const CaseList& list) {
  LogHead head;
  head["log"] = "answers on " + list.what;
  head["format"] = kFormat;
  head["cases"] = list.digest();
  return head;
}

}  // namespace

std::string CaseList::digest() const {
  ordered_json all = {what, question};
  for (const CaseOption& option : options) all.push_back({option.name, option.text});
  for (const Case& one : cases) {
    ordered_json parts = ordered_json::array();
    for (const CasePart& part : one.parts) parts.push_back({part.title, part.text});
    all.push_back({one.id, std::move(parts)});
  }
  return sha256(all.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

CaseDesk::CaseDesk(const CaseList& list, const std::filesystem::path& log, std::string reviewer)
    : list_(&list),
      reviewer_(checked_reviewer(std::move(reviewer))),
      log_(log, head_of(list), replaying()) {}

TakeRow CaseDesk::replaying() {
  STRATAGRAM_CHECK(list_->options.size() >= 2 && list_->options.size() <= 9,
                   "cases: {} options",
                   list_->options.size());
  for (size_t i = 0; i < list_->cases.size(); ++i) {
    STRATAGRAM_CHECK(places_.emplace(list_->cases[i].id, i).second,
                     "cases: two of the id '{}'",
                     list_->cases[i].id);
  }
  return [this](const json& line, const std::string& where) {
    Row row{.reviewer = field_of<std::string>(line, "reviewer", where),
            .action = field_of<std::string>(line, "action", where)};
    if (row.action != "undo") row.id = field_of<std::string>(line, "case", where);
    if (row.action == "answer") row.option = field_of<std::string>(line, "answer", where);
    check(row, where);
    (void)apply(row, where);
  };
}

size_t CaseDesk::option_of(const std::string& name, const std::string& where) const {
  const auto found = std::ranges::find(list_->options, name, &CaseOption::name);
  if (found == list_->options.end()) {
    fail(ErrorKind::kData, "{}: '{}' is no option of the question", where, name);
  }
  return static_cast<size_t>(found - list_->options.begin());
}

void CaseDesk::check(const Row& row, const std::string& where) const {
  if (row.action == "undo") {
    const auto ledger = ledgers_.find(row.reviewer);
    if (ledger == ledgers_.end() || ledger->second.changes.empty()) {
      fail(ErrorKind::kData, "{}: '{}' has no answer left to take back", where, row.reviewer);
    }
    return;
  }
  if (row.action != "answer" && row.action != "clear") {
    fail(ErrorKind::kData,
         "{}: field 'action': wanted answer, clear or undo, got '{}'",
         where,
         row.action);
  }
  if (!places_.contains(row.id)) fail(ErrorKind::kData, "{}: no case '{}'", where, row.id);
  if (row.action == "answer") (void)option_of(row.option, where);
}

std::string CaseDesk::apply(const Row& row, const std::string& where) {
  if (!ledgers_.contains(row.reviewer)) reviewers_.push_back(row.reviewer);
  Ledger& ledger = ledgers_[row.reviewer];
  std::optional<size_t> after;
  std::string id = row.id;
  if (row.action == "undo") {
    id = ledger.changes.back().id;
    after = ledger.changes.back().before;
    ledger.changes.pop_back();
  } else {
    const auto held = ledger.answers.find(id);
    const auto before =
        held == ledger.answers.end() ? std::nullopt : std::optional<size_t>(held->second);
    ledger.changes.push_back({.id = id, .before = before});
    if (row.action == "answer") after = option_of(row.option, where);
  }
  if (after) {
    ledger.answers[id] = *after;
  } else {
    ledger.answers.erase(id);
  }
  return id;
}

std::string CaseDesk::decide(Row row) {
  row.reviewer = reviewer_;
  check(row, "review");
  ordered_json line;
  line["time"] = utc_now();
  line["reviewer"] = row.reviewer;
  line["action"] = row.action;
  if (!row.id.empty()) line["case"] = row.id;
  if (!row.option.empty()) line["answer"] = row.option;
  log_.append({line});
  return apply(row, "review");
}

std::string CaseDesk::answer(const std::string& id, const std::string& option) {
  return decide({.action = "answer", .id = id, .option = option});
}

std::string CaseDesk::clear(const std::string& id) {
  return decide({.action = "clear", .id = id});
}

std::string CaseDesk::undo() {
  return decide({.action = "undo"});
}

const CaseAnswers& CaseDesk::answers(const std::string& reviewer) const {
  static const CaseAnswers none;
  const auto ledger = ledgers_.find(reviewer);
  return ledger == ledgers_.end() ? none : ledger->second.answers;
}

}  // namespace stratagram::review
