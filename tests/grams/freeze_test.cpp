#include "grams/freeze.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::grams {
namespace {

using nlohmann::json;
using testing::ElementsAre;

CandidateList candidates() {
  return {.corpus = {.digest = "corpus", .num_documents = 9, .num_problems = 4},
          .mining = {},
          .candidates = {{.text = "wait let me", .count = 7, .document_frequency = 5},
                         {.text = "this means that", .count = 6, .document_frequency = 4},
                         {.text = "get the total", .count = 5, .document_frequency = 3}}};
}

Layer layer(const std::string& method, std::vector<Choice> choices) {
  return {.file = method + ".jsonl",
          .selection = {.method = method,
                        .corpus_digest = "corpus",
                        .settings = {{"weight", 0.25}},
                        .choices = std::move(choices)}};
}

Frozen frozen(std::vector<Layer> layers) {
  return freeze(candidates(), std::move(layers), {.name = "test"});
}

std::vector<std::string> texts(const Frozen& frozen) {
  std::vector<std::string> texts;
  texts.reserve(frozen.catalogue.grams.size());
  for (const Gram& gram : frozen.catalogue.grams) texts.push_back(gram.text);
  return texts;
}

TEST(Freeze, TakesStrategicGramsWithTheCountsOfTheCandidatesInOrderOfTheirTexts) {
  const Frozen result = frozen({layer("selector",
                                      {{.text = "wait let me", .strategic = true},
                                       {.text = "get the total", .strategic = false},
                                       {.text = "this means that", .strategic = true}})});

  const Gram deduction{
      .text = "this means that", .origin = "mined", .count = 6, .document_frequency = 4};
  const Gram wait{.text = "wait let me", .origin = "mined", .count = 7, .document_frequency = 5};
  EXPECT_THAT(result.catalogue.grams, ElementsAre(deduction, wait));
  EXPECT_EQ(result.catalogue.corpus_digest, "corpus");
}

TEST(Freeze, LetsALaterSelectionDecide) {
  const auto yes = layer("selector", {{.text = "wait let me", .strategic = true}});
  const auto no = layer("cluster",
                        {{.text = "wait let me", .strategic = false},
                         {.text = "this means that", .strategic = true}});

  EXPECT_THAT(texts(frozen({yes, no})), ElementsAre("this means that"));
  EXPECT_THAT(texts(frozen({no, yes})), ElementsAre("this means that", "wait let me"));
}

TEST(Freeze, LetsAReviewDecideWhereverItStands) {
  const auto review = layer("review",
                            {{.text = "wait let me", .strategic = false},
                             {.text = "this means that", .strategic = true}});
  const auto selector = layer("selector",
                              {{.text = "wait let me", .strategic = true},
                               {.text = "this means that", .strategic = false}});

  for (const auto& layers : {std::vector{review, selector}, std::vector{selector, review}}) {
    const Frozen result = frozen(layers);

    EXPECT_THAT(texts(result), ElementsAre("this means that"));
    EXPECT_EQ(result.layers[1].method, "review");
    EXPECT_EQ(result.layers[1].num_added, 1);
    EXPECT_EQ(result.layers[1].num_rejected, 1);
    EXPECT_EQ(result.layers[1].num_decided, 2);
    EXPECT_EQ(result.layers[0].num_decided, 0);
  }
}

TEST(Freeze, KeepsARoleThatNoLaterSelectionGives) {
  const auto judge =
      layer("judge", {{.text = "wait let me", .strategic = true, .role = Role::kBacktracing}});
  const auto silent = layer("selector", {{.text = "wait let me", .strategic = true}});
  const auto other =
      layer("review", {{.text = "wait let me", .strategic = true, .role = Role::kBranching}});

  EXPECT_EQ(frozen({judge, silent}).catalogue.grams[0].role, Role::kBacktracing);
  EXPECT_EQ(frozen({judge, silent, other}).catalogue.grams[0].role, Role::kBranching);
  EXPECT_EQ(frozen({silent}).catalogue.grams[0].role, Role::kOther);
}

TEST(Freeze, SaysWhoFoundAGram) {
  const auto selector = layer("selector",
                              {{.text = "wait let me", .strategic = true},
                               {.text = "this means that", .strategic = true},
                               {.text = "get the total", .strategic = false}});
  const auto judge = layer("judge", {{.text = "wait let me", .strategic = true}});
  const auto review = layer(
      "review",
      {{.text = "wait let me", .strategic = true}, {.text = "get the total", .strategic = true}});

  const Frozen result = frozen({selector, judge, review});

  EXPECT_EQ(result.catalogue.grams[0].text, "get the total");
  EXPECT_EQ(result.catalogue.grams[0].origin, "manual");
  EXPECT_EQ(result.catalogue.grams[1].origin, "mined");
  EXPECT_EQ(result.catalogue.grams[2].origin, "annotated");
}

TEST(Freeze, TakesClustersOfTheLastSelectionThatHasAny) {
  const auto first = layer(
      "cluster",
      {{.text = "wait let me", .strategic = true, .cluster = 1, .cluster_name = "wait let me"},
       {.text = "this means that", .strategic = true, .cluster = 2, .cluster_name = "so that is"}});
  const auto second = layer(
      "cluster",
      {{.text = "wait let me", .strategic = true, .cluster = 2, .cluster_name = "hold on a"}});
  const auto none = layer("judge", {{.text = "this means that", .strategic = true}});

  const Catalogue result = frozen({first, second, none}).catalogue;

  EXPECT_EQ(result.grams[0].cluster, -1) << "of the first clustering, whose numbers mean others";
  EXPECT_EQ(result.grams[1].cluster, 2);
  EXPECT_EQ(result.cluster_names, (std::map<int64_t, std::string>{{2, "hold on a"}}));
}

TEST(Freeze, RecordsTheSettingsOfEverySelectionUnderTheDigest) {
  auto selector = layer("selector", {{.text = "wait let me", .strategic = true}});
  const Catalogue one = frozen({selector}).catalogue;
  selector.selection.settings["weight"] = 0.5;
  const Catalogue other = frozen({selector}).catalogue;

  ASSERT_EQ(one.selection.size(), 1U);
  EXPECT_EQ(one.selection[0].at("method"), "selector");
  EXPECT_EQ(one.selection[0].at("settings").at("weight"), 0.25);
  EXPECT_NE(one.digest(), other.digest());
}

TEST(Freeze, HasADigestOfWhatWasDecidedAndNotOfTheScores) {
  const Choice choice{.text = "wait let me", .strategic = true, .score = 0.25};
  const auto digest_of = [](const std::vector<Choice>& choices) {
    return frozen({layer("selector", choices), layer("judge", {{.text = "get the total"}})})
        .catalogue.selection[0]
        .at("decisions_sha256")
        .get<std::string>();
  };
  const Choice other{.text = "this means that", .strategic = true};
  const std::string digest = digest_of({choice, other});

  EXPECT_EQ(digest.size(), 64U);
  Choice changed = choice;
  changed.score = 0.2500001;
  EXPECT_EQ(digest_of({changed, other}), digest) << "another machine's score";
  EXPECT_EQ(digest_of({other, changed}), digest) << "another order";
  changed.role = Role::kDeduction;
  EXPECT_NE(digest_of({changed, other}), digest);
  changed = choice;
  changed.cluster = 3;
  EXPECT_NE(digest_of({changed, other}), digest);
  EXPECT_NE(digest_of({choice, {.text = "this means that", .strategic = false}}), digest);
  EXPECT_NE(digest_of({choice}), digest);
}

TEST(Freeze, ComesBackAsItWasSaved) {
  const TempFolder folder;
  const Catalogue written = frozen({layer("cluster",
                                          {{.text = "wait let me",
                                            .strategic = true,
                                            .score = 0.5,
                                            .role = Role::kBacktracing,
                                            .cluster = 3,
                                            .cluster_name = "wait let me"}})})
                                .catalogue;
  written.save(folder.path() / "c.json");

  const Catalogue read = Catalogue::load(folder.path() / "c.json");

  EXPECT_EQ(read.to_json(), written.to_json());
  EXPECT_EQ(read.cluster_names, written.cluster_names);
  EXPECT_EQ(read.source, "mined from 9 solutions of 4 problems; chosen by cluster");
}

TEST(Freeze, RefusesASelectionOfAnotherCorpusUnlessTold) {
  auto other = layer("selector", {{.text = "wait let me", .strategic = true}});
  other.selection.corpus_digest = "elsewhere";

  expect_error([&] { (void)frozen({other}); }, ErrorKind::kData, "selector.jsonl");
  expect_error([&] { (void)frozen({other}); }, ErrorKind::kData, "elsewhere");
  const Frozen told = freeze(candidates(), {other}, {.name = "test", .other_corpus = true});
  EXPECT_EQ(told.catalogue.selection[0].at("corpus_digest"), "elsewhere");
}

TEST(Freeze, TakesAGramThatIsNoCandidateFromAReviewOnly) {
  const Choice unknown{.text = "let us step back", .strategic = true};

  const Frozen reviewed = frozen({layer("review", {unknown})});

  EXPECT_EQ(reviewed.num_uncounted, 1);
  EXPECT_EQ(reviewed.catalogue.grams[0].origin, "manual");
  EXPECT_EQ(reviewed.catalogue.grams[0].count, 0);
  expect_error([&] { (void)frozen({layer("judge", {unknown})}); },
               ErrorKind::kData,
               "judge.jsonl: 'let us step back' is none of the candidates");
}

TEST(Freeze, RefusesAnEmptyResultABadNameAndNoSelection) {
  const auto none = layer("judge", {{.text = "wait let me", .strategic = false}});
  expect_error([&] { (void)frozen({none}); }, ErrorKind::kData, "none of the 1 grams");
  expect_error([] { (void)frozen({}); }, ErrorKind::kConfig, "at least one selection");
  for (const char* name : {"", "a b", "../a", "a\n"}) {
    expect_error([&] { (void)freeze(candidates(), {none}, {.name = name}); },
                 ErrorKind::kConfig,
                 "wanted letters, digits");
  }
}

}  // namespace
}  // namespace stratagram::grams
