#include "grams/catalogue_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace stratagram::grams {
namespace {

using testing::HasSubstr;
using testing::Not;

Catalogue sample() {
  return {.name = "sample",
          .source = "by hand",
          .grams = {{.text = "wait let me",
                     .role = Role::kBacktracing,
                     .origin = "mined",
                     .cluster = 2,
                     .count = 5,
                     .document_frequency = 3},
                    {.text = "so we have", .role = Role::kDeduction, .origin = "manual"},
                    {.text = "this means that",
                     .role = Role::kDeduction,
                     .origin = "mined",
                     .cluster = 0,
                     .count = 9,
                     .document_frequency = 4}},
          .selection = {{{"method", "selector"}, {"grams", 8}, {"strategic", 3}}},
          .cluster_names = {{2, "hold on a"}}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The last three lines: those of the grams.
std::string order_of(TableOrder order) {
  const std::vector<std::string> lines = lines_of(to_table(sample(), {.order = order}));
  std::string found;
  for (size_t i = lines.size() - 3; i < lines.size(); ++i) {
    for (const char* word : {"wait", "so we", "this"}) {
      if (lines[i].find(word) != std::string::npos) found += std::string(word) + ";";
    }
  }
  return found;
}

TEST(CatalogueTable, IsOrderedAsAsked) {
  EXPECT_EQ(order_of(TableOrder::kRole), "this;so we;wait;");
  EXPECT_EQ(order_of(TableOrder::kCluster), "this;wait;so we;");
  EXPECT_EQ(order_of(TableOrder::kFrequency), "this;wait;so we;");
}

TEST(CatalogueTable, HoldsWhatIsKnownAndADashForTheRest) {
  const std::string table = to_table(sample(), {});

  EXPECT_THAT(table, HasSubstr("digest  " + sample().digest() + "\n"));
  EXPECT_THAT(table, HasSubstr("\nchosen  selector: 8 grams, 3 strategic; added ?, rejected ?\n"));
  EXPECT_THAT(table, HasSubstr("\ndeduction            2         9\n"));
  EXPECT_THAT(table, HasSubstr("\nbranching            0         -\n"));
  EXPECT_THAT(table,
              HasSubstr("\nbacktracing  mined              5         3  wait let me      2 hold on "
                        "a\n"));
  EXPECT_THAT(table, HasSubstr("\ndeduction    manual             -         -  so we have\n"));
}

TEST(CatalogueTable, HasTotalsOfClustersOnlyInTheirOrder) {
  EXPECT_THAT(to_table(sample(), {.order = TableOrder::kCluster}),
              HasSubstr("\n2                    1         5  hold on a\n"));
  EXPECT_THAT(to_table(sample(), {}), Not(HasSubstr("named by")));
}

TEST(CatalogueTable, IsNeverWiderThanTheTerminal) {
  Catalogue wide = sample();
  // Two columns each, three bytes each.
  wide.grams[1].text = "\xe4\xb8\x80\xe4\xba\x8c\xe4\xb8\x89\xe5\x9b\x9b\xe4\xba\x94";

  for (const std::string& line : lines_of(to_table(wide, {.columns = 52}))) {
    EXPECT_LE(line.size(), 52U + 5U) << line;
  }
  EXPECT_THAT(to_table(wide, {.columns = 52}), HasSubstr("  \xe4\xb8\x80\xe4\xba\x8c...\n"))
      << "45 columns before, 7 for it";
}

TEST(CatalogueTable, ColoursRolesOnlyWhenAsked) {
  EXPECT_THAT(to_table(sample(), {.colours = true}), HasSubstr("\x1b[35mbacktracing\x1b[0m "));
  EXPECT_THAT(to_table(sample(), {}), Not(HasSubstr("\x1b")));
}

TEST(CatalogueCsv, HasACellForEachFieldAndQuotesWhatNeedsIt) {
  Catalogue odd = sample();
  odd.grams[1].origin = "a \"b\", c";

  EXPECT_EQ(to_csv(odd, TableOrder::kFrequency),
            "gram,role,origin,cluster,cluster_name,count,documents\n"
            "this means that,deduction,mined,0,,9,4\n"
            "wait let me,backtracing,mined,2,hold on a,5,3\n"
            "so we have,deduction,\"a \"\"b\"\", c\",,,,\n");
}

}  // namespace
}  // namespace stratagram::grams
