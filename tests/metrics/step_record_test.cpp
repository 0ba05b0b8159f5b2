#include "metrics/step_record.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "tests/support/expect_error.h"

namespace stratagram::metrics {
namespace {

TEST(StepRecord, WritesTheStepFirstAndLeavesOutWhatIsUndefined) {
  StepRecord record(3);
  record.set("lr", 0.5);
  record.set("accuracy/mean", 0.25);
  record.set("ppl/planning", std::optional<double>());

  EXPECT_EQ(record.to_json().dump(), R"({"step":3,"accuracy/mean":0.25,"lr":0.5})");
}

TEST(StepRecord, RefusesUnknownNamesAndNumbersThatAreNotFinite) {
  StepRecord record(0);

  expect_error([&] { record.set("acuracy/mean", 1.0); }, ErrorKind::kInternal, "acuracy/mean");
  expect_error([&] { record.set("lr", std::numeric_limits<double>::quiet_NaN()); },
               ErrorKind::kInternal,
               "'lr' is nan");
}

TEST(StepRecord, TakesTheFiguresOfAnyBenchmarkAfterAllOthers) {
  StepRecord record(2);
  record.set("eval/math500/pass@1", 0.5);
  record.set("eval/aime24/pass@1", 0.25);
  record.set("lr", 1.0);

  EXPECT_EQ(record.to_json().dump(),
            R"({"step":2,"lr":1.0,"eval/math500/pass@1":0.5,"eval/aime24/pass@1":0.25})");
  expect_error([&] { record.set("eval/aime24/pass@k", 1.0); }, ErrorKind::kInternal, "pass@k");
  expect_error([&] { record.set("eval/pass@1", 1.0); }, ErrorKind::kInternal, "eval/pass@1");
}

TEST(KnownScalars, AreNamedOnce) {
  std::set<std::string> names;
  for (const ScalarDoc& doc : known_scalars()) EXPECT_TRUE(names.insert(doc.name).second);
  EXPECT_GE(names.size(), 50U);
}

}  // namespace
}  // namespace stratagram::metrics
