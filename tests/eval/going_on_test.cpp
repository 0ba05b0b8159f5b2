// An evaluation that is stopped and taken up: the rows must be those of one that never was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/interrupt.h"
#include "eval/evaluate.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_run.h"

namespace stratagram::eval {
namespace {

using nlohmann::json;

class GoingOn : public testing::Test {
 protected:
  GoingOn() {
    options.sampling.max_new_tokens = 12;
    options.engine = {.max_sequences = 8, .block_tokens = 4};
    options.judging.extraction = {"last_number"};
  }

  SampleRows rows_in_memory() const { return {ids_of(problems), options.num_samples}; }
  SampleRows rows_in_file() const {
    return {ids_of(problems), options.num_samples, folder.path() / "a.jsonl", {{"seed", 4}}};
  }

  std::string whole() const {
    SampleRows rows = rows_in_memory();
    evaluate(policy, problems, options, rows);
    return text_of(rows);
  }

  static std::string text_of(const SampleRows& rows) {
    std::ostringstream out;
    rows.write(out);
    return out.str();
  }

  const rollout::Policy policy = talker();
  const std::vector<Problem> problems = digit_problems(5);
  EvalOptions options{.num_samples = 6, .seed = 4};
  TempFolder folder;
};

TEST_F(GoingOn, AfterAStopGivesTheRowsOfAnEvaluationThatWasNeverStopped) {
  const std::string wanted = whole();
  int64_t num_done = 0;
  for (const int64_t stop_at : {1, 9, 10, 22}) {
    SampleRows rows = rows_in_file();
    EXPECT_EQ(rows.num_done(), num_done);
    const EvalObserver observer{.on_progress = [&](int64_t /*tokens*/, int64_t responses) {
      if (responses >= stop_at) request_interrupt();
    }};
    expect_error([&] { evaluate(policy, problems, options, rows, observer); },
                 ErrorKind::kInterrupted,
                 "responses, which are kept in " + rows.partial().string());
    clear_interrupt();
    EXPECT_GE(rows.num_done(), stop_at);
    EXPECT_LT(rows.num_done(), 30);
    num_done = rows.num_done();
  }

  SampleRows rows = rows_in_file();
  evaluate(policy, problems, options, rows);

  EXPECT_EQ(text_of(rows), wanted);
}

TEST_F(GoingOn, FillsGapsAndLeavesWhatIsThereAlone) {
  const std::string wanted = whole();
  SampleRows rows = rows_in_memory();
  std::istringstream lines(wanted);
  std::string expected;
  int64_t number = 0;
  for (std::string line; std::getline(lines, line); ++number) {
    json row = json::parse(line);
    // Of the six samples of each problem every third and, in turn, others stay.
    if (number % 3 == 0 || number % 7 == 0) {
      row["kept"] = true;
      rows.add(row);
    }
    expected += row.dump() + "\n";
  }
  ASSERT_EQ(rows.missing(1).size(), 2U);

  evaluate(policy, problems, options, rows);

  EXPECT_EQ(text_of(rows), expected);
}

TEST_F(GoingOn, WithNothingMissingSamplesNothing) {
  SampleRows rows = rows_in_memory();
  evaluate(policy, problems, options, rows);
  bool planned = false;

  evaluate(
      policy, problems, options, rows, {.on_plan = [&](const std::string&) { planned = true; }});

  EXPECT_FALSE(planned);
}

TEST_F(GoingOn, AStopSaysWhatIsToBeDoneAndThatRowsInMemoryAreLost) {
  SampleRows kept = rows_in_file();
  SampleRows lost = rows_in_memory();
  request_interrupt();

  expect_error([&] { evaluate(policy, problems, options, kept, {.go_on = "do so"}); },
               ErrorKind::kInterrupted,
               "stopped before the first of 30 responses was complete; do so");
  expect_error([&] { evaluate(policy, problems, options, kept); },
               ErrorKind::kInterrupted,
               "run the same command again");
  expect_error([&] { evaluate(policy, problems, options, lost); },
               ErrorKind::kInterrupted,
               "stopped after 0 of 30 responses, which are lost");
  clear_interrupt();
}

}  // namespace
}  // namespace stratagram::eval
