#include "cli/eval_rescore.h"

#include <iostream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/log.h"
#include "eval/rescore.h"
#include "eval/result_files.h"

namespace stratagram::cli {
namespace {

namespace fs = std::filesystem;

void check_out(const fs::path& out, const std::vector<std::string>& names) {
  if (out.empty()) return;
  for (const std::string& name : names) {
    const fs::path result = eval::result_file(out, name);
    if (!fs::exists(result)) continue;
    fail(ErrorKind::kConfig,
         "{}: is there already, and results are never written over; choose another --out",
         result.string());
  }
  std::error_code error;
  fs::create_directories(out, error);
  if (error) fail(ErrorKind::kDevice, "{}: cannot be made: {}", out.string(), error.message());
}

}  // namespace

void rescore_folder(const fs::path& folder, const fs::path& out) {
  const std::vector<std::string> names = eval::benchmarks_in(folder);
  check_out(out, names);
  std::vector<std::pair<std::string, eval::Summary>> summaries;
  for (const std::string& name : names) {
    const eval::Rescored rescored = eval::rescore(folder, name);
    spdlog::info(
        "{}: {} of {} verdicts changed", name, rescored.num_changed, rescored.rows.num_done());
    if (!out.empty()) eval::write_result(out, name, rescored.rows, rescored.result);
    std::cout << eval::result_text(rescored.result, rescored.summary) << std::flush;
    summaries.emplace_back(name, rescored.summary);
  }
  if (summaries.size() > 1) std::cout << "\n" << eval::overview(summaries) << std::flush;
}

}  // namespace stratagram::cli
