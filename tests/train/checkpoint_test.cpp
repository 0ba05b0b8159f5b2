#include "train/checkpoint.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>

#include "core/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::train {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TrainerState some_state() {
  return {.values = {{"step", 12}, {"guards", {{"x", 3}}}},
          .tensors = {{"exp_avg.w", at::ones({2, 3}) / 3},
                      {"master.w", at::full({4}, 0.1)},
                      {"num_updates", at::full({1}, 7, at::TensorOptions().dtype(at::kLong))}}};
}

TEST(TrainerState, ComesBackBitForBit) {
  const TempFolder folder;
  const TrainerState saved = some_state();

  save_trainer_state(folder.path(), saved);
  const TrainerState loaded = load_trainer_state(folder.path());

  EXPECT_EQ(loaded.values, saved.values);
  ASSERT_EQ(loaded.tensors.size(), saved.tensors.size());
  for (const auto& [name, tensor] : saved.tensors) {
    EXPECT_EQ(loaded.tensors.at(name).scalar_type(), tensor.scalar_type());
    EXPECT_TRUE(loaded.tensors.at(name).equal(tensor)) << name;
  }
}

TEST(TrainerState, RefusesATensorFileWithOneBitFlipped) {
  const TempFolder folder;
  save_trainer_state(folder.path(), some_state());
  std::string bytes = read_file(folder.path() / "trainer.safetensors");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  folder.write("trainer.safetensors", bytes);

  expect_error([&] { (void)load_trainer_state(folder.path()); },
               ErrorKind::kData,
               "resume from an older checkpoint");
}

TEST(TrainerState, RefusesAnotherVersionAndAFileThatIsNoJson) {
  const TempFolder folder;
  folder.write("trainer.json", R"({"version": 9, "values": {}})");
  expect_error([&] { (void)load_trainer_state(folder.path()); },
               ErrorKind::kData,
               "version: wanted 1, got 9");

  folder.write("trainer.json", "{");
  expect_error(
      [&] { (void)load_trainer_state(folder.path()); }, ErrorKind::kData, "trainer.json: wanted");
}

TEST(TrainerState, NamesTheFileThatIsMissing) {
  const TempFolder folder;

  expect_error([&] { (void)load_trainer_state(folder.path()); }, ErrorKind::kData, "trainer.json");
}

TEST(Retention, KeepsTheNewestAndTheMultiples) {
  const std::vector<int64_t> steps{50, 100, 150, 200, 250, 300};

  EXPECT_THAT(superfluous_checkpoints(steps, {.keep_last = 2, .keep_every = 100}),
              ElementsAre(50, 150));
  EXPECT_THAT(superfluous_checkpoints(steps, {.keep_last = 1, .keep_every = 0}),
              ElementsAre(50, 100, 150, 200, 250));
}

TEST(Retention, NeverRemovesTheOnlyCheckpoint) {
  EXPECT_THAT(superfluous_checkpoints(std::vector<int64_t>{10}, {.keep_last = 1}), IsEmpty());
  EXPECT_THAT(superfluous_checkpoints({}, {.keep_last = 1}), IsEmpty());
}

TEST(RemoveCheckpoint, LeavesNothingBehind) {
  const TempFolder folder;
  folder.write("checkpoints/000010/a/b", "x");

  remove_checkpoint(folder.path() / "checkpoints/000010");

  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "checkpoints"));
  expect_error([&] { remove_checkpoint(folder.path() / "checkpoints/000010"); },
               ErrorKind::kDevice,
               "000010: cannot be removed");
}

}  // namespace
}  // namespace stratagram::train
