// A run's own metrics and an analysis of its rollouts must not part: they are two readings of the
// same responses.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "analysis/analyse.h"
#include "metrics/fork_histogram.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_run.h"

namespace stratagram::analysis {
namespace {

struct Tolerance {
  const char* name;
  double relative = 0;
};

// Rows hold 6 significant digits of each log-probability and entropy.
const std::vector<Tolerance> kShared{{"accuracy/mean", 1e-12},
                                     {"length/truncated_share", 1e-12},
                                     {"planning/share", 1e-12},
                                     {"ppl/planning", 1e-5},
                                     {"ppl/execution", 1e-5},
                                     {"relative_ppl/planning", 1e-5},
                                     {"relative_ppl/execution", 1e-5},
                                     {"entropy/planning", 1e-5},
                                     {"entropy/execution", 1e-5},
                                     {"entropy/all", 1e-5},
                                     {"semantic_entropy/plain", 1e-12},
                                     {"semantic_entropy/miller_madow", 1e-12},
                                     {"semantic_entropy/rarefied", 1e-12},
                                     {"semantic_entropy/cluster", 1e-12},
                                     {"conditional_entropy/plain", 1e-12},
                                     {"conditional_entropy/rarefied", 1e-12}};

class AnalysisOfARun : public testing::Test {
 protected:
  AnalysisOfARun() : end(run_tiny(folder.path() / "run", run)) {}
  [[nodiscard]] std::map<std::string, double> figures_of_step(int64_t step) const {
    std::map<std::string, double> found;
    for (const Figure& f : analysed().figures) {
      if (f.group == fmt::format("run step {}", step) && f.item.empty()) found[f.measure] = f.value;
    }
    return found;
  }
  [[nodiscard]] Analysis analysed() const {
    AnalysisInput input;
    input.paths = {folder.path() / "run"};
    input.reading.tokens = true;
    input.catalogue = run.catalogue;
    return analyse(input,
                   {.by = GroupBy::kStep,
                    .nulls = 0,
                    .bootstrap = 0,
                    .rarefied_draws = run.config.grams.rarefied_draws,
                    .follower_words = run.config.grams.follower_words,
                    .fork_share = run.config.grams.fork_share});
  }
  TempFolder folder;
  TinyRun run;
  RunEnd end;
};

TEST_F(AnalysisOfARun, GivesTheMetricsOfEachOfItsSteps) {
  ASSERT_EQ(end.metrics.size(), 6U) << end.error;
  for (const nlohmann::json& record : end.metrics) {
    const auto step = record.at("step").get<int64_t>();
    const std::map<std::string, double> found = figures_of_step(step);
    for (const auto& [name, relative] : kShared) {
      ASSERT_EQ(found.contains(name), record.contains(name)) << name << " of step " << step;
      if (!record.contains(name)) continue;
      const auto wanted = record.at(name).get<double>();
      EXPECT_NEAR(found.at(name), wanted, relative * std::abs(wanted)) << name << ", step " << step;
    }
  }
}

// The planning tokens of the one bin of entropies that holds the threshold are counted in part.
int64_t planning_in_doubt(const std::vector<nlohmann::json>& rows, double share) {
  metrics::EntropyHistogram all;
  metrics::EntropyHistogram planning;
  for (const nlohmann::json& row : rows) {
    const auto entropies = row.at("entropies").get<std::vector<float>>();
    std::vector<bool> is_planning(entropies.size(), false);
    for (const nlohmann::json& span : row.at("planning")) {
      for (auto t = span.at("begin").get<size_t>(); t < span.at("end").get<size_t>(); ++t) {
        is_planning[t] = true;
      }
    }
    for (size_t t = 0; t < entropies.size(); ++t) {
      all.add(entropies[t]);
      if (is_planning[t]) planning.add(entropies[t]);
    }
  }
  std::vector<int64_t> all_bins(metrics::EntropyHistogram::kNumBins);
  std::vector<int64_t> planning_bins(metrics::EntropyHistogram::kNumBins);
  all.add_to(all_bins, 1);
  planning.add_to(planning_bins, 1);
  const auto total = std::accumulate(all_bins.begin(), all_bins.end(), int64_t{0});
  auto left = static_cast<int64_t>(std::ceil(share * static_cast<double>(total)));
  size_t bin = all_bins.size();
  while (bin > 0 && left > 0) left -= all_bins[--bin];
  return planning_bins[bin];
}

TEST_F(AnalysisOfARun, GivesItsForkSharesUpToTheTokensOfOneBin) {
  for (const nlohmann::json& record : end.metrics) {
    const auto step = record.at("step").get<int64_t>();
    const std::map<std::string, double> found = figures_of_step(step);
    const auto rows = rollout_rows(folder.path() / "run", step);
    int64_t num_planning = 0;
    int64_t num_tokens = 0;
    for (const nlohmann::json& row : rows) {
      num_tokens += static_cast<int64_t>(row.at("entropies").size());
      for (const nlohmann::json& span : row.at("planning")) {
        num_planning += span.at("end").get<int64_t>() - span.at("begin").get<int64_t>();
      }
    }
    const auto doubt = static_cast<double>(planning_in_doubt(rows, run.config.grams.fork_share));

    EXPECT_NEAR(found.at("fork/high_given_planning"),
                record.at("fork/high_given_planning").get<double>(),
                doubt / static_cast<double>(num_planning))
        << "step " << step;
    EXPECT_NEAR(found.at("fork/planning_given_high"),
                record.at("fork/planning_given_high").get<double>(),
                doubt / std::ceil(run.config.grams.fork_share * static_cast<double>(num_tokens)))
        << "step " << step;
  }
}

// Or the test above compares nothing.
TEST_F(AnalysisOfARun, HasEveryOneOfThoseMetricsInSomeStep) {
  for (const auto& [name, relative] : kShared) {
    const bool any = std::ranges::any_of(
        end.metrics, [&](const nlohmann::json& record) { return record.contains(name); });
    EXPECT_TRUE(any) << name;
  }
}

TEST_F(AnalysisOfARun, KnowsWhenAGramTakesHold) {
  const Analysis found = analysed();

  int64_t first = -1;
  for (const Figure& f : found.first_uses) {
    if (f.measure == "aha/first_use" && f.item == "<any>") first = static_cast<int64_t>(f.value);
    EXPECT_EQ(f.group, "run");
  }
  EXPECT_EQ(first, 0);
}

}  // namespace
}  // namespace stratagram::analysis
