#include "review/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/utf8.h"

namespace stratagram::review {
namespace {

constexpr size_t kMaxContextBytes = 400;

// Foreign text in one cell: no tab, no line break, no other control character.
std::string cell_of(std::string_view text) {
  std::string cell;
  for (const char c : replace_broken_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    cell += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  return cell;
}

// A byte of a UTF-8 character that is not its first.
bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Begins with dots, so that no spreadsheet takes it for a formula.
std::string context_of(const grams::Candidate& candidate) {
  if (candidate.contexts.empty()) return "";
  const grams::Context& context = candidate.contexts.front();
  std::string text = "... " + context.before + ">>" + context.gram + "<<" + context.after;
  if (text.size() > kMaxContextBytes) {
    size_t size = kMaxContextBytes;
    while (size > 0 && is_continuation(text[size])) --size;
    text.resize(size);
  }
  return cell_of(text);
}

std::string decision_cell(const Opinion& opinion, bool is_added) {
  switch (opinion.verdict) {
    case Verdict::kAccepted:
      return is_added ? "add" : "accept";
    case Verdict::kRejected:
      return "reject";
    case Verdict::kMerged:
      return "merge";
    case Verdict::kUndecided:
      break;
  }
  return "";
}

std::vector<std::string> cells_of(const grams::Candidate& candidate,
                                  const Opinion& opinion,
                                  const Votes& votes,
                                  bool is_added) {
  std::vector<std::string> cells = {candidate.text,
                                    decision_cell(opinion, is_added),
                                    opinion.role ? grams::role_name(*opinion.role) : "",
                                    opinion.into,
                                    std::to_string(candidate.document_frequency),
                                    std::to_string(candidate.count),
                                    std::to_string(candidate.problem_frequency),
                                    std::to_string(candidate.problem_text_frequency)};
  const Tally tally = votes.tally(candidate.text);
  for (const std::optional<bool>& strategic : tally.strategic) {
    cells.emplace_back(!strategic ? "" : *strategic ? "yes" : "no");
  }
  cells.push_back(context_of(candidate));
  return cells;
}

}  // namespace

std::string table_of(const grams::CandidateList& candidates,
                     const Votes& votes,
                     const ReviewState& state,
                     const std::string& reviewer) {
  std::vector<std::string> head = {
      "gram", "decision", "role", "into", "documents", "count", "problems", "problem_text"};
  // A method may have the name of a column, or one that a spreadsheet takes for a formula.
  for (const std::string& name : votes.names())
    head.push_back(fmt::format("says {}", cell_of(name)));
  head.emplace_back("context");
  std::string text = fmt::format("{}\n", fmt::join(head, "\t"));
  for (const grams::Candidate& candidate : candidates.candidates) {
    const Opinion opinion = state.opinion(reviewer, candidate.text);
    text += fmt::format("{}\n", fmt::join(cells_of(candidate, opinion, votes, false), "\t"));
  }
  for (const std::string& gram : state.added()) {
    const Opinion opinion = state.opinion(reviewer, gram);
    text += fmt::format("{}\n", fmt::join(cells_of({.text = gram}, opinion, votes, true), "\t"));
  }
  return text;
}

}  // namespace stratagram::review
