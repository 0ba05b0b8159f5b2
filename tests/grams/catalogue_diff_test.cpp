#include "grams/catalogue_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace stratagram::grams {
namespace {

using testing::HasSubstr;
using testing::Not;

Catalogue before() {
  return {.name = "old",
          .corpus_digest = "one",
          .grams = {{.text = "wait let me", .role = Role::kBacktracing, .cluster = 4, .count = 5},
                    {.text = "get the total"},
                    {.text = "this means that", .role = Role::kOther},
                    {.text = "we need to", .count = 2}},
          .cluster_names = {{4, "hold on"}}};
}

Catalogue after() {
  return {.name = "new",
          .corpus_digest = "two",
          .grams = {{.text = "what if we", .role = Role::kBranching},
                    {.text = "we need to", .count = 3},
                    {.text = "this means that", .role = Role::kDeduction},
                    {.text = "wait let me", .role = Role::kBacktracing, .cluster = 9, .count = 5}},
          .cluster_names = {{9, "hold on"}}};
}

TEST(CatalogueDiff, SplitsGramsIntoAddedRemovedChangedAndSame) {
  const CatalogueDiff result = diff(before(), after());

  ASSERT_EQ(result.added.size(), 1U);
  EXPECT_EQ(result.added[0].text, "what if we");
  ASSERT_EQ(result.removed.size(), 1U);
  EXPECT_EQ(result.removed[0].text, "get the total");
  ASSERT_EQ(result.changed.size(), 2U);
  EXPECT_EQ(result.changed[0].before.text, "this means that");
  EXPECT_TRUE(result.changed[0].role);
  EXPECT_FALSE(result.changed[0].counts);
  EXPECT_EQ(result.changed[1].after.text, "we need to");
  EXPECT_TRUE(result.changed[1].counts);
  EXPECT_EQ(result.num_same, 1) << "its cluster has another number but the same name";
}

TEST(CatalogueDiff, OfClustersWithoutNamesGoesByNumber) {
  Catalogue unnamed = after();
  unnamed.cluster_names.clear();

  const CatalogueDiff result = diff(before(), unnamed);

  EXPECT_EQ(result.num_same, 0);
  EXPECT_THAT(to_text(result, before(), unnamed), HasSubstr("wait let me  (9, was 'hold on')"));
}

TEST(CatalogueDiff, OfACatalogueWithItselfIsEmptyAndSaysThatTheDigestsAreEqual) {
  const CatalogueDiff result = diff(before(), before());

  EXPECT_EQ(result.num_same, 4);
  EXPECT_TRUE(result.added.empty() && result.removed.empty() && result.changed.empty());
  EXPECT_THAT(to_text(result, before(), before()), HasSubstr("the digests are equal"));
  EXPECT_EQ(to_json(result, before(), before()).at("equal"), true);
}

TEST(CatalogueDiff, ListsTheGramsInText) {
  const std::string text = to_text(diff(before(), after()), before(), after());

  EXPECT_THAT(text, HasSubstr("\n+ branching    what if we\n- other        get the total\n"));
  EXPECT_THAT(text, HasSubstr("\n~ deduction    this means that  (was other)\n"));
  EXPECT_THAT(text, HasSubstr("mined from other texts"));
  EXPECT_THAT(text,
              HasSubstr("1 added, 1 removed, 1 the same in all; of the others 1 changed role, "
                        "0 cluster, 1 counts, 0 origin\n"));
  EXPECT_THAT(text, Not(HasSubstr("we need to"))) << "only counts differ";
}

TEST(CatalogueDiff, HoldsEveryChangeAsJson) {
  const nlohmann::json object = to_json(diff(before(), after()), before(), after());

  EXPECT_EQ(object.at("before").at("roles").at("other"), 3);
  EXPECT_EQ(object.at("after").at("sha256"), after().digest());
  EXPECT_EQ(object.at("added")[0].at("gram"), "what if we");
  const nlohmann::json& counts = object.at("changed")[1];
  EXPECT_EQ(counts.at("what"), nlohmann::json::array({"counts"}));
  EXPECT_EQ(counts.at("before").at("count"), 2);
  EXPECT_EQ(counts.at("after").at("count"), 3);
}

}  // namespace
}  // namespace stratagram::grams
