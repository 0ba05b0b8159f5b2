#include "core/share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.h"
#include "tests/support/temp_folder.h"

namespace stratagram {
namespace {

using ::testing::HasSubstr;

class ShareFolder : public ::testing::Test {
 protected:
  void SetUp() override { setenv("STRATAGRAM_SHARE", folder_.path().c_str(), 1); }
  void TearDown() override { unsetenv("STRATAGRAM_SHARE"); }
  TempFolder folder_;
};

TEST_F(ShareFolder, FollowsTheEnvironment) {
  folder_.write("catalogues/a.json", "{}");

  EXPECT_EQ(share_folder(), folder_.path());
}

TEST_F(ShareFolder, NamesThePlacesItTried) {
  try {
    (void)share_folder();
    FAIL() << "an empty folder was taken for the data folder";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConfig);
    EXPECT_THAT(error.what(), HasSubstr(folder_.path().string()));
  }
}

TEST_F(ShareFolder, PrefersAnExistingPathOverAName) {
  folder_.write("catalogues/a.json", "{}");
  const auto own = folder_.write("a", "{}");

  EXPECT_EQ(find_shared_json("catalogues", own.string()), own);
  EXPECT_EQ(find_shared_json("catalogues", "a"), folder_.path() / "catalogues/a.json");
}

TEST_F(ShareFolder, ListsTheNamesThatExistWhenOneDoesNot) {
  folder_.write("catalogues/paper.json", "{}");

  try {
    (void)find_shared_json("catalogues", "papr");
    FAIL() << "a missing catalogue was found";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    EXPECT_THAT(error.what(), HasSubstr("paper"));
  }
}

}  // namespace
}  // namespace stratagram
