#include "grams/frequent_grams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "core/interrupt.h"
#include "core/stream.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::grams {
namespace {

using testing::ElementsAre;
using Documents = std::vector<std::vector<HashedGram>>;

std::vector<HashedGram> grams_of(const std::vector<uint64_t>& hashes) {
  std::vector<HashedGram> grams;
  for (const uint64_t hash : hashes) grams.push_back({.hash = hash});
  return grams;
}

std::vector<uint64_t> hashes_of(const std::vector<HashedGram>& grams) {
  std::vector<uint64_t> hashes;
  for (const HashedGram& gram : grams) hashes.push_back(gram.hash);
  return hashes;
}

// Few grams that are frequent and many that are not; hash 0 is one of the frequent ones.
Documents random_documents(size_t num_documents, size_t num_grams, uint64_t seed) {
  const Stream stream({.seed = seed, .purpose = "documents"});
  Documents documents(num_documents);
  uint64_t draw = 0;
  for (auto& document : documents) {
    for (size_t i = 0; i < num_grams; ++i) {
      const uint64_t rank =
          stream.below(4, draw++) == 0 ? stream.below(50, draw++) : stream.below(20'000, draw++);
      document.push_back({.hash = rank * 0x9e3779b97f4a7c15U});
    }
  }
  return documents;
}

std::vector<uint64_t> plainly_frequent(const Documents& documents, uint64_t min_documents) {
  std::map<uint64_t, uint64_t> num_documents;
  for (const auto& document : documents) {
    const std::vector<uint64_t> hashes = hashes_of(document);
    for (const uint64_t hash : std::set<uint64_t>(hashes.begin(), hashes.end())) {
      ++num_documents[hash];
    }
  }
  std::vector<uint64_t> frequent;
  for (const auto& [hash, num] : num_documents) {
    if (num >= min_documents) frequent.push_back(hash);
  }
  return frequent;
}

class DocumentCounters : public testing::Test {
 protected:
  [[nodiscard]] std::vector<uint64_t> frequent(const Documents& documents,
                                               int64_t min_documents,
                                               uint64_t max_bytes) {
    DocumentCounter counter(max_bytes, folder.path());
    for (const auto& document : documents) counter.add(document);
    num_spills = counter.num_spills();
    return counter.finish(min_documents);
  }

  TempFolder folder;
  size_t num_spills = 0;
};

TEST_F(DocumentCounters, CountEachDocumentOnceInMemory) {
  const Documents documents = random_documents(300, 100, 1);

  for (const int64_t least : {1, 2, 5, 60}) {
    EXPECT_EQ(frequent(documents, least, 64 << 20), plainly_frequent(documents, least)) << least;
    EXPECT_EQ(num_spills, 0U);
  }
}

TEST_F(DocumentCounters, CountTheSameWhenTheirMemoryIsFullAgainAndAgain) {
  const Documents documents = random_documents(300, 100, 2);

  for (const int64_t least : {1, 2, 5, 60}) {
    EXPECT_EQ(frequent(documents, least, 0), plainly_frequent(documents, least)) << least;
    EXPECT_GT(num_spills, 1U);
  }
}

TEST_F(DocumentCounters, CountTheSameWhenRunsAreMergedIntoLargerOnes) {
  const Documents documents = random_documents(2'000, 400, 3);

  // Most grams occur in 29 documents, so a document that is lost or comes twice changes the list.
  for (const int64_t least : {3, 25, 29, 33}) {
    EXPECT_EQ(frequent(documents, least, 0), plainly_frequent(documents, least)) << least;
    EXPECT_GT(num_spills, 16U * 3);  // so that some were merged
  }
}

// A spill in the midst of a document must not forget which of its grams were seen.
TEST_F(DocumentCounters, CountADocumentOnceThatIsLargerThanTheirMemory) {
  Documents documents = random_documents(3, 2'000, 4);
  std::vector<uint64_t> many;
  for (int round = 0; round < 3; ++round) {
    for (uint64_t i = 0; i < 10'000; ++i) many.push_back(i * 0x9e3779b97f4a7c15U);
  }
  documents.push_back(grams_of(many));
  documents.push_back(grams_of(many));

  for (const int64_t least : {1, 2, 3}) {
    EXPECT_EQ(frequent(documents, least, 0), plainly_frequent(documents, least)) << least;
    EXPECT_GE(num_spills, 1U);
  }
}

TEST_F(DocumentCounters, KnowTheGramWhoseHashIsZero) {
  const Documents documents = {grams_of({0, 0, 7}), grams_of({0})};

  EXPECT_THAT(frequent(documents, 1, 0), ElementsAre(0, 7));
  EXPECT_THAT(frequent(documents, 2, 0), ElementsAre(0));
}

TEST_F(DocumentCounters, KeepFewFilesOpen) {
  const auto num_open = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  const auto before = num_open();
  DocumentCounter counter(0, folder.path());
  for (const auto& document : random_documents(2'000, 400, 5)) counter.add(document);

  EXPECT_GT(counter.num_spills(), 100U);
  EXPECT_LE(num_open() - before, 2 * 16);
}

TEST_F(DocumentCounters, StopAnInterruptedMerge) {
  DocumentCounter counter(0, folder.path());
  for (const auto& document : random_documents(300, 100, 6)) counter.add(document);
  request_interrupt();

  expect_error([&] { (void)counter.finish(1); }, ErrorKind::kInterrupted, "nothing was written");
  clear_interrupt();
}

TEST(FrequencyFilter, NeverDropsAFrequentGram) {
  const Documents documents = random_documents(300, 100, 7);
  for (const uint64_t max_bytes : {uint64_t{0}, uint64_t{4096}, uint64_t{1} << 20}) {
    FrequencyFilter filter(30'000, max_bytes);
    for (const auto& document : documents) filter.add(document);
    for (const int64_t least : {2, 5, 60}) {
      const std::vector<uint64_t> frequent = plainly_frequent(documents, least);
      std::vector<HashedGram> grams = grams_of(frequent);

      filter.keep(least, grams);

      EXPECT_EQ(hashes_of(grams), frequent) << least << " with " << max_bytes;
    }
  }
}

// Otherwise it would be of no use.
TEST(FrequencyFilter, DropsMostOfTheOthersWhenItHasASlotForEach) {
  const Documents documents = random_documents(300, 100, 8);
  FrequencyFilter filter(30'000, 1 << 20);
  for (const auto& document : documents) filter.add(document);
  size_t kept = 0;
  for (auto document : documents) {
    filter.keep(20, document);
    kept += document.size();
  }

  const size_t num_frequent_ones = 300 * 100 / 4;
  EXPECT_GT(kept, num_frequent_ones / 2);
  EXPECT_LT(kept, num_frequent_ones * 5 / 4);
}

TEST(FrequencyFilter, KeepsAGramThatOccursMoreOftenThanItCanCount) {
  FrequencyFilter filter(1024, 1024);
  for (int i = 0; i < 1000; ++i) filter.add(grams_of({42}));
  for (const int64_t least : {254, 255, 256, 900}) {
    std::vector<HashedGram> grams = grams_of({42});

    filter.keep(least, grams);

    EXPECT_EQ(grams.size(), 1U) << least;
  }
}

TEST(FrequencyFilter, DropsWhatOccursJustTooRarely) {
  FrequencyFilter filter(1024, 1024);
  for (int i = 0; i < 253; ++i) filter.add(grams_of({42}));
  std::vector<HashedGram> grams = grams_of({42});

  filter.keep(253, grams);
  EXPECT_EQ(grams.size(), 1U);
  filter.keep(254, grams);
  EXPECT_EQ(grams.size(), 0U);
}

TEST(FrequencyFilter, TakesNoMoreThanItMay) {
  EXPECT_EQ(FrequencyFilter(uint64_t{1} << 40, 5000).num_bytes(), 4096U);
  EXPECT_EQ(FrequencyFilter(2000, uint64_t{1} << 40).num_bytes(), 2048U);
  EXPECT_EQ(FrequencyFilter(0, 0).num_bytes(), 1024U);
}

}  // namespace
}  // namespace stratagram::grams
