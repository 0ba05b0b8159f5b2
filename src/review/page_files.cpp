#include "review/page_files.h"

#include <string_view>

#include "core/error.h"
#include "core/jsonl.h"
#include "metrics/agreement.h"

namespace stratagram::review {
namespace {

constexpr size_t kMaxRows = 200;

constexpr std::string_view kStyle =
#include <assets/frame_css.inc>
    ;
constexpr std::string_view kScript =
#include <assets/frame_js.inc>
    ;

}  // namespace

std::map<std::string, PageFile> frame_files() {
  return {{"/frame.css", {.text = kStyle, .type = "text/css"}},
          {"/frame.js", {.text = kScript, .type = "text/javascript"}}};
}

std::vector<int64_t> asked_rows(const nlohmann::json& request) {
  auto numbers = field_of<std::vector<int64_t>>(request, "ids", "request");
  if (numbers.size() > kMaxRows) {
    fail(ErrorKind::kData,
         "request: {} rows are wanted, at most {} are given at once",
         numbers.size(),
         kMaxRows);
  }
  return numbers;
}

nlohmann::ordered_json agreement_row(const std::string& with,
                                     const char* kind,
                                     std::span<const int64_t> first,
                                     std::span<const int64_t> second) {
  nlohmann::ordered_json row;
  row["with"] = with;
  row["kind"] = kind;
  row["items"] = first.size();
  const auto agreement = metrics::cohen_kappa(first, second);
  if (!agreement) return row;
  row["observed"] = agreement->observed;
  row["kappa"] = agreement->kappa;
  if (agreement->interval) {
    row["low"] = agreement->interval->low;
    row["high"] = agreement->interval->high;
  }
  return row;
}

}  // namespace stratagram::review
