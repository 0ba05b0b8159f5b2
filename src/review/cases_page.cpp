#include "review/cases_page.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/jsonl.h"
#include "review/page_files.h"

namespace stratagram::review {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kHtml =
#include <assets/cases_html.inc>
    ;
constexpr std::string_view kScript =
#include <assets/cases_js.inc>
    ;

class CasesPage {
 public:
  explicit CasesPage(CaseDesk& desk) : desk_(&desk) {
    for (const Case& one : list().cases) {
      numbers_.emplace(one.id, static_cast<int64_t>(numbers_.size()));
    }
  }

  [[nodiscard]] ordered_json start() const {
    ordered_json start;
    start["what"] = list().what;
    start["question"] = list().question;
    start["options"] = ordered_json::array();
    for (const CaseOption& option : list().options) {
      start["options"].push_back({{"name", option.name}, {"text", option.text}});
    }
    start["reviewer"] = desk_->reviewer();
    start["log"] = desk_->log().string();
    start["progress"] = progress();
    return start;
  }

  [[nodiscard]] ordered_json ids(const json& request) const {
    const auto show = optional_field_of<std::string>(request, "show", "request").value_or("all");
    const auto search = optional_field_of<std::string>(request, "search", "request").value_or("");
    if (show != "all" && show != "open" && show != "answered" && show != "disputed") {
      fail(ErrorKind::kData,
           "request: field 'show': '{}' is none of all, open, answered, disputed",
           show);
    }
    ordered_json answer;
    answer["ids"] = ordered_json::array();
    for (size_t i = 0; i < list().cases.size(); ++i) {
      if (shows(list().cases[i], show) && holds(list().cases[i], search))
        answer["ids"].push_back(i);
    }
    answer["progress"] = progress();
    return answer;
  }

  [[nodiscard]] ordered_json row(int64_t number) const {
    const Case& one = at(number);
    ordered_json row;
    row["id"] = number;
    row["heading"] = one.heading;
    row["answer"] = name_or_null(answer_of(desk_->reviewer(), one.id));
    row["others"] = ordered_json::array();
    if (row["answer"].is_null()) return row;
    for (const std::string& reviewer : desk_->reviewers()) {
      const auto theirs = answer_of(reviewer, one.id);
      if (reviewer == desk_->reviewer() || !theirs) continue;
      row["others"].push_back({{"reviewer", reviewer}, {"answer", name_or_null(theirs)}});
    }
    return row;
  }

  [[nodiscard]] ordered_json parts(const json& request) const {
    ordered_json answer;
    answer["parts"] = ordered_json::array();
    for (const CasePart& part : at(field_of<int64_t>(request, "id", "request")).parts) {
      answer["parts"].push_back(ordered_json::array({part.title, part.text}));
    }
    return answer;
  }

  [[nodiscard]] ordered_json decide(const json& request) const {
    const auto action = field_of<std::string>(request, "action", "request");
    std::string changed;
    if (action == "undo") {
      changed = desk_->undo();
    } else {
      const Case& one = at(field_of<int64_t>(request, "id", "request"));
      if (action == "answer") {
        changed = desk_->answer(one.id, field_of<std::string>(request, "answer", "request"));
      } else if (action == "clear") {
        changed = desk_->clear(one.id);
      } else {
        fail(ErrorKind::kData,
             "request: field 'action': wanted answer, clear or undo, got '{}'",
             action);
      }
    }
    ordered_json answer;
    answer["row"] = row(numbers_.at(changed));
    answer["progress"] = progress();
    return answer;
  }

 private:
  [[nodiscard]] const CaseList& list() const { return desk_->list(); }

  [[nodiscard]] const Case& at(int64_t number) const {
    if (number < 0 || number >= static_cast<int64_t>(list().cases.size())) {
      fail(
          ErrorKind::kData, "no case has the number {}; there are {}", number, list().cases.size());
    }
    return list().cases[static_cast<size_t>(number)];
  }

  [[nodiscard]] std::optional<size_t> answer_of(const std::string& reviewer,
                                                const std::string& id) const {
    const CaseAnswers& answers = desk_->answers(reviewer);
    const auto found = answers.find(id);
    return found == answers.end() ? std::nullopt : std::optional<size_t>(found->second);
  }

  [[nodiscard]] ordered_json name_or_null(const std::optional<size_t>& option) const {
    return option ? ordered_json(list().options[*option].name) : ordered_json();
  }

  [[nodiscard]] bool shows(const Case& one, const std::string& show) const {
    const auto mine = answer_of(desk_->reviewer(), one.id);
    if (show == "all") return true;
    if (show == "open") return !mine;
    if (show == "answered") return mine.has_value();
    return mine && std::ranges::any_of(desk_->reviewers(), [&](const std::string& reviewer) {
             const auto theirs = answer_of(reviewer, one.id);
             return theirs && *theirs != *mine;
           });
  }

  static bool holds(const Case& one, const std::string& search) {
    return one.heading.find(search) != std::string::npos ||
           std::ranges::any_of(one.parts, [&](const CasePart& part) {
             return part.text.find(search) != std::string::npos;
           });
  }

  [[nodiscard]] ordered_json agreement_with(const std::string& reviewer) const {
    std::vector<int64_t> first;
    std::vector<int64_t> second;
    for (const auto& [id, mine] : desk_->answers(desk_->reviewer())) {
      const auto theirs = answer_of(reviewer, id);
      if (!theirs) continue;
      first.push_back(static_cast<int64_t>(mine));
      second.push_back(static_cast<int64_t>(*theirs));
    }
    return agreement_row(reviewer, "reviewer", first, second);
  }

  [[nodiscard]] ordered_json progress() const {
    ordered_json progress;
    progress["total"] = list().cases.size();
    progress["answered"] = desk_->answers(desk_->reviewer()).size();
    progress["agreement"] = ordered_json::array();
    for (const std::string& reviewer : desk_->reviewers()) {
      if (reviewer != desk_->reviewer()) {
        progress["agreement"].push_back(agreement_with(reviewer));
      }
    }
    return progress;
  }

  CaseDesk* desk_;
  std::unordered_map<std::string, int64_t> numbers_;
};

}  // namespace

Page cases_page(CaseDesk& desk) {
  const auto cases = std::make_shared<const CasesPage>(desk);
  Page page{.html = kHtml, .files = frame_files()};
  page.files["/cases.js"] = {.text = kScript, .type = "text/javascript"};
  page.calls["/api/start"] = [cases](const json&) { return cases->start(); };
  page.calls["/api/list"] = [cases](const json& request) { return cases->ids(request); };
  page.calls["/api/rows"] = [cases](const json& request) {
    ordered_json answer;
    answer["rows"] = ordered_json::array();
    for (const int64_t number : asked_rows(request)) answer["rows"].push_back(cases->row(number));
    return answer;
  };
  page.calls["/api/case"] = [cases](const json& request) { return cases->parts(request); };
  page.calls["/api/decide"] = [cases](const json& request) { return cases->decide(request); };
  return page;
}

}  // namespace stratagram::review
