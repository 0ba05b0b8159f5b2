#include "text/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/digest.h"
#include "core/file.h"
#include "tests/support/environment.h"
#include "tests/support/expect_error.h"
#include "tests/support/file_server.h"
#include "tests/support/temp_folder.h"
#include "text/problems.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAddress = "/owner/name/c0ffee/data/up.jsonl";

/// A server with one upstream file, and the set that it makes.
class FetchSet : public ::testing::Test {
 protected:
  FetchSet() {
    for (int i = 0; i < kNumRows; ++i) {
      bytes += fmt::format("{{\"q\": \"what is {}?\", \"a\": \"{}\"}}\n", i, i);
    }
    set = {.name = "tiny",
           .repository = "owner/name",
           .revision = "c0ffee",
           .num_problems = kNumRows,
           .files = {{"data/up.jsonl", sha256(bytes), bytes.size()}},
           .id = "t-{#}",
           .problem = "{q}",
           .answer = "{a}"};
    options = {.endpoint = server.url(),
               .cache = folder.path() / "cache",
               .retry = {.max_attempts = 1, .first_wait_ms = 1}};
  }

  [[nodiscard]] std::vector<fs::path> files_left() const {
    std::vector<fs::path> files;
    if (!fs::exists(folder.path())) return files;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }

  static constexpr int kNumRows = 5000;
  TempFolder folder;
  FileServer server;
  std::string bytes;
  RegisteredSet set;
  FetchOptions options;
};

TEST_F(FetchSet, WritesTheConvertedSetAndNothingElse) {
  server.serve(kAddress, {.bytes = bytes});

  const fs::path file = fetch_set(set, options);

  const std::vector<Problem> problems = read_problems(file).problems;
  ASSERT_EQ(problems.size(), static_cast<size_t>(kNumRows));
  EXPECT_EQ(problems[7].id, "t-7");
  EXPECT_EQ(problems[7].text, "what is 7?");
  EXPECT_EQ(file, cached_set(set, options.cache));
  EXPECT_THAT(files_left(), ::testing::ElementsAre(file));
}

TEST_F(FetchSet, AsksForNothingTheSecondTime) {
  server.serve(kAddress, {.bytes = bytes});
  const fs::path file = fetch_set(set, options);
  const auto written = fs::last_write_time(file);

  EXPECT_EQ(fetch_set(set, options), file);

  EXPECT_EQ(server.seen().size(), 1U);
  EXPECT_EQ(fs::last_write_time(file), written);
}

TEST_F(FetchSet, ResumesADownloadThatWasCut) {
  const size_t half = bytes.size() / 2;
  server.serve(kAddress, {.bytes = bytes, .num_cuts = 1, .cut_after = half});
  expect_error([&] { (void)fetch_set(set, options); }, ErrorKind::kData, kAddress);
  ASSERT_EQ(files_left().size(), 1U) << "the part that came";
  server.serve(kAddress, {.bytes = bytes});

  const fs::path file = fetch_set(set, options);

  EXPECT_EQ(server.seen().back().range, "bytes=" + std::to_string(half) + "-");
  EXPECT_EQ(read_problems(file).problems.size(), static_cast<size_t>(kNumRows));
  EXPECT_THAT(files_left(), ::testing::ElementsAre(file));
}

TEST_F(FetchSet, LeavesNothingOfAFileThatChangedUpstream) {
  std::string changed = bytes;
  changed[changed.size() / 2] ^= 1;  // the same size
  server.serve(kAddress, {.bytes = changed});

  expect_error([&] { (void)fetch_set(set, options); }, ErrorKind::kData, set.files[0].sha256);

  EXPECT_THAT(files_left(), ::testing::IsEmpty());
}

TEST_F(FetchSet, LeavesNothingOfAFileOfAnotherSize) {
  server.serve(kAddress, {.bytes = bytes + "\n"});

  expect_error(
      [&] { (void)fetch_set(set, options); }, ErrorKind::kData, std::to_string(bytes.size()));

  EXPECT_THAT(files_left(), ::testing::IsEmpty());
}

