#include "grams/miner.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "core/interrupt.h"
#include "tests/grams/random_text.h"
#include "tests/support/expect_error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/reference/plain_miner.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_folder.h"

namespace stratagram::grams {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using reference::PlainGram;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const MiningProgress kSilent = [](std::string_view, int64_t, int64_t) {};

// Of some problems, sources and steps; right, wrong and unknown; one in five a copy of an earlier
// one, which other marks between the words do not hide.
std::vector<text::Solution> random_solutions(size_t count, uint64_t seed) {
  RandomText random(seed, "solutions");
  std::vector<text::Solution> solutions;
  while (solutions.size() < count) {
    text::Solution solution;
    if (!solutions.empty() && random.below(5) == 0) {
      solution = solutions[random.below(solutions.size())];
      std::ranges::replace(solution.response, ',', ';');
    } else {
      const uint64_t problem = random.below(9);
      solution.problem_id = fmt::format("p{}", problem);
      RandomText asked(problem, "problems");
      if (problem > 0) solution.problem = asked.words(6) + std::to_string(problem);
      solution.response = random.words(3 + random.below(40));
      if (random.below(4) > 0) solution.step = static_cast<int64_t>(random.below(4)) - 1;
      solution.source = std::string("model ") + static_cast<char>('a' + random.below(3));
    }
    const uint64_t judged = random.below(3);
    solution.correct = judged == 2 ? std::optional<bool>() : std::optional<bool>(judged == 0);
    solutions.push_back(std::move(solution));
  }
  return solutions;
}

std::string row_of(const text::Solution& solution) {
  json row = {
      {"id", solution.problem_id}, {"response", solution.response}, {"model", solution.source}};
  if (!solution.problem.empty()) row["problem"] = solution.problem;
  if (solution.correct) row["correct"] = *solution.correct;
  if (solution.step) row["step"] = *solution.step;
  return row.dump() + "\n";
}

std::string rows_of(const std::vector<text::Solution>& solutions) {
  std::string rows;
  for (const text::Solution& solution : solutions) rows += row_of(solution);
  return rows;
}

class Miner : public testing::Test {
 protected:
  [[nodiscard]] CandidateList mined(const std::vector<fs::path>& files,
                                    MiningOptions options,
                                    const MiningProgress& progress = kSilent) const {
    options.scratch = scratch.path();
    return mine(files, {}, options, progress);
  }

  // In three files.
  [[nodiscard]] std::vector<fs::path> write(const std::vector<text::Solution>& solutions) const {
    std::vector<std::string> rows(3);
    for (size_t i = 0; i < solutions.size(); ++i) {
      rows[3 * i / solutions.size()] += row_of(solutions[i]);
    }
    std::vector<fs::path> files;
    for (size_t i = 0; i < 3; ++i) {
      files.push_back(folder.write(std::to_string(i) + "-of-3.jsonl", rows[i]));
    }
    return files;
  }

  [[nodiscard]] CandidateList mined_rows(const std::vector<text::Solution>& solutions,
                                         const MiningOptions& options) const {
    return mined({folder.write("rows.jsonl", rows_of(solutions))}, options);
  }

