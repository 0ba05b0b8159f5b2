#include "grams/labels.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::grams {
namespace {

class Labels : public testing::Test {
 protected:
  [[nodiscard]] std::vector<Label> load(const std::string& rows,
                                        const std::vector<std::string>& halves = {}) {
    return load_labels(folder_.write("labels.jsonl", rows), halves);
  }

  void expect_fault(const std::string& rows, const std::string& fault) {
    expect_error([&] { (void)load(rows); }, ErrorKind::kData, fault);
  }

  TempFolder folder_;
};

constexpr const char* kTwo =
    "{\"gram\": \"let me check\", \"strategic\": true, \"role\": \"backtracing\", \"half\": "
    "\"open\", \"weight\": 2.5}\n"
    "{\"gram\": \"plus 3 is\", \"strategic\": false, \"half\": \"kept\"}\n";

TEST_F(Labels, KeepWhatARowSays) {
  const auto labels = load(kTwo);

  ASSERT_EQ(labels.size(), 2U);
  EXPECT_EQ(labels[0].text, "let me check");
  EXPECT_TRUE(labels[0].strategic);
  EXPECT_EQ(labels[0].role, Role::kBacktracing);
  EXPECT_EQ(labels[0].weight, 2.5);
  EXPECT_FALSE(labels[1].strategic);
  EXPECT_EQ(labels[1].weight, 1.0);
}

TEST_F(Labels, OfOneHalfLeaveTheOtherOut) {
  const auto labels = load(kTwo, {"kept"});

  ASSERT_EQ(labels.size(), 1U);
  EXPECT_EQ(labels[0].text, "plus 3 is");
  expect_error(
      [&] { (void)load(kTwo, {"kept", "third"}); }, ErrorKind::kData, "of the half 'third'");
}

TEST_F(Labels, OfTwoHalvesAreThoseOfBoth) {
  EXPECT_EQ(load(kTwo, {"kept", "open"}).size(), 2U);
}

TEST_F(Labels, NameTheLineOfAFault) {
  const std::string good = "{\"gram\": \"let me check\", \"strategic\": true}\n";

  expect_fault(good + good, "labels.jsonl:2: 'let me check' came before");
  expect_fault(good + R"({"gram": "Let me", "strategic": true})",
               "labels.jsonl:2: 'Let me' is not normalised");
  expect_fault(R"({"gram": "let me", "strategic": "yes"})", "'strategic'");
  expect_fault(R"({"gram": "let me", "strategic": true, "weight": 0})",
               "'weight': wanted a number above 0");
  expect_fault(R"({"gram": "let me", "strategic": false, "role": "branching"})",
               "has the role 'branching' but is not strategic");
  expect_fault("", "holds no label");
}

}  // namespace
}  // namespace stratagram::grams
