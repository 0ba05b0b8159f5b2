#include "train/run_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config.h"
#include "train/sft_config.h"

namespace stratagram::train {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RunConfig sound() {
  RunConfig config;
  config.model.path = "model";
  config.data.problems = "problems.jsonl";
  return config;
}

TEST(RunConfig, IsSoundWithAModelAndAProblemSet) {
  EXPECT_THAT(sound().problems(), IsEmpty());
}

TEST(RunConfig, NamesEveryProblemAndNotOnlyTheFirst) {
  RunConfig config;
  config.data.prompt = "solve it";

  EXPECT_THAT(config.problems(),
              ElementsAre(HasSubstr("model.path is not set"),
                          HasSubstr("data.problems is not set"),
                          HasSubstr("got 'solve it'")));
}

TEST(RunConfig, RefusesASamplerThatCutsTheDistribution) {
  for (const rollout::SamplingConfig& sampling : {rollout::SamplingConfig{.top_p = 0.95},
                                                  rollout::SamplingConfig{.top_k = 20},
                                                  rollout::SamplingConfig{.min_p = 0.1}}) {
    RunConfig config = sound();
    config.sampling = sampling;

    EXPECT_THAT(config.problems(), ElementsAre(HasSubstr("rollout.top_p, top_k and min_p")));
  }
}

TEST(RunConfig, RefusesGreedyRollouts) {
  RunConfig config = sound();
  config.sampling.temperature = 0;

  EXPECT_THAT(config.problems(), ElementsAre(HasSubstr("temperature must be above 0")));
}

TEST(RunConfig, RefusesAReferenceThatNothingReads) {
  RunConfig config = sound();
  config.reference.reference = "other";
  EXPECT_THAT(config.problems(), ElementsAre(HasSubstr("no effect")));

  config.loss.kl_coefficient = 0.1;
  EXPECT_THAT(config.problems(), IsEmpty());
}

TEST(RunConfig, RefusesAPunishmentZoneAsLongAsTheBudget) {
  RunConfig config = sound();
  config.sampling.max_new_tokens = 100;
  config.reward.overlong_tokens = 100;

  EXPECT_THAT(config.problems(), ElementsAre(HasSubstr("must be below rollout.max_new_tokens")));
}

// A key that two sections claimed under one name would be read by one of them only.
TEST(RunConfig, BindsItsFieldsToItself) {
  RunConfig config = sound();
  ConfigFields fields;
  config.describe(fields);

  fields.set("run.seed=9");
  fields.set("credit.alpha=0.5");
  fields.set("rollout.block_tokens=32");
  fields.set("model.reference=other");

  EXPECT_EQ(config.run.seed, 9);
  EXPECT_EQ(config.credit.alpha, 0.5);
  EXPECT_EQ(config.engine.block_tokens, 32);
  EXPECT_EQ(config.reference.reference, "other");
}

TEST(SftConfig, NamesWhatIsMissing) {
  SftConfig config;
  config.data.prompt = "solve it";

  EXPECT_THAT(
      config.problems(),
      ElementsAre(
          HasSubstr("model.path"), HasSubstr("data.problems"), HasSubstr("got 'solve it'")));
}

}  // namespace
}  // namespace stratagram::train
