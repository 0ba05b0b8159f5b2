#include "review/grams_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.h"
#include "core/jsonl.h"
#include "review/page_files.h"

namespace stratagram::review {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr size_t kMaxMatches = 12;

constexpr std::string_view kHtml =
#include <assets/grams_html.inc>
    ;
constexpr std::string_view kScript =
#include <assets/grams_js.inc>
    ;

// The place of a word among `words`. Throws Error(kData) with all of them.
template <size_t N>
size_t place_of(const json& request, const char* key, const std::array<const char*, N>& words) {
  const auto word = optional_field_of<std::string>(request, key, "request").value_or(words[0]);
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) {
    fail(ErrorKind::kData,
         "request: field '{}': '{}' is none of {}",
         key,
         word,
         fmt::join(words, ", "));
  }
  return static_cast<size_t>(found - words.begin());
}

ListQuery query_of(const json& request) {
  static constexpr std::array<const char*, 3> kOrders = {"documents", "disagreement", "text"};
  static constexpr std::array<const char*, 6> kShows = {
      "all", "undecided", "accepted", "rejected", "merged", "disputed"};
  return {.order = static_cast<Order>(place_of(request, "order", kOrders)),
          .show = static_cast<Show>(place_of(request, "show", kShows)),
          .search = optional_field_of<std::string>(request, "search", "request").value_or("")};
}

ordered_json rows_of(const Board& board, const std::vector<int64_t>& numbers) {
  ordered_json rows = ordered_json::array();
  for (const int64_t number : numbers) rows.push_back(board.row(number));
  return {{"rows", std::move(rows)}};
}

Decision decision_asked(const json& request) {
  json row = request;
  row["time"] = "";
  row["reviewer"] = "page";  // the desk signs with who and when
  return decision_of(row, "request");
}

ordered_json start(const Board& board) {
  ordered_json start;
  start["reviewer"] = board.desk().reviewer();
  start["log"] = board.desk().log().string();
  start["selections"] =
      json(std::vector<std::string>(board.votes().names().begin(), board.votes().names().end()));
  start["roles"] = {"deduction", "branching", "backtracing", "other"};
  start["progress"] = board.progress();
  return start;
}

}  // namespace

Page grams_page(Board& board) {
  Page page{.html = kHtml, .files = frame_files()};
  page.files["/grams.js"] = {.text = kScript, .type = "text/javascript"};
  page.calls["/api/start"] = [&board](const json&) { return start(board); };
  page.calls["/api/list"] = [&board](const json& request) {
    ordered_json answer;
    answer["ids"] = board.list(query_of(request));
    answer["progress"] = board.progress();
    return answer;
  };
  page.calls["/api/rows"] = [&board](const json& request) {
    return rows_of(board, asked_rows(request));
  };
  page.calls["/api/decide"] = [&board](const json& request) {
    const int64_t number = board.decide(decision_asked(request));
    ordered_json answer;
    answer["row"] = board.row(number);
    answer["progress"] = board.progress();
    return answer;
  };
  page.calls["/api/matches"] = [&board](const json& request) {
    return rows_of(board,
                   board.matches(field_of<std::string>(request, "text", "request"), kMaxMatches));
  };
  return page;
}

}  // namespace stratagram::review
