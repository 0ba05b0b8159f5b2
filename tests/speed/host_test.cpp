// What a step does besides the model.
#include "speed/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/error.h"
#include "speed/sample_text.h"
#include "tests/support/environment.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_run.h"

namespace stratagram::speed {
namespace {

constexpr int64_t kBytes = 1 << 16;

TEST(MeasureHost, GivesRatesAndLeavesNoFile) {
  const TempFolder folder;
  const Environment environment({{"TMPDIR", folder.path().string()}});
  const rollout::Policy policy = talker();

  const HostSpeed speed = measure_host(policy.tokenizer, talker_catalogue(), kBytes);

  for (const double rate : {speed.matcher, speed.tokenizer, speed.writer}) EXPECT_GT(rate, 1e4);
  EXPECT_GE(speed.text_bytes_per_token, 1.0);
  // Id, log-probability, entropy and advantage of six digits each, and the text.
  EXPECT_GT(speed.written_bytes_per_token, 15.0);
  EXPECT_LT(speed.written_bytes_per_token, 80.0);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(MeasureHost, WantsACatalogueWithGrams) {
  const rollout::Policy policy = talker();
  const grams::Catalogue empty{.name = "empty"};

  expect_error([&] { (void)measure_host(policy.tokenizer, empty, kBytes); },
               ErrorKind::kInternal,
               "the matcher: wanted the 0 occurrences of a plain search and at least one");
}

TEST(MeasureHost, FindsTheGramsOfACatalogueThatTheSampleTextLacks) {
  const rollout::Policy policy = talker();
  const grams::Catalogue rare{.name = "rare", .grams = {{.text = "never written here"}}};

  EXPECT_GT(measure_host(policy.tokenizer, rare, kBytes).matcher, 1e4);
}

TEST(HostSeconds, AddUpWhatPromptsAndResponsesTake) {
  const HostSpeed speed{.matcher = 40,
                        .tokenizer = 20,
                        .writer = 100,
                        .text_bytes_per_token = 4,
                        .written_bytes_per_token = 30};

  EXPECT_DOUBLE_EQ(host_seconds(speed, 10, 0), 10 * 4 / 20.0);
  EXPECT_DOUBLE_EQ(host_seconds(speed, 0, 10), 10 * 4 / 40.0 + 10 * 30 / 100.0);
}

TEST(SampleText, IsTheStartOfALongerOne) {
  const std::string text = sample_text(1000);

  EXPECT_GE(text.size(), 1000);
  EXPECT_THAT(sample_text(5000), testing::StartsWith(text));
}

}  // namespace
}  // namespace stratagram::speed
