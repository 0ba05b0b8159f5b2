// Reading the table back: its faults are a person's, so all of them are told at once.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "core/error.h"
#include "core/utf8.h"
#include "review/table.h"

namespace stratagram::review {
namespace {

constexpr size_t kMaxFaults = 50;

struct Row {
  std::string where;
  std::string gram;
  std::string decision;
  std::string role;
  std::string into;
};

// The cells of a line. Throws Error(kData) for a quote that does not close.
std::vector<std::string> split(std::string_view line, const std::string& where) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      const bool is_escaped = c == '"' && i + 1 < line.size() && line[i + 1] == '"';
      if (is_escaped) ++i;
      if (c == '"' && !is_escaped) {
        quoted = false;
      } else {
        cells.back() += c;
      }
    } else if (c == '\t') {
      cells.emplace_back();
    } else if (c == '"' && cells.back().empty()) {
      quoted = true;
    } else {
      cells.back() += c;
    }
  }
  if (quoted) fail(ErrorKind::kData, "{}: a quote (\") is not closed", where);
  return cells;
}

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

class TableReader {
 public:
  TableReader(std::string_view text, std::string name) : rest_(text), name_(std::move(name)) {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
    if (!is_valid_utf8(rest_)) {
      fail(ErrorKind::kData, "{}: is not UTF-8; save the table as tab-separated UTF-8", name_);
    }
    read_head();
  }

