#include "eval/result_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "eval/verifier.h"

namespace stratagram::eval {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<std::string> benchmarks_in(const fs::path& folder) {
  std::error_code error;
  std::vector<std::pair<int64_t, std::string>> names;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string file = entry.path().filename().string();
    if (!file.ends_with(kSamplesEnding)) continue;
    std::string name = file.substr(0, file.size() - kSamplesEnding.size());
    // Written last, so an evaluation that was stopped has none.
    if (!fs::exists(result_file(folder, name), error)) continue;
    const json result = read_result(folder, name);
    names.emplace_back(result.value("position", int64_t{0}), std::move(name));
  }
  if (names.empty()) {
    fail(ErrorKind::kData,
         "{}: wanted a folder with results of `stratagram eval --out`, found no NAME{} with its "
         "NAME{} in it",
         folder.string(),
         kSamplesEnding,
         kResultEnding);
  }
  std::ranges::sort(names);
  std::vector<std::string> sorted;
  for (auto& [position, name] : names) sorted.push_back(std::move(name));
  return sorted;
}

json read_result(const fs::path& folder, const std::string& benchmark) {
  const fs::path file = result_file(folder, benchmark);
  json result = json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  if (!result.is_object() || !result.contains("problems_digest")) {
    fail(ErrorKind::kData,
         "{}: wanted a result of `stratagram eval --out`, found something else",
         file.string());
  }
  return result;
}

void write_result(const fs::path& folder,
                  const std::string& benchmark,
                  const SampleRows& rows,
                  const json& result) {
  write_file_atomically(samples_file(folder, benchmark),
                        [&](std::ostream& out) { rows.write(out); });
  write_file_atomically(result_file(folder, benchmark), result.dump(1) + "\n");
}

json result_of(json conditions, const Summary& summary, const Judging& judging) {
  conditions.update(to_json(summary));
  conditions["verifier"] = Verifier(judging).identity();
  return conditions;
}

std::string result_text(const json& result, const Summary& summary) {
  const std::string where = "result";
  const json& sampling = result.at("sampling");
  const std::string first = to_text(summary, field_of<std::string>(result, "benchmark", where));
  const size_t end = first.find('\n') + 1;
  return first.substr(0, end) +
         fmt::format("  template {}, temperature {}, top-p {}, at most {} tokens, seed {}\n",
                     field_of<std::string>(result.at("template"), "name", where),
                     field_of<double>(sampling, "temperature", where),
                     field_of<double>(sampling, "top_p", where),
                     field_of<int64_t>(sampling, "max_new_tokens", where),
                     result.at("seed").dump()) +
         first.substr(end);
}

}  // namespace stratagram::eval
