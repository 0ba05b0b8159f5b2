#include "train/config.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/config.h"

namespace stratagram::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct All {
  LossConfig loss;
  OptimizerConfig optimizer;
  ScheduleConfig schedule;
  UpdateConfig update;
  DynamicSamplingConfig dynamic_sampling;
  CheckpointConfig checkpoint;
  ConfigFields fields;
  All() {
    fields.section("loss", loss);
    fields.section("optimizer", optimizer);
    fields.section("schedule", schedule);
    fields.section("update", update);
    fields.section("dynamic_sampling", dynamic_sampling);
    fields.section("checkpoint", checkpoint);
  }
};

TEST(TrainConfig, TakesEveryDefaultAsAValue) {
  All all;

  const auto record = all.fields.to_json();
  for (const auto& [key, entry] : record.items()) {
    if (entry["value"].is_string()) {
      EXPECT_NO_THROW(all.fields.set(key + "=" + entry["value"].get<std::string>())) << key;
    } else {
      EXPECT_NO_THROW(all.fields.set(key + "=" + entry["value"].dump())) << key;
    }
  }
}

TEST(TrainConfig, SaysWhichDefaultsAreThePapers) {
  All all;
  std::vector<std::string> papers;

  const auto record = all.fields.to_json();
  for (const auto& [key, entry] : record.items()) {
    if (entry["origin"] == "paper") papers.push_back(key);
  }

  EXPECT_THAT(papers, ElementsAre("loss.clip_low", "loss.clip_high", "loss.aggregation"));
}

TEST(TrainConfig, ReportsKeysWithoutEffect) {
  All all;
  all.fields.set("loss.dual_clip_bound=2");
  all.fields.set("schedule.final_share=0.1");
  all.fields.set("dynamic_sampling.max_batches=3");
  all.fields.set("loss.old_logprobs=rollout");
  all.fields.set("loss.gap_gate=1.1");

  EXPECT_THAT(all.fields.problems(),
              ElementsAre(HasSubstr("dual_clip_bound"),
                          HasSubstr("gap_gate"),
                          HasSubstr("final_share"),
                          HasSubstr("max_batches")));
}

}  // namespace
}  // namespace stratagram::train