  TempFolder folder;
  TempFolder scratch;
};

// Whether the contexts from `next` on can stand in problems of which none was used.
bool fits(const std::vector<Context>& contexts,
          size_t next,
          const PlainGram& gram,
          std::set<std::string>& used) {
  if (next == contexts.size()) return true;
  for (const auto& [problem, places] : gram.places) {
    if (std::ranges::find(places, contexts[next]) == places.end()) continue;
    if (!used.insert(problem).second) continue;
    if (fits(contexts, next + 1, gram, used)) return true;
    used.erase(problem);
  }
  return false;
}

void expect_like(const Candidate& got, const PlainGram& wanted, int64_t max_contexts) {
  SCOPED_TRACE(got.text);
  EXPECT_EQ(got.count, wanted.counts.count);
  EXPECT_EQ(got.document_frequency, wanted.counts.document_frequency);
  EXPECT_EQ(got.problem_frequency, static_cast<int64_t>(wanted.places.size()));
  EXPECT_EQ(got.problem_text_frequency, wanted.counts.problem_text_frequency);
  EXPECT_EQ(got.sentence_starts, wanted.counts.sentence_starts);
  EXPECT_EQ(got.by_source, wanted.counts.by_source);
  EXPECT_EQ(got.by_step, wanted.counts.by_step);
  EXPECT_EQ(got.contexts.size(),
            std::min<size_t>(static_cast<size_t>(max_contexts), wanted.places.size()));
  std::set<std::string> used;
  EXPECT_TRUE(fits(got.contexts, 0, wanted, used)) << "a context that is none of its places";
}

void expect_like(const CandidateList& got,
                 const std::map<std::string, PlainGram>& wanted,
                 const MiningOptions& options) {
  std::map<std::string, int64_t> counts;
  for (const auto& [gram, found] : wanted) counts[gram] = found.counts.count;
  std::set<std::string> stay = reference::plain_unmerged(counts, options.merge_share);
  EXPECT_EQ(got.mining.at("merged").get<size_t>(), wanted.size() - stay.size());
  for (const Candidate& candidate : got.candidates) {
    ASSERT_EQ(stay.erase(candidate.text), 1U) << candidate.text;
    expect_like(candidate, wanted.at(candidate.text), options.max_contexts);
  }
  EXPECT_THAT(stay, IsEmpty());
}

TEST_F(Miner, FindsAndCountsWhatMapsOfStringsDo) {
  const auto solutions = random_solutions(150, 1);
  const std::vector<fs::path> files = write(solutions);
  size_t num_compared = 0;
  for (const GramLengths lengths : {GramLengths{1, 1},
                                    GramLengths{1, 6},
                                    GramLengths{2, 3},
                                    GramLengths{3, 5},
                                    GramLengths{6, 6}}) {
    for (int64_t least = 1; least <= 5; ++least) {
      for (const bool only_correct : {false, true}) {
        SCOPED_TRACE(
            fmt::format("{} to {} words in {}", lengths.min_words, lengths.max_words, least));
        const MiningOptions options{.lengths = lengths,
                                    .only_correct = only_correct,
                                    .min_documents = least,
                                    .max_contexts = least - 1,
                                    .merge_share = 2.0};
        const auto wanted = reference::plain_mine(solutions, options);
        num_compared += wanted.size();

        expect_like(mined(files, options), wanted, options);
      }
    }
  }
  EXPECT_GT(num_compared, 5'000U);
}

TEST_F(Miner, LeavesOutTheFragmentsThatComparingAllPairsLeavesOut) {
  const auto solutions = random_solutions(150, 2);
  for (const double share : {0.3, 0.9, 1.0}) {
    const MiningOptions options{.lengths = {1, 6}, .min_documents = 3, .merge_share = share};
    const CandidateList list = mined_rows(solutions, options);

    expect_like(list, reference::plain_mine(solutions, options), options);
    EXPECT_GT(list.mining.at("merged").get<int64_t>(), 0) << share;
  }
}

// The table of documents holds 3,072 grams then, so that it is full twice at least when all grams
// count (frequent_grams_test.cpp says how often), and the sets of problems take 4 KiB.
TEST_F(Miner, FindsTheSameWhenMemoryHoldsAFewGramsOnly) {
  const auto solutions = random_solutions(700, 3);
  const std::vector<fs::path> files = write(solutions);
  for (const int64_t least : {1, 3}) {
    const MiningOptions options{.lengths = {1, 5},
                                .min_documents = least,
                                .max_contexts = least - 1,
                                .merge_share = 2.0,
                                .memory_bytes = 8 << 10};
    const auto wanted = reference::plain_mine(solutions, options);
    ASSERT_GT(wanted.size(), least == 1 ? 2 * 3'072U : 500U);
    int rounds = 0;

    const CandidateList list =
        mined(files, options, [&](std::string_view what, int64_t done, int64_t) {
          rounds += what == "counting problems" && done == 0 ? 1 : 0;
        });

    expect_like(list, wanted, options);
    EXPECT_GT(rounds, 0);
  }
}

TEST_F(Miner, CountsBeyond255Documents) {
  std::vector<text::Solution> solutions;
  for (int i = 0; i < 300; ++i) {
    solutions.push_back({.problem_id = fmt::format("p{}", i),
                         .response = i < 280 ? "so we are done" : "so we are here",
                         .source = "s"});
  }
  const auto texts = [&](int64_t least) {
    std::vector<std::string> found;
    const auto list =
        mined_rows(solutions, {.lengths = {3, 4}, .min_documents = least, .merge_share = 2});
    for (const Candidate& candidate : list.candidates) found.push_back(candidate.text);
    return found;
  };

  EXPECT_THAT(texts(300), ElementsAre("so we are"));
  EXPECT_THAT(texts(280), ElementsAre("so we are", "so we are done", "we are done"));
  EXPECT_THAT(texts(281), ElementsAre("so we are"));
  EXPECT_THAT(texts(301), IsEmpty());
}

TEST_F(Miner, CountsAGramThatRunsIntoItself) {
  const auto list =
      mined_rows({{.problem_id = "p", .response = "no no no no. No no", .source = "s"}},
                 {.lengths = {2, 3}, .min_documents = 1, .merge_share = 2});

  ASSERT_EQ(list.candidates.size(), 2U);
  EXPECT_EQ(list.candidates[0].text, "no no");
  EXPECT_EQ(list.candidates[0].count, 4);
  EXPECT_EQ(list.candidates[0].sentence_starts, 2);
  EXPECT_EQ(list.candidates[1].text, "no no no");
  EXPECT_EQ(list.candidates[1].count, 2);
}

void expect_same(const CandidateList& got, const CandidateList& wanted) {
  ASSERT_EQ(got.candidates.size(), wanted.candidates.size());
  for (size_t i = 0; i < wanted.candidates.size(); ++i) {
    ASSERT_TRUE(got.candidates[i] == wanted.candidates[i]) << wanted.candidates[i].text;
  }
}

// But for copies: the first one counts, and its marks between the words are the ones that count.
TEST_F(Miner, CountsTheSameInWhateverOrderTheFilesCome) {
  const std::vector<fs::path> files =
      write(reference::plain_documents(random_solutions(300, 4), /*only_correct=*/false));
  const MiningOptions options{.lengths = {1, 5}, .min_documents = 2};
  const auto counts = [&](const std::vector<fs::path>& order) {
    CandidateList list = mined(order, options);
    for (Candidate& candidate : list.candidates) candidate.contexts.clear();
    list.corpus.digest.clear();
    return list;
  };

  const CandidateList forward = counts({files[0], files[1], files[2]});
  const CandidateList backward = counts({files[2], files[0], files[1]});

  EXPECT_GT(forward.candidates.size(), 500U);
  EXPECT_TRUE(forward.corpus == backward.corpus);
  expect_same(backward, forward);
}

TEST_F(Miner, QuotesTheSameProblemsInWhateverOrderTheFilesCome) {
  std::vector<text::Solution> solutions = random_solutions(150, 5);
  for (size_t i = 0; i < solutions.size(); ++i) {  // one of each problem
    solutions[i].problem_id = std::to_string(i);
    solutions[i].problem.clear();
  }
  const std::vector<fs::path> files = write(solutions);
  const MiningOptions options{.lengths = {2, 3}, .min_documents = 7};

  const CandidateList forward = mined({files[0], files[1], files[2]}, options);
  const CandidateList backward = mined({files[2], files[1], files[0]}, options);

  EXPECT_GT(forward.candidates.size(), 20U);
  expect_same(backward, forward);
  EXPECT_NE(forward.corpus.digest, backward.corpus.digest);
}

TEST_F(Miner, SaysWhatWasRead) {
  const auto list = mined_rows(
      {{.problem_id = "p", .response = "One two $x$", .correct = true, .step = 3, .source = "a"},
       {.problem_id = "p", .response = "one: two $y$", .correct = true, .step = 4, .source = "b"},
       {.problem_id = "p", .response = "one three", .correct = false, .source = "a"},
       {.problem_id = "q", .response = "one two", .correct = true, .source = "b"}},
      {.only_correct = true, .min_documents = 2});

  EXPECT_EQ(list.corpus.num_documents, 2);
  EXPECT_EQ(list.corpus.num_problems, 2);
  EXPECT_EQ(list.corpus.num_words, 5);
  EXPECT_EQ(list.corpus.num_duplicates, 1);
  EXPECT_EQ(list.corpus.num_wrong, 1);
  EXPECT_THAT(list.corpus.by_source, UnorderedElementsAre(std::pair("a", 1), std::pair("b", 1)));
  EXPECT_THAT(list.corpus.by_step, UnorderedElementsAre(std::pair(3, 1)));
  EXPECT_EQ(list.corpus.digest.size(), 64U);
}

TEST_F(Miner, RefusesOptionsBeyondTheirRanges) {
  const auto expect_refused = [&](const MiningOptions& options, const std::string& what) {
    expect_error(
        [&] { (void)mined_rows({{.response = "so"}}, options); }, ErrorKind::kConfig, what);
  };

  expect_refused({.lengths = {0, 3}}, "grams of 0 to 3 words: wanted 1 to 6");
  expect_refused({.lengths = {5, 3}}, "grams of 5 to 3 words");
  expect_refused({.lengths = {3, 7}}, "grams of 3 to 7 words");
  expect_refused({.min_documents = 0}, "wanted 1 document or more, got 0");
  expect_refused({.max_contexts = -1}, "wanted 0 contexts or more, got -1");
  expect_refused({.merge_share = 0}, "wanted a share to merge above 0, got 0");
  expect_refused({.merge_share = std::nan("")}, "wanted a share to merge above 0, got nan");
}

TEST_F(Miner, SaysWhyNoSolutionCounts) {
  expect_error([&] { (void)mined_rows({{.response = "so"}}, {.only_correct = true}); },
               ErrorKind::kData,
               "1 rows hold no solution that counts; of none it is known that it is correct: name "
               "the field that says so (--field correct=FIELD), or mine all of them");
  expect_error(
      [&] { (void)mined_rows({}, {}); }, ErrorKind::kData, "0 rows hold no solution that counts");
}

TEST_F(Miner, RefusesMoreGramsThanMemoryHolds) {
  std::string text;
  for (int i = 0; i < 12'000; ++i) text += fmt::format("w{} ", i);

  expect_error(
      [&] {
        (void)mined_rows({{.response = text}},
                         {.lengths = {1, 1}, .min_documents = 1, .memory_bytes = 1});
      },
      ErrorKind::kData,
      "12000 grams occur in 1 solutions or more, and a list of so many takes 21 MiB, more than the "
      "16 MiB that are allowed; ask for more solutions a gram (--min-documents)");
}

// Each gram has its own count for each step.
TEST_F(Miner, RefusesMoreCountsByStepThanMemoryHolds) {
  std::vector<text::Solution> solutions;
  for (int i = 0; i < 400; ++i) {
    text::Solution solution{.problem_id = std::to_string(i), .step = i, .source = "s"};
    for (int k = 0; k < 600; ++k) solution.response += fmt::format("w{} ", k);
    solutions.push_back(std::move(solution));
  }

  expect_error(
      [&] {
        (void)mined_rows(solutions, {.lengths = {1, 1}, .min_documents = 2, .memory_bytes = 1});
      },
      ErrorKind::kData,
      "600 grams occur in 2 solutions or more, and a list of so many takes 19 MiB");
}

TEST_F(Miner, TellsWhenAFileChangedWhileItWasRead) {
  const auto first = rows_of({{.problem_id = "p", .response = "so we are done", .source = "s"}});
  const auto other = rows_of({{.problem_id = "p", .response = "so we are here", .source = "s"}});
  for (const std::string& change : {other, std::string()}) {
    const fs::path file = folder.write("rows.jsonl", first);
    const auto change_it = [&](std::string_view what, int64_t, int64_t) {
      if (what == "describing") (void)folder.write("rows.jsonl", change);
    };

    expect_error([&] { (void)mined({file}, {.min_documents = 1}, change_it); },
                 ErrorKind::kData,
                 "changed while it was read; mine again");
  }
}

TEST_F(Miner, RefusesWhatCannotBeReadTwice) {
  const fs::path pipe = folder.path() / "pipe.jsonl";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);

  expect_error([&] { (void)mined({pipe}, {}); }, ErrorKind::kData, "write what it gives to a file");
}

TEST_F(Miner, StopsWhenInterrupted) {
  const std::vector<fs::path> files = write(random_solutions(700, 6));
  for (const char* stage : {"reading", "counting", "describing", "quoting"}) {
    SCOPED_TRACE(stage);
    const auto stop = [&](std::string_view what, int64_t, int64_t) {
      if (what == stage) request_interrupt();
    };

    expect_error([&] { (void)mined(files, {.lengths = {1, 3}, .min_documents = 3}, stop); },
                 ErrorKind::kInterrupted,
                 "run the command again");
    clear_interrupt();
  }
}

TEST_F(Miner, StopsWhenInterruptedThoughNoSolutionCounts) {
  std::vector<text::Solution> wrong(600, {.response = "so", .correct = false, .source = "s"});
  request_interrupt();

  expect_error([&] { (void)mined_rows(wrong, {.only_correct = true}); },
               ErrorKind::kInterrupted,
               "stopped while");
  clear_interrupt();
}

TEST_F(Miner, LeavesNothingInTheScratchFolder) {
  bool seen = false;
  (void)mined(write(random_solutions(30, 7)), {}, [&](std::string_view, int64_t, int64_t) {
    seen = true;
    EXPECT_TRUE(fs::is_empty(scratch.path()));
  });

  EXPECT_TRUE(seen);
  EXPECT_TRUE(fs::is_empty(scratch.path()));
}

TEST_F(Miner, SaysThatTheScratchFolderIsFull) {
  const std::vector<fs::path> files = write(random_solutions(700, 8));
  const FileSizeLimit limit(20'000);

  expect_error([&] { (void)mined(files, {}); }, ErrorKind::kDevice, scratch.path().string());
}

// Counts that an independent program in another language gave for the same files.
TEST_F(Miner, FindsInRealTracesWhatAnotherProgramFound) {
  const auto one = shared_data("traces/limo_r1_distill_qwen_32b.jsonl");
  if (!one) GTEST_SKIP() << "no traces; see STRATAGRAM_SHARED_DATA in CONTRIBUTING.md";
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(one->parent_path())) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  MiningOptions options{
      .only_correct = true, .min_documents = 5, .max_contexts = 1, .merge_share = 2.0};

  const CandidateList list = mined(files, options);
  options = {.only_correct = true, .min_documents = 20};
  const CandidateList merged = mined(files, options);

  EXPECT_EQ(list.corpus.num_documents, 4'703);
  EXPECT_EQ(list.corpus.num_problems, 1'654);
  EXPECT_EQ(list.corpus.num_words, 3'361'946);
  EXPECT_EQ(list.corpus.num_duplicates, 95);
  EXPECT_EQ(list.corpus.num_wrong, 651);
  EXPECT_EQ(list.candidates.size(), 97'892U);
  EXPECT_EQ(std::ranges::count_if(
                list.candidates,
                [](const Candidate& candidate) { return candidate.document_frequency >= 20; }),
            11'965);
  EXPECT_EQ(merged.candidates.size(), 9'743U);
}

}  // namespace
}  // namespace stratagram::grams
