#include "eval/rescore.h"

#include <set>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/jsonl.h"
#include "eval/evaluate.h"
#include "eval/result_files.h"
#include "eval/verifier.h"

namespace stratagram::eval {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Read {
  std::vector<json> rows{};
  std::vector<std::string> ids{};  ///< by first appearance
};

Finish finish_in(const json& row, const std::string& where) {
  const auto name = field_of<std::string>(row, "finish", where);
  const std::optional<Finish> finish = finish_of(name);
  if (!finish) fail(ErrorKind::kData, "{}: field 'finish': unknown value '{}'", where, name);
  return *finish;
}

Read read_rows(const fs::path& file, const Judging& judging, int64_t& num_changed) {
  const Verifier verifier(judging);
  Read read;
  std::set<std::string> seen;
  JsonlReader reader(file);
  for (auto row = reader.next(); row; row = reader.next()) {
    const std::string where = reader.where();
    const auto [problem, fields] = problem_of_row(*row, judging, where);
    const Judgement judgement = verifier.judge(
        problem, fields, field_of<std::string>(*row, "response", where), finish_in(*row, where));
    const char* verdict = verdict_name(judgement.verdict);
    if (field_of<std::string>(*row, "verdict", where) != verdict) ++num_changed;
    (*row)["verdict"] = verdict;
    (*row)["reason"] = judgement.reason;
    (*row)["predicted"] = judgement.predicted ? json(*judgement.predicted) : json(nullptr);
    if (seen.insert(problem.id).second) read.ids.push_back(problem.id);
    read.rows.push_back(std::move(*row));
  }
  return read;
}

}  // namespace

Rescored rescore(const fs::path& folder, const std::string& benchmark) {
  const std::string where = result_file(folder, benchmark).string();
  json result = read_result(folder, benchmark);
  if (!result.contains("judging")) {
    fail(ErrorKind::kData,
         "{}: does not say how its samples were judged ('judging'); it is of an older version, so "
         "evaluate again",
         where);
  }
  const Judging judging = judging_of(result.at("judging"), where);
  const auto num_samples = field_of<int64_t>(result, "num_samples", where);
  const auto num_problems = field_of<int64_t>(result, "num_problems", where);
  if (!result.contains("seed") || !result.at("seed").is_number_unsigned()) {
    fail(ErrorKind::kData, "{}: field 'seed': wanted a whole number of at least 0", where);
  }
  const auto seed = result.at("seed").get<uint64_t>();
  int64_t num_changed = 0;
  const fs::path samples = samples_file(folder, benchmark);
  const Read read = read_rows(samples, judging, num_changed);
  SampleRows rows(read.ids, num_samples);
  for (const json& row : read.rows) rows.add(row);
  if (rows.num_done() != num_problems * num_samples ||
      rows.num_done() != static_cast<int64_t>(read.rows.size()) || rows.num_done() == 0) {
    fail(ErrorKind::kData,
         "{}: wanted {} samples of each of {} problems, found {} rows of {} problems; evaluate "
         "again",
         samples.string(),
         num_samples,
         num_problems,
         read.rows.size(),
         read.ids.size());
  }
  const Verifier verifier(judging);
  Summary summary = summarise(rows, seed, [&](const std::string& a, const std::string& b) {
    return verifier.same_answer(a, b);
  });
  result = result_of(std::move(result), summary, judging);
  return {.rows = std::move(rows),
          .summary = std::move(summary),
          .result = std::move(result),
          .num_changed = num_changed};
}

}  // namespace stratagram::eval
