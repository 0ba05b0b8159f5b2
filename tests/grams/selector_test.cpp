#include "grams/selector.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/stream.h"
#include "grams/evidence_rows.h"
#include "grams/fit_selector.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::grams {
namespace {

using nlohmann::json;

// A vector on the unit circle from the first letter: moves lie east, computing lies west.
Embeddings by_first_letter(const std::vector<std::string>& texts) {
  Embeddings vectors{.values = {}, .width = 2};
  for (const std::string& text : texts) {
    const double turn = (text[0] == 'm' ? 0.0 : 3.0) + 0.01 * static_cast<double>(text.back() % 7);
    vectors.values.push_back(static_cast<float>(std::cos(turn)));
    vectors.values.push_back(static_cast<float>(std::sin(turn)));
  }
  return vectors;
}

Candidate candidate(const std::string& text, int64_t documents) {
  return {.text = text,
          .count = 2 * documents,
          .document_frequency = documents,
          .problem_frequency = documents};
}

CandidateList list_of(const std::vector<Candidate>& candidates) {
  return {.corpus = {.digest = "d", .num_documents = 1000, .num_problems = 1000},
          .mining = {},
          .candidates = candidates};
}

std::string letters(size_t i) {
  return {static_cast<char>('a' + i % 26), static_cast<char>('a' + i / 26 % 26)};
}

// Grams whose first letter tells their label, or not.
struct World {
  CandidateList list = list_of({});
  std::vector<Label> labels{};
};

World world(size_t num_grams, bool letter_tells) {
  const Stream stream({.seed = 1, .purpose = "test"});
  World made;
  for (size_t i = 0; i < num_grams; ++i) {
    const bool move = stream.below(2, 2 * i) == 0;
    const bool strategic = letter_tells ? move : stream.below(2, 2 * i + 1) == 0;
    const std::string text = std::string(move ? "m" : "c") + " gram " + letters(i);
    made.list.candidates.push_back(candidate(text, 5));
    made.labels.push_back({.text = text, .strategic = strategic});
    if (strategic) made.labels.back().role = Role::kBranching;
  }
  return made;
}

Evidence evidence_of(const CandidateList& list) {
  return {.candidates = &list, .embed = by_first_letter, .embedder = {{"kind", "letters"}}};
}

FitOptions nearness() {
  return {.name = "test", .features = {kSeedsFeature, kCounterFeature}};
}

TEST(Selector, GivesTheProbabilityOfItsWrittenWeights) {
  Selector selector{.name = "test", .bias = -0.5, .threshold = 0.6};
  selector.features = {{.name = "problems", .mean = -2, .scale = 3, .weight = 1.5},
                       {.name = "words", .mean = 3, .scale = 2, .weight = -0.7}};
  const CandidateList list = list_of({candidate("a b c", 100), candidate("a b c d", 1)});

  const Selection selection = select(selector, {.candidates = &list});

  const double first = -0.5 + 1.5 * (std::log(0.1) + 2) / 3;
  const double second = -0.5 + 1.5 * (std::log(0.001) + 2) / 3 - 0.7 * (4 - 3) / 2.0;
  ASSERT_EQ(selection.choices.size(), 2U);
  EXPECT_NEAR(*selection.choices[0].score, 1 / (1 + std::exp(-first)), 1e-12);
  EXPECT_NEAR(*selection.choices[1].score, 1 / (1 + std::exp(-second)), 1e-12);
  EXPECT_EQ(selection.corpus_digest, "d");
}

TEST(Selector, CallsStrategicWhatReachesItsThreshold) {
  const CandidateList list = list_of({candidate("a b c", 100)});
  Selector selector{.name = "test", .bias = 0, .threshold = 0.5};

  EXPECT_TRUE(select(selector, {.candidates = &list}).choices[0].strategic);
  selector.threshold = 0.5001;
  EXPECT_FALSE(select(selector, {.candidates = &list}).choices[0].strategic);
}

TEST(Selector, TakesTheJudgesAnswerWhereThereIsOne) {
  Selector selector{.name = "test"};
  selector.features = {{.name = kJudgeFeature, .weight = 2}};
  const CandidateList list = list_of({candidate("a", 9), candidate("b", 9), candidate("c", 9)});
  const Selection judge{.method = "judge",
                        .choices = {{.text = "a", .strategic = true}, {.text = "b"}}};

  const Selection selection = select(selector, {.candidates = &list, .judge = &judge});

  EXPECT_NEAR(*selection.choices[0].score, 1 / (1 + std::exp(-2.0)), 1e-12);
  EXPECT_NEAR(*selection.choices[1].score, 1 / (1 + std::exp(2.0)), 1e-12);
  EXPECT_NEAR(*selection.choices[2].score, 0.5, 1e-12);
}

// A corpus of other sources must not make every gram look like nobody's habit.
TEST(Selector, LeavesReasoningOutWhereNobodyIsKnownToBePlain) {
  CandidateList list = list_of({candidate("a b c", 100)});
  list.corpus.by_source = {{"thinker", 900}, {"plain one", 100}};
  list.candidates[0].by_source = {{"thinker", 100}};
  Selector selector{.name = "test", .bias = 0.3, .plain_sources = {"gone"}};
  selector.features = {{.name = "reasoning", .mean = 5, .scale = 2, .weight = 3}};
  const double without = 1 / (1 + std::exp(-0.3));

  const Selection alone = select(selector, {.candidates = &list});
  const Selection named = select(selector, {.candidates = &list, .plain_sources = {"plain one"}});

  EXPECT_NEAR(*alone.choices[0].score, without, 1e-12);
  EXPECT_GT(std::abs(*named.choices[0].score - without), 0.01);
}

// Named by the selector for another corpus, not by who asks now.
TEST(Selector, LeavesReasoningOutWhereEverybodyIsPlain) {
  CandidateList list = list_of({candidate("a b c", 100)});
  list.corpus.by_source = {{"plain one", 100}};
  Selector selector{.name = "test", .bias = 0.3, .plain_sources = {"plain one", "gone"}};
  selector.features = {{.name = "reasoning", .mean = 5, .scale = 2, .weight = 3}};

  const Selection selection = select(selector, {.candidates = &list});

  EXPECT_NEAR(*selection.choices[0].score, 1 / (1 + std::exp(-0.3)), 1e-12);
  expect_error(
      [&] { (void)select(selector, {.candidates = &list, .plain_sources = {"plain one"}}); },
      ErrorKind::kConfig,
      "nothing is left to compare");
}

TEST(Selector, FindsUnseenGramsThatLieNearItsSeedsAndGivesTheirRole) {
  const World made = world(60, true);
  const Evidence learnt = evidence_of(made.list);
  const Selector selector = fit_selector(made.labels, learnt, nearness());
  const CandidateList unseen = list_of({candidate("m unseen", 5), candidate("c unseen", 5)});

  const Selection selection = select(selector, evidence_of(unseen));

  EXPECT_TRUE(selection.choices[0].strategic);
  EXPECT_EQ(selection.choices[0].role, Role::kBranching);
  EXPECT_FALSE(selection.choices[1].strategic);
  EXPECT_EQ(selector.fit.at("cross_validated_precision"), 1.0);
  EXPECT_EQ(selector.fit.at("cross_validated_recall"), 1.0);
}

// If its own label reached a gram that is held out, noise would look learnable.
TEST(Selector, LearnsNothingFromLabelsThatAreNoise) {
  const World made = world(300, false);

  const Selector selector = fit_selector(made.labels, evidence_of(made.list), nearness());

  // Half of the labels are strategic; calling all of them so has a precision of about a half.
  EXPECT_LT(selector.fit.at("cross_validated_precision").get<double>(), 0.6);
}

// Two groups inside which no feature tells the labels apart: in one all are strategic, in the other
// two thirds. Whether to take the second one depends on what its grams stand for.
TEST(Selector, WeighsTheStrataOfItsLabelsInTheThreshold) {
  World made;
  for (size_t i = 0; i < 60; ++i) {
    const bool sure = i % 2 == 0;
    const std::string text = std::string(sure ? "m" : "c") + " gram " + letters(i);
    made.list.candidates.push_back(candidate(text, 5));
    made.labels.push_back({.text = text, .strategic = sure || i % 6 != 1});
  }
  FitOptions options = nearness();
  options.num_folds = 5;

  const Selector even = fit_selector(made.labels, evidence_of(made.list), options);
  for (Label& label : made.labels) label.weight = label.strategic ? 1 : 100;
  const Selector heavy = fit_selector(made.labels, evidence_of(made.list), options);

  EXPECT_EQ(even.fit.at("cross_validated_recall"), 1.0);
  EXPECT_NEAR(even.fit.at("cross_validated_precision").get<double>(), 50.0 / 60, 1e-12);
  EXPECT_LT(heavy.fit.at("cross_validated_recall").get<double>(), 1.0);
  EXPECT_GT(heavy.threshold, even.threshold);
}

TEST(Selector, IsTheSameAfterItsFile) {
  const World made = world(60, true);
  const Selector selector = fit_selector(made.labels, evidence_of(made.list), nearness());
  const TempFolder folder;

  selector.save(folder.path() / "selector.json");
  const Selector again = Selector::load(folder.path() / "selector.json");

  EXPECT_EQ(again.to_json(), selector.to_json());
  EXPECT_EQ(again.seeds, selector.seeds);
}

TEST(Selector, RefusesAnotherEncoderThanItWasFittedWith) {
  const World made = world(60, true);
  const Selector selector = fit_selector(made.labels, evidence_of(made.list), nearness());
  Evidence other = evidence_of(made.list);
  other.embedder = {{"kind", "other"}};
  const Evidence none{.candidates = &made.list};

  expect_error([&] { (void)select(selector, other); },
               ErrorKind::kConfig,
               "fitted with the encoder {\"kind\":\"letters\"}");
  expect_error(
      [&] { (void)select(selector, none); }, ErrorKind::kConfig, "needs an encoder (--encoder)");
}

TEST(Selector, WantsLabelsOfBothKindsInEveryFold) {
  World made = world(60, true);
  for (Label& label : made.labels) label.strategic = true;

  expect_error([&] { (void)fit_selector(made.labels, evidence_of(made.list), nearness()); },
               ErrorKind::kConfig,
               "60 strategic and 0 not; wanted 10 of either kind");
}

TEST(Selector, NamesAFeatureThatIsNotKnown) {
  const World made = world(60, true);
  FitOptions options = nearness();
  options.features = {"seed"};

  expect_error([&] { (void)fit_selector(made.labels, evidence_of(made.list), options); },
               ErrorKind::kConfig,
               "feature 'seed' is not known; did you mean 'seeds'?");
}

class SelectorFile : public testing::Test {
 protected:
  SelectorFile() {
    const World made = world(60, true);
    good_ = fit_selector(made.labels, evidence_of(made.list), nearness()).to_json();
  }

