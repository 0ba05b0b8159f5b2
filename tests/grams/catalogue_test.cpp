#include "grams/catalogue.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::grams {
namespace {

using nlohmann::json;

Catalogue small() {
  return {.name = "small",
          .source = "by hand",
          .corpus_digest = "",
          .grams = {{.text = "wait let me",
                     .role = Role::kBacktracing,
                     .origin = "manual",
                     .cluster = 2,
                     .count = 5,
                     .document_frequency = 3},
                    {.text = "this means that", .role = Role::kDeduction, .origin = "manual"}}};
}

TEST(Catalogue, ComesBackAsItWasSaved) {
  const TempFolder folder;
  small().save(folder.path() / "c.json");

  const Catalogue loaded = Catalogue::load(folder.path() / "c.json");

  EXPECT_EQ(loaded.grams, small().grams);
  EXPECT_EQ(loaded.digest(), small().digest());
}

TEST(Catalogue, DigestCoversEveryField) {
  Catalogue changed = small();
  changed.grams[0].count = 6;
  EXPECT_NE(changed.digest(), small().digest());
  changed = small();
  changed.grams[1].role = Role::kOther;
  EXPECT_NE(changed.digest(), small().digest());
  changed = small();
  changed.name = "other";
  EXPECT_NE(changed.digest(), small().digest());
}

// Their digests are those of catalogues that runs have recorded.
TEST(Catalogue, WithoutASelectionIsOfTheOldSchema) {
  EXPECT_EQ(small().to_json().at("schema"), 1);
  EXPECT_FALSE(small().to_json().contains("selection"));
  EXPECT_EQ(small().digest(), "3b8845bb14ec74b348767641ff0dbf40c752ec098eb374eff65d74fda5672518");

  Catalogue chosen = small();
  chosen.selection = {{{"method", "selector"}}};

  EXPECT_EQ(chosen.to_json().at("schema"), 2);
}

TEST(Catalogue, DigestCoversTheSelectionAndTheNamesOfClusters) {
  Catalogue chosen = small();
  chosen.selection = {{{"method", "selector"}, {"settings", {{"bias", 1.5}}}}};
  EXPECT_NE(chosen.digest(), small().digest());
  Catalogue named = small();
  named.cluster_names = {{2, "hold on"}};
  EXPECT_NE(named.digest(), small().digest());
}

void expect_refused(const json& spec, const char* what) {
  const TempFolder folder;
  const auto file = folder.write("c.json", spec.dump());
  expect_error([&] { (void)Catalogue::load(file); }, ErrorKind::kData, what);
  expect_error([&] { (void)Catalogue::load(file); }, ErrorKind::kData, "c.json");
}

TEST(Catalogue, NamesTheEntryThatIsWrong) {
  json good = small().to_json();
  good["sha256"] = small().digest();
  json bad = good;
  bad["grams"][1]["role"] = "poetry";
  expect_refused(bad, "gram 1: role");
  bad = good;
  bad["grams"][1]["text"] = "wait let me";
  expect_refused(bad, "came before, as gram 0");
  bad = good;
  bad["grams"][0]["text"] = "Wait, let me";
  expect_refused(bad, "write 'wait let me'");
  bad = good;
  bad["grams"][0]["text"] = "a b c d e f g";
  expect_refused(bad, "got 7");
  bad = good;
  bad["grams"][0]["text"] = "so. it is";
  expect_refused(bad, "break or a formula");
  bad = good;
  bad["grams"][0]["text"] = "so $x$ is";
  expect_refused(bad, "break or a formula");
  bad = good;
  bad["grams"][0]["count"] = 7;
  expect_refused(bad, "sha256");
  bad = good;
  bad["normaliser"] = 2;
  expect_refused(bad, "normaliser version: wanted 1, got 2");
  bad = good;
  bad["grams"] = json::array();
  expect_refused(bad, "at least one gram");
  bad = good;
  bad["grams"] = 5;
  expect_refused(bad, "array 'grams'");
  bad = good;
  bad["schema"] = 3;
  expect_refused(bad, "schema version: wanted 1 to 2, got 3");
  bad = good;
  bad["selection"] = {1};
  expect_refused(bad, "selection: wanted a list of objects");
  bad = good;
  bad["selection"] = {{{"method", "selector"}}};
  expect_refused(bad, "sha256");
  bad = good;
  bad["cluster_names"] = {{"two", "hold on"}};
  expect_refused(bad, "cluster_names: wanted a number");
  bad = good;
  bad["cluster_names"] = {{"7", "hold on"}};
  expect_refused(bad, "cluster_names: no gram is in cluster 7");
  expect_refused(json::array(), "not a JSON object");
}

TEST(Catalogue, RefusesAFileThatIsMissingCutShortOrNestedWithoutEnd) {
  const TempFolder folder;
  const auto file = folder.path() / "c.json";
  const auto refuse = [&](const char* what) {
    expect_error([&] { (void)Catalogue::load(file); }, ErrorKind::kData, what);
  };
  refuse("c.json: cannot be read");
  small().save(file);
  const std::string whole = read_file(file);

  for (size_t size = 0; size + 2 < whole.size(); size += 31) {
    folder.write("c.json", whole.substr(0, size));
    refuse("c.json: is not a JSON object");
  }
  folder.write("c.json", "{\"name\": " + std::string(1'000'000, '['));
  refuse("nested deeper");
}

// What the digest is for: no bit of the content can turn unseen.
TEST(Catalogue, FlippedBitsNeverGiveAnotherCatalogue) {
  const TempFolder folder;
  small().save(folder.path() / "c.json");
  const std::string good = read_file(folder.path() / "c.json");
  int64_t refused = 0;
  for (size_t bit = 0; bit < 8 * good.size(); bit += 3) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    const auto file = folder.write("c.json", bad);
    try {
      ASSERT_EQ(Catalogue::load(file).to_json(), small().to_json()) << "bit " << bit;
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::kData) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(PaperCatalogues, HoldThePapersListWithTheirDigests) {
  const std::string folder = std::string(STRATAGRAM_SOURCE_DIR) + "/data/catalogues/";

  EXPECT_EQ(Catalogue::load(folder + "paper-v3.json").grams.size(), 186U);
  EXPECT_EQ(Catalogue::load(folder + "paper-v3-all.json").grams.size(), 248U);
}

}  // namespace
}  // namespace stratagram::grams
