// analysis/analyse.h -- from files of responses to figures: the measures of each group with
// interval and null model, and the paired differences of two sources.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/config.h"
#include "analysis/measures.h"
#include "grams/catalogue.h"
#include "metrics/statistics.h"
#include "text/solutions.h"

namespace stratagram::analysis {

/// What the same measure gives on catalogues of random grams.
struct NullRange {
  double mean = 0;
  metrics::Interval range{};  ///< the middle 95 % of the draws
};

struct Figure {
  std::string measure;
  std::string item{};
  std::string group{};
  double value = 0;
  std::optional<metrics::Interval> interval{};  ///< 95 %
  int64_t n = 0;
  std::optional<NullRange> null{};
  std::optional<double> p{};  ///< of a difference
  bool is_gram = false;       ///< the item is a gram of the catalogue
};

struct GroupFacts {
  std::string label;
  std::string source{};
  std::optional<int64_t> step{};  ///< of groups by step
  int64_t num_problems = 0;
  int64_t num_responses = 0;
};

/// What is undefined has no figure.
struct Analysis {
  std::vector<GroupFacts> groups;
  std::vector<Figure> figures;
  std::vector<Figure> first_uses;   ///< of groups by step: aha/first_use and aha/takes_hold
  std::vector<Figure> differences;  ///< of the second source of `compare` less the first
  int64_t num_bytes = 0;            ///< of response texts
};

struct ReadResponse {
  text::Solution solution;
  std::filesystem::path file;
  std::string where;  ///< "FILE:LINE"
};

struct AnalysisInput {
  std::vector<std::filesystem::path> paths;
  text::SolutionOptions reading;
  grams::Catalogue catalogue;
  /// Told some responses that were read one after another before they are measured; may add to
  /// their tokens what the rows do not say.
  std::function<void(std::span<ReadResponse>)> complete{};
};

/// Reads the files twice (once without a null model). Throws Error: like SolutionReader; kData for
/// files without a response, and for a `compare` whose sources are absent or share no problem.
///   progress  called with the number of responses read
[[nodiscard]] Analysis analyse(const AnalysisInput& input,
                               const AnalysisConfig& config,
                               const std::function<void(int64_t)>& progress = {});

}  // namespace stratagram::analysis
