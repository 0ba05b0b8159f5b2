#include "train/token_weights.h"

#include <gmock/gmock.h>

#include "tests/support/expect_error.h"

namespace stratagram::train {
namespace {

using testing::ElementsAre;

TEST(TokenWeights, OfTokenMeanAreEqualAndAddUpToOne) {
  const std::vector<int64_t> lengths{3, 5, 2};

  EXPECT_THAT(token_weights(lengths, "token_mean", 8), ElementsAre(0.1, 0.1, 0.1));
}

TEST(TokenWeights, OfSeqMeanGiveEachResponseTheSame) {
  const std::vector<int64_t> lengths{2, 5};

  EXPECT_THAT(token_weights(lengths, "seq_mean", 8), ElementsAre(0.25, 0.1));
}

TEST(TokenWeights, OfFixedLengthDivideByTheBudgetAndNotByTheLength) {
  const std::vector<int64_t> lengths{2, 5};

  EXPECT_THAT(token_weights(lengths, "fixed_length", 8), ElementsAre(1.0 / 16, 1.0 / 16));
}

TEST(TokenWeights, DoNotCountADroppedResponse) {
  const std::vector<int64_t> lengths{4, 0, 4};

  EXPECT_THAT(token_weights(lengths, "token_mean", 8), ElementsAre(1.0 / 8, 0, 1.0 / 8));
  EXPECT_THAT(token_weights(lengths, "seq_mean", 8), ElementsAre(1.0 / 8, 0, 1.0 / 8));
  EXPECT_THAT(token_weights(lengths, "fixed_length", 5), ElementsAre(1.0 / 10, 0, 1.0 / 10));
}

TEST(TokenWeights, AreZeroWhenEverythingIsDropped) {
  const std::vector<int64_t> lengths{0, 0};

  for (const char* aggregation : {"token_mean", "seq_mean", "fixed_length"}) {
    EXPECT_THAT(token_weights(lengths, aggregation, 8), ElementsAre(0, 0));
  }
}

TEST(TokenWeights, NameTheAggregationTheyDoNotKnow) {
  const std::vector<int64_t> lengths{1};

  expect_error(
      [&] { (void)token_weights(lengths, "median", 8); }, ErrorKind::kInternal, "got median");
}

}  // namespace
}  // namespace stratagram::train
