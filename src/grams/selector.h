// grams/selector.h -- a small model that says which candidates are strategic, with every number of
// it in a file that people read: a logistic regression on features of counts, on nearness to judged
// grams, and on a judge's answer when there is one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "grams/candidates.h"
#include "grams/embedder.h"
#include "grams/labels.h"
#include "grams/neighbours.h"
#include "grams/selection.h"

namespace stratagram::grams {

/// A feature with what makes it comparable and what it is worth: weight * (value - mean) / scale.
struct WeightedFeature {
  std::string name{};
  double mean = 0;
  double scale = 1;  ///< above 0
  double weight = 0;
  friend bool operator==(const WeightedFeature&, const WeightedFeature&) = default;
};

struct Selector {
  std::string name{};
  double bias = 0;
  double threshold = 0.5;  ///< strategic from this probability on
  std::vector<WeightedFeature> features{};
  std::vector<std::string> plain_sources{};  ///< of the feature "reasoning"
  nlohmann::json embedder{};  ///< Embedder::description() of the vectors; null when none are used
  int64_t num_nearest = 3;    ///< of seeds and of counter-examples
  std::vector<Example> seeds{};
  std::vector<Example> counter_examples{};
  nlohmann::json fit{};  ///< labels, ridge and cross-validated figures, for people

  /// Throws Error(kData) naming file, field and fault: broken JSON, another format or normaliser
  /// version, an unknown feature (with the nearest name) or one that came before, a scale that is
  /// not above 0, a threshold outside 0 to 1, a number that is not finite, a gram not in normal
  /// form, and features of nearness without seeds or counter-examples.
  static Selector load(const std::filesystem::path& file);

  /// Writes atomically; what is there is never written over (Error(kConfig)).
  void save(const std::filesystem::path& file) const;

  [[nodiscard]] nlohmann::ordered_json to_json() const;

  [[nodiscard]] bool needs_vectors() const;
  [[nodiscard]] bool needs_judge() const;
};

/// What there is to judge by. `embed` is asked once for all grams that need a vector; empty without
/// an encoder.
struct Evidence {
  const CandidateList* candidates = nullptr;
  std::function<Embeddings(const std::vector<std::string>&)> embed{};
  nlohmann::json embedder{};  ///< description of `embed`
  const Selection* judge = nullptr;
  /// Sources that do not think aloud. Empty: select() takes those of the selector that the
  /// candidates have.
  std::vector<std::string> plain_sources{};
};

/// The sources that select() takes for plain; when there are none, "reasoning" says nothing.
[[nodiscard]] std::vector<std::string> plain_sources_of(const Selector& selector,
                                                        const Evidence& evidence);

/// Every candidate with its probability as score, rising to strategic at the threshold, and the
/// role of the nearest seeds. Throws Error(kConfig) when the selector needs vectors or a judge that
/// are not there or was fitted with another encoder, and like check_sources().
[[nodiscard]] Selection select(const Selector& selector, const Evidence& evidence);

}  // namespace stratagram::grams
