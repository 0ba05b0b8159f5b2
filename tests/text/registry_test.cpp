#include "text/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::text {
namespace {

constexpr const char* kDigest = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr const char* kRevision = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

// A registry of one set, line by line, so that a test can change one.
std::vector<std::string> good_lines() {
  return {"[tiny]",
          "title = 'Tiny'",
          "repository = 'owner/name'",
          fmt::format("revision = '{}'", kRevision),
          "licence = 'MIT'",
          "problems = 2",
          "format = 'jsonl'",
          fmt::format("files = [{{ path = 'a/b.jsonl', sha256 = '{}', size = 10 }}]", kDigest),
          "fields.id = 't-{#}'",
          "fields.problem = '{q}'",
          "fields.answer = '{a}'"};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::vector<RegisteredSet> read(const std::string& text) {
  const TempFolder folder;
  return read_registry(folder.write("registry.toml", text));
}

// The error when the line that begins with `key` is replaced by `line` (or dropped, if empty).
void expect_refused(const std::string& key, const std::string& line, const std::string& what) {
  std::vector<std::string> lines = good_lines();
  bool replaced = false;
  for (std::string& candidate : lines) {
    if (!candidate.starts_with(key)) continue;
    candidate = line;
    replaced = true;
  }
  ASSERT_TRUE(replaced) << key;
  expect_error([&] { (void)read(joined(lines)); }, ErrorKind::kConfig, what);
}

TEST(Registry, ReadsEveryKeyOfASet) {
  const RegisteredSet set =
      read(joined(good_lines()) + "fields.solution = '{s|boxed}'\nnote = 'n'\n").at(0);

  EXPECT_EQ(set.name, "tiny");
  EXPECT_EQ(set.title, "Tiny");
  EXPECT_EQ(set.repository, "owner/name");
  EXPECT_EQ(set.revision, kRevision);
  EXPECT_EQ(set.licence, "MIT");
  EXPECT_EQ(set.note, "n");
  EXPECT_EQ(set.num_problems, 2);
  EXPECT_EQ(set.format, SetFormat::kJsonl);
  EXPECT_EQ(set.files.at(0).path, "a/b.jsonl");
  EXPECT_EQ(set.files.at(0).sha256, kDigest);
  EXPECT_EQ(set.num_bytes(), 10U);
  EXPECT_EQ(set.id, "t-{#}");
  EXPECT_EQ(set.problem, "{q}");
  EXPECT_EQ(set.answer, "{a}");
  EXPECT_EQ(set.solution, "{s|boxed}");
}

TEST(Registry, NamesLineSetAndKeyOfAMissingKey) {
  for (const char* key :
       {"title", "repository", "revision", "licence", "problems", "format", "files"}) {
    expect_refused(
        key, "", "registry.toml:1: set 'tiny': key '" + std::string(key) + "' is missing");
  }
  for (const char* key : {"id", "problem", "answer"}) {
    expect_refused("fields." + std::string(key),
                   "",
                   "set 'tiny': fields: key '" + std::string(key) + "' is missing");
  }
}

TEST(Registry, NamesTheNearestKeyOfAnUnknownOne) {
  expect_refused("licence", "license = 'MIT'", "key 'license' is unknown; did you mean 'licence'?");
  expect_refused("fields.answer",
                 "fields.anwser = '{a}'",
                 "set 'tiny': fields: key 'anwser' is unknown; did you mean 'answer'?");
  expect_refused("files",
                 fmt::format("files = [{{ path = 'a', sha256 = '{}', bytes = 1 }}]", kDigest),
                 "set 'tiny': files[0]: key 'bytes' is unknown");
}

TEST(Registry, RefusesValuesThatCannotBe) {
  const auto file = [](const std::string& path,
                       const std::string& digest,
                       const std::string& size) {
    return "files = [{ path = '" + path + "', sha256 = '" + digest + "', size = " + size + " }]";
  };
  expect_refused("title", "title = 7", "registry.toml:2: set 'tiny': key 'title': wanted a text");
  expect_refused("title", "title = ''", "wanted a text that is not empty");
  expect_refused("repository", "repository = 'name'", "key 'repository': wanted OWNER/NAME");
  expect_refused("repository", "repository = '../name'", "key 'repository': wanted OWNER/NAME");
  expect_refused("repository", "repository = 'a/b/c'", "key 'repository': wanted OWNER/NAME");
  expect_refused("revision", "revision = 'main'", "wanted a commit, 40 hexadecimal digits");
  expect_refused("problems", "problems = 0", "key 'problems': wanted a whole number of at least 1");
  expect_refused("problems", "problems = 2.0", "got 2.0");
  expect_refused("format", "format = 'parquet'", "wanted jsonl or json, got 'parquet'");
  expect_refused("files", "files = []", "key 'files': wanted a list of at least one table");
  expect_refused("files", "files = ['a']", "key 'files': wanted a list of at least one table");
  expect_refused("files", file("../x", kDigest, "1"), "files[0]: key 'path': wanted a path inside");
  expect_refused("files", file("/x", kDigest, "1"), "files[0]: key 'path': wanted a path inside");
  expect_refused("files", file("x/", kDigest, "1"), "files[0]: key 'path': wanted a path inside");
  expect_refused("files", file("x", "ABC", "1"), "key 'sha256': wanted 64 lower-case");
  expect_refused("files", file("x", kDigest, "-1"), "key 'size': wanted a whole number");
  expect_refused("fields.id", "fields.id = '{#'", "key 'id': pattern '{#': a brace");
  expect_refused("fields.answer", "fields.answer = '{a|box}'", "did you mean 'boxed'?");
}

TEST(Registry, RefusesFurtherFieldsWithOneOfOurOwnNamesOrABrokenPattern) {
  expect_refused(
      "title", "title = 'x'\nextra.answer = '{a}'", "extra: key 'answer': wanted the name");
  expect_refused("title", "title = 'x'\nextra.level = '{a'", "key 'level': pattern '{a': a brace");
}

TEST(Registry, RefusesWhatIsNoTableOfSets) {
  expect_error([] { (void)read("a = 1\n"); }, ErrorKind::kConfig, "registry.toml:1: 'a'");
  expect_error(
      [] { (void)read("\n['../x']\n"); }, ErrorKind::kConfig, "'../x': wanted a table named");
  expect_error(
      [] { (void)read("[a]\nb = \n"); }, ErrorKind::kConfig, "registry.toml:2: wanted TOML");
}

TEST(Registry, FindsASetByNameElseNamesTheNearest) {
  const std::vector<RegisteredSet> sets = read(joined(good_lines()));

  EXPECT_EQ(&find_registered(sets, "tiny"), &sets[0]);
  expect_error([&] { (void)find_registered(sets, "tinny"); },
               ErrorKind::kData,
               "no problem set is called 'tinny'; did you mean 'tiny'?");
}

// Reading alone checks that no key is missing or malformed.
TEST(CommittedRegistry, IsWhole) {
  const std::vector<RegisteredSet> sets = read_registry("data/registry.toml");

  std::set<std::string> digests;
  int64_t num_files = 0;
  for (const RegisteredSet& set : sets) {
    EXPECT_THAT(set.licence, ::testing::AnyOf("MIT", "Apache-2.0")) << set.name;
    for (const UpstreamFile& file : set.files) {
      digests.insert(file.sha256);
      ++num_files;
    }
  }
  EXPECT_EQ(sets.size(), 14U);
  EXPECT_EQ(static_cast<int64_t>(digests.size()), num_files) << "two files with one digest";
}

}  // namespace
}  // namespace stratagram::text