  [[nodiscard]] std::filesystem::path file_after(const std::function<void(json&)>& change) const {
    json object = good_;
    change(object);
    return folder_.write("s.json", object.dump());
  }

  void expect_fault(const std::function<void(json&)>& change, const std::string& fault) const {
    const std::filesystem::path file = file_after(change);
    expect_error([&] { (void)Selector::load(file); }, ErrorKind::kData, fault);
  }

  json good_;
  TempFolder folder_;
};

TEST_F(SelectorFile, NamesItsFault) {
  EXPECT_NO_THROW((void)Selector::load(file_after([](json&) {})));
  expect_fault([](json& o) { o["format"] = 2; }, "s.json: wanted a");
  expect_fault([](json& o) { o.erase("bias"); }, "field 'bias'");
  expect_fault([](json& o) { o["threshold"] = 1.5; }, "0 to 1, got 1.5");
  expect_fault([](json& o) { o["nearest"] = 0; }, "'nearest'");
  expect_fault([](json& o) { o["features"][0]["name"] = "sedes"; }, "did you mean 'seeds'");
  expect_fault([](json& o) { o["features"][0]["scale"] = 0; },
               "'seeds': wanted a scale above 0, got 0");
  expect_fault([](json& o) { o["features"][1] = o["features"][0]; }, "'seeds' came before");
  expect_fault([](json& o) { o["seeds"] = json::array(); }, "has 0 seeds");
  expect_fault([](json& o) { o["seeds"][0]["gram"] = "Not Normal"; }, "not normalised");
  expect_fault([](json& o) { o["counter_examples"] = 3; }, "'counter_examples': wanted a list");
}

}  // namespace
}  // namespace stratagram::grams