TEST_F(FetchSet, NamesTheAddressThatDoesNotExist) {
  expect_error([&] { (void)fetch_set(set, options); }, ErrorKind::kData, server.url(kAddress));

  EXPECT_THAT(files_left(), ::testing::IsEmpty());
}

TEST_F(FetchSet, WritesNoSetWhenTheRowsDoNotConvert) {
  server.serve(kAddress, {.bytes = bytes});
  set.answer = "{a|boxed}";

  expect_error([&] { (void)fetch_set(set, options); }, ErrorKind::kData, "\\boxed");

  EXPECT_FALSE(fs::exists(cached_set(set, options.cache)));
}

TEST_F(FetchSet, SaysWhatToDoAboutACacheThatCannotBeWritten) {
  server.serve(kAddress, {.bytes = bytes});
  // A file in the way: permissions would not stop a privileged user.
  options.cache = folder.write("file", "x") / "cache";

  expect_error([&] { (void)fetch_set(set, options); }, ErrorKind::kDevice, "STRATAGRAM_CACHE");

  EXPECT_TRUE(server.seen().empty());
}

TEST_F(FetchSet, ReadsAllFilesOfASetInTheOrderOfTheRegistry) {
  const std::string other = "{\"q\": \"last\", \"a\": \"1\"}\n";
  set.files.push_back({"data/with space.jsonl", sha256(other), other.size()});
  set.num_problems = kNumRows + 1;
  server.serve(kAddress, {.bytes = bytes});
  server.serve("/owner/name/c0ffee/data/with space.jsonl", {.bytes = other});

  const fs::path file = fetch_set(set, options);

  EXPECT_EQ(read_problems(file).problems.back().text, "last");
}

TEST_F(FetchSet, NamesAnotherFileWhenTheRegistryChanges) {
  std::vector<RegisteredSet> sets(5, set);
  sets[1].files[0].sha256 = sha256("other");
  sets[2].answer = "{a|trim}";
  sets[3].solution = "{a}";
  sets[4].id = "u-{#}";

  std::set<std::string> names;
  for (const RegisteredSet& each : sets) names.insert(set_file_name(each));

  EXPECT_EQ(names.size(), sets.size());
}

Environment::Values only(const Environment::Values& values) {
  Environment::Values all{{"STRATAGRAM_CACHE", std::nullopt},
                          {"STRATAGRAM_DATA_ENDPOINT", std::nullopt},
                          {"XDG_CACHE_HOME", std::nullopt},
                          {"HOME", std::nullopt}};
  for (const auto& [name, value] : values) all[name] = value;
  return all;
}

TEST(CacheFolder, IsTheOwnOneBeforeTheSharedOneBeforeTheHome) {
  const auto cache = [](const Environment::Values& values) {
    const Environment environment(only(values));
    return cache_folder();
  };

  EXPECT_EQ(cache({{"HOME", "/h"}}), "/h/.cache/stratagram");
  EXPECT_EQ(cache({{"HOME", "/h"}, {"XDG_CACHE_HOME", "/x"}}), "/x/stratagram");
  EXPECT_EQ(cache({{"XDG_CACHE_HOME", "/x"}, {"STRATAGRAM_CACHE", "/c"}}), "/c");
  expect_error([&] { (void)cache({}); }, ErrorKind::kConfig, "set STRATAGRAM_CACHE to a folder");
}

TEST(FetchOptionsFromEnvironment, TakeAMirrorWithoutItsLastSlash) {
  const Environment environment(
      only({{"STRATAGRAM_CACHE", "/c"}, {"STRATAGRAM_DATA_ENDPOINT", "http://mirror/x/"}}));

  EXPECT_EQ(FetchOptions::from_environment().endpoint, "http://mirror/x");
}

TEST(FetchOptionsFromEnvironment, RefuseAnEndpointThatIsNoAddress) {
  const Environment environment(
      only({{"STRATAGRAM_CACHE", "/c"}, {"STRATAGRAM_DATA_ENDPOINT", "/mnt/mirror"}}));

  expect_error([] { (void)FetchOptions::from_environment(); },
               ErrorKind::kConfig,
               "STRATAGRAM_DATA_ENDPOINT: wanted an address");
}

}  // namespace
}  // namespace stratagram::text