  // The next row that is not blank, or none at the end.
  std::optional<Row> next() {
    while (!rest_.empty()) {
      const std::string_view line = take_line();
      if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
      const std::vector<std::string> cells = split(line, where());
      if (cells.size() != num_columns_) {
        fail(ErrorKind::kData, "{}: wanted {} cells, got {}", where(), num_columns_, cells.size());
      }
      const auto cell = [&](size_t column) {
        return places_[column] ? trimmed(cells[*places_[column]]) : "";
      };
      return Row{.where = where(),
                 .gram = cell(0),
                 .decision = lower(cell(1)),
                 .role = lower(cell(2)),
                 .into = cell(3)};
    }
    return std::nullopt;
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  static constexpr std::array<const char*, 4> kColumns = {"gram", "decision", "role", "into"};

  [[nodiscard]] std::string where() const { return fmt::format("{}:{}", name_, line_number_); }

  std::string_view take_line() {
    ++line_number_;
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  void read_head() {
    const std::vector<std::string> head = split(take_line(), where());
    num_columns_ = head.size();
    for (size_t i = 0; i < head.size(); ++i) {
      const auto named = std::ranges::find(kColumns, lower(trimmed(head[i])));
      if (named == kColumns.end()) continue;
      auto& place = places_[named - kColumns.begin()];
      if (place) fail(ErrorKind::kData, "{}: column '{}' came before", where(), *named);
      place = i;
    }
    if (!places_[0] || !places_[1]) {
      fail(ErrorKind::kData,
           "{}: wanted a head line with the columns gram and decision, tabs between them",
           where());
    }
  }

  std::string_view rest_;
  std::string name_;
  int64_t line_number_ = 0;
  size_t num_columns_ = 0;
  std::array<std::optional<size_t>, 4> places_{};
};

// What the row asks for, or none when it leaves the gram as it is. Throws for contradicting cells.
std::optional<Decision> decision_of_row(const Row& row) {
  const auto refuse = [&](const std::string& what) {
    fail(ErrorKind::kData, "{}: '{}': {}", row.where, row.gram, what);
  };
  if (row.gram.empty()) fail(ErrorKind::kData, "{}: wanted a gram, got an empty cell", row.where);
  const bool wants_into = row.decision == "merge";
  if (wants_into && row.into.empty()) refuse("merge wants the other gram under 'into'");
  if (!wants_into && !row.into.empty()) refuse("'into' is for merge only");
  const bool may_have_role = row.decision == "accept" || row.decision == "add";
  if (!may_have_role && !row.role.empty()) refuse("'role' is for accept and add only");

  Decision decision{.gram = row.gram, .into = row.into};
  if (!row.role.empty()) decision.role = grams::role_of(row.role, row.where);
  if (row.decision.empty()) return std::nullopt;
  if (row.decision == "accept") {
    decision.action = decision.role ? Action::kRole : Action::kAccept;
  } else if (row.decision == "undecided") {
    decision.action = Action::kClear;
  } else if (row.decision == "reject") {
    decision.action = Action::kReject;
  } else if (row.decision == "merge") {
    decision.action = Action::kMerge;
  } else if (row.decision == "add") {
    decision.action = Action::kAdd;
  } else {
    refuse(fmt::format("wanted accept, reject, merge, add, undecided or nothing, got '{}'",
                       row.decision));
  }
  return decision;
}

bool holds_already(const Decision& decision, const Opinion& opinion) {
  switch (decision.action) {
    case Action::kAccept:
      return opinion.verdict == Verdict::kAccepted;
    case Action::kRole:
      return opinion.verdict == Verdict::kAccepted && opinion.role == decision.role;
    case Action::kAdd:
      return opinion.verdict == Verdict::kAccepted &&
             (!decision.role || opinion.role == decision.role);
    case Action::kReject:
      return opinion.verdict == Verdict::kRejected;
    case Action::kMerge:
      return opinion.verdict == Verdict::kMerged && opinion.into == decision.into;
    case Action::kClear:
      return opinion.verdict == Verdict::kUndecided;
    case Action::kUndo:
      break;
  }
  return false;
}

class Faults {
 public:
  // Runs `work` and keeps what it complains of.
  template <typename Work>
  void collect(Work&& work) {
    try {
      work();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kData) throw;
      faults_.emplace_back(error.what());
    }
  }

  void throw_if_any(const std::string& name) const {
    if (faults_.empty()) return;
    std::string text = fmt::format("{}: {} faults, so nothing was decided:", name, faults_.size());
    for (size_t i = 0; i < std::min(faults_.size(), kMaxFaults); ++i) text += "\n  " + faults_[i];
    if (faults_.size() > kMaxFaults) {
      text += fmt::format("\n  and {} more", faults_.size() - kMaxFaults);
    }
    fail(ErrorKind::kData, "{}", text);
  }

 private:
  std::vector<std::string> faults_;
};

struct Asked {
  Decision decision;
  std::string where;
};

std::vector<Asked> asked_for(TableReader& reader, Faults& faults) {
  std::vector<Asked> asked;
  std::unordered_map<std::string, std::string> seen;
  while (!reader.at_end()) {
    faults.collect([&] {
      const std::optional<Row> row = reader.next();
      if (!row) return;
      const std::optional<Decision> decision = decision_of_row(*row);
      const auto [earlier, is_new] = seen.emplace(row->gram, row->where);
      if (!is_new) {
        fail(ErrorKind::kData,
             "{}: '{}' came before, at {}",
             row->where,
             row->gram,
             earlier->second);
      }
      if (decision) asked.push_back({*decision, row->where});
    });
  }
  // A gram may be merged into one that a later line adds.
  std::ranges::stable_partition(
      asked, [](const Asked& one) { return one.decision.action == Action::kAdd; });
  return asked;
}

// An added gram that has another opinion now changes it like any other.
Decision fitting(Decision decision, const Opinion& opinion) {
  if (decision.action == Action::kAdd && opinion.verdict != Verdict::kUndecided) {
    decision.action = decision.role ? Action::kRole : Action::kAccept;
  }
  return decision;
}

}  // namespace

std::vector<Decision> decisions_of_table(std::string_view text,
                                         const std::string& name,
                                         const ReviewState& state,
                                         const std::string& reviewer) {
  Faults faults;
  TableReader reader(text, name);
  ReviewState after = state;
  std::vector<Decision> decisions;
  for (const Asked& asked : asked_for(reader, faults)) {
    faults.collect([&] {
      const Opinion opinion = after.opinion(reviewer, asked.decision.gram);
      if (after.knows(asked.decision.gram) && holds_already(asked.decision, opinion)) return;
      Decision decision = fitting(asked.decision, opinion);
      decision.reviewer = reviewer;
      after.apply(decision, asked.where);
      decisions.push_back(std::move(decision));
    });
  }
  faults.throw_if_any(name);
  return decisions;
}

}  // namespace stratagram::review
