#include "core/scratch_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "tests/support/expect_error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temp_folder.h"

namespace stratagram {
namespace {

std::vector<uint64_t> numbers(size_t count, uint64_t first = 0) {
  std::vector<uint64_t> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

std::span<std::byte> writable(std::vector<uint64_t>& values) {
  return std::as_writable_bytes(std::span(values));
}

TEST(ScratchFile, GivesBackWhatWasWrittenAsOftenAsWanted) {
  const TempFolder folder;
  ScratchFile file(folder.path());
  const std::vector<uint64_t> large = numbers(300'000);  // beyond every buffer
  file.write(bytes_of(large));
  file.write(bytes_of(numbers(3, 7)));

  for (int i = 0; i < 2; ++i) {
    file.rewind();
    std::vector<uint64_t> first(large.size());
    std::vector<uint64_t> second(3);
    ASSERT_TRUE(file.read(writable(first)));
    ASSERT_TRUE(file.read(writable(second)));
    EXPECT_EQ(first, large);
    EXPECT_EQ(second, numbers(3, 7));
    EXPECT_FALSE(file.read(writable(second)));
  }
  EXPECT_EQ(file.num_bytes(), 8 * 300'003U);
}

TEST(ScratchFile, LeavesNothingInItsFolderEvenWhileItIsUsed) {
  const TempFolder folder;
  ScratchFile file(folder.path());
  file.write(bytes_of(numbers(300'000)));

  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ScratchFile, NamesAFolderThatIsNotThere) {
  const TempFolder folder;

  expect_error([&] { const ScratchFile file(folder.path() / "absent"); },
               ErrorKind::kDevice,
               "absent: no scratch file can be made there: No such file or directory");
}

TEST(ScratchFile, SaysThatTheDiskIsFull) {
  const TempFolder folder;
  const FileSizeLimit limit(1 << 20);
  ScratchFile file(folder.path());

  expect_error(
      [&] {
        for (int i = 0; i < 100; ++i) file.write(bytes_of(numbers(10'000)));
        file.rewind();
      },
      ErrorKind::kDevice,
      "make room, or name another folder");
}

TEST(ScratchFile, SaysWhenTheLastBytesDoNotFitAnyMore) {
  const TempFolder folder;
  const FileSizeLimit limit(100);
  ScratchFile file(folder.path());
  file.write(bytes_of(numbers(20)));  // into a buffer

  expect_error([&] { file.rewind(); }, ErrorKind::kDevice, "File too large");
}

TEST(ScratchFile, SaysWhenItEndsInTheMidstOfWhatIsWanted) {
  const TempFolder folder;
  ScratchFile file(folder.path());
  file.write(bytes_of(numbers(3)));
  file.rewind();
  std::vector<uint64_t> four(4);

  expect_error([&] { (void)file.read(writable(four)); }, ErrorKind::kDevice, "ends too early");
}

}  // namespace
}  // namespace stratagram
