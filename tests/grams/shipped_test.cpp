// The files that come with the program, and what the documentation says of them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/file.h"
#include "grams/catalogue.h"
#include "grams/labels.h"
#include "grams/selector.h"

namespace stratagram::grams {
namespace {

using testing::HasSubstr;

std::filesystem::path shipped(const std::string& name) {
  return std::filesystem::path(STRATAGRAM_SOURCE_DIR) / name;
}

TEST(ShippedSelectors, HaveTheWeightsThatTheDocumentationShows) {
  const Selector selector = Selector::load(shipped("data/selectors/stratagram-v1.json"));
  const std::string text = read_file(shipped("docs/strategic-grams.md"));

  const size_t table = text.find("## By a small model");
  ASSERT_EQ(selector.features.size(), 10U);
  for (const WeightedFeature& feature : selector.features) {
    const size_t row = text.find(fmt::format("\n| `{}` |", feature.name), table);
    ASSERT_NE(row, std::string::npos) << feature.name;
    const std::string line = text.substr(row + 1, text.find('\n', row + 1) - row - 1);
    EXPECT_THAT(line, HasSubstr(fmt::format("| {:+.2f} |", feature.weight)));
  }
}

TEST(ShippedSelectors, OfCountsNeedNoVectorsAndNoJudge) {
  const Selector selector = Selector::load(shipped("data/selectors/counts.json"));

  EXPECT_FALSE(selector.needs_vectors());
  EXPECT_FALSE(selector.needs_judge());
  EXPECT_EQ(selector.features.size(), 8U);
}

// Or the figure of the half `final` is not that of grams which nothing was made from.
TEST(ShippedSelectors, HoldNoLabelOfTheLastHalf) {
  const Selector selector = Selector::load(shipped("data/selectors/stratagram-v1.json"));

  const std::vector<std::string> halves{"final"};
  for (const Label& label : load_labels(shipped("data/labels/grams.jsonl"), halves)) {
    const auto is_it = [&](const Example& example) { return example.text == label.text; };
    EXPECT_TRUE(std::ranges::none_of(selector.seeds, is_it)) << label.text;
    EXPECT_TRUE(std::ranges::none_of(selector.counter_examples, is_it)) << label.text;
  }
}

TEST(ShippedCatalogues, HaveTheNumbersThatTheirTableShows) {
  const std::string table = read_file(shipped("data/catalogues/README.md"));

  for (const char* name : {"paper-v3", "paper-v3-all", "stratagram-v1"}) {
    const Catalogue catalogue =
        Catalogue::load(shipped(fmt::format("data/catalogues/{}.json", name)));
    const size_t size = catalogue.grams.size();
    const std::string number =
        size < 1000 ? std::to_string(size) : fmt::format("{},{:03}", size / 1000, size % 1000);
    EXPECT_THAT(table, HasSubstr(fmt::format("| `{}.json` | {} |", name, number)));
  }
}

}  // namespace
}  // namespace stratagram::grams
