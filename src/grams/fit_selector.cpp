#include "grams/fit_selector.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/config.h"
#include "core/error.h"
#include "core/stream.h"
#include "grams/evidence_rows.h"

namespace stratagram::grams {
namespace {

// Labels that are candidates, with all that the features need.
struct Sample {
  std::vector<const Candidate*> candidates{};
  std::vector<Label> labels{};
  Embeddings vectors{};

  [[nodiscard]] size_t size() const { return labels.size(); }
};

Sample sample_of(const std::vector<Label>& labels, const Evidence& evidence, bool with_vectors) {
  std::unordered_map<std::string_view, const Candidate*> by_text;
  for (const Candidate& candidate : evidence.candidates->candidates) {
    by_text[candidate.text] = &candidate;
  }
  Sample sample;
  std::vector<std::string> texts;
  for (const Label& label : labels) {
    const auto found = by_text.find(label.text);
    if (found == by_text.end()) continue;
    sample.candidates.push_back(found->second);
    sample.labels.push_back(label);
    texts.push_back(label.text);
  }
  if (with_vectors) sample.vectors = evidence.embed(texts);
  return sample;
}

Sample part_of(const Sample& sample, const std::vector<size_t>& indices) {
  Sample part;
  part.vectors.width = sample.vectors.width;
  for (const size_t i : indices) {
    part.candidates.push_back(sample.candidates[i]);
    part.labels.push_back(sample.labels[i]);
    if (sample.vectors.width == 0) continue;
    const auto row = sample.vectors.row(static_cast<int64_t>(i));
    part.vectors.values.insert(part.vectors.values.end(), row.begin(), row.end());
  }
  return part;
}

Neighbours neighbours_of(const Sample& sample, bool strategic, int64_t num_nearest) {
  std::vector<size_t> indices;
  for (size_t i = 0; i < sample.size(); ++i) {
    if (sample.labels[i].strategic == strategic) indices.push_back(i);
  }
  const Sample part = part_of(sample, indices);
  std::vector<Example> examples;
  examples.reserve(part.labels.size());
  for (const Label& label : part.labels) {
    examples.push_back({.text = label.text, .role = label.role});
  }
  return {std::move(examples), part.vectors, num_nearest};
}

// A model fitted to one sample, which gives probabilities for another.
class Fitted {
 public:
  Fitted(const Sample& sample, const Evidence& evidence, const FitOptions& options)
      : options_(options), evidence_(evidence) {
    if (sample.vectors.width > 0) {
      seeds_.emplace(neighbours_of(sample, true, options.num_nearest));
      counter_examples_.emplace(neighbours_of(sample, false, options.num_nearest));
    }
    FeatureRows rows = rows_of(sample);
    standardise(rows);
    std::vector<bool> yes;
    yes.reserve(sample.size());
    for (const Label& label : sample.labels) yes.push_back(label.strategic);
    model_ = fit_logistic(rows, yes, options.ridge);
  }

  [[nodiscard]] std::vector<double> probabilities(const Sample& sample) const {
    FeatureRows rows = rows_of(sample);
    scale(rows);
    std::vector<double> all;
    all.reserve(sample.size());
    for (size_t i = 0; i < sample.size(); ++i) all.push_back(model_.probability(rows.row(i)));
    return all;
  }

  void write_to(Selector& selector) const {
    selector.bias = model_.bias;
    for (size_t k = 0; k < options_.features.size(); ++k) {
      selector.features.push_back({.name = options_.features[k],
                                   .mean = means_[k],
                                   .scale = scales_[k],
                                   .weight = model_.weights[k]});
    }
  }

 private:
  [[nodiscard]] FeatureRows rows_of(const Sample& sample) const {
    return feature_rows(options_.features,
                        sample.candidates,
                        sample.vectors,
                        {.counts = {.corpus = &evidence_.candidates->corpus,
                                    .plain_sources = evidence_.plain_sources},
                         .seeds = seeds_ ? &*seeds_ : nullptr,
                         .counter_examples = counter_examples_ ? &*counter_examples_ : nullptr,
                         .judge = evidence_.judge});
  }

  void standardise(FeatureRows& rows) {
    const auto n = static_cast<double>(rows.num_rows());
    for (size_t k = 0; k < rows.width; ++k) {
      double sum = 0;
      double squares = 0;
      for (size_t i = 0; i < rows.num_rows(); ++i) sum += rows.row(i)[k];
      for (size_t i = 0; i < rows.num_rows(); ++i) {
        squares += (rows.row(i)[k] - sum / n) * (rows.row(i)[k] - sum / n);
      }
      means_.push_back(sum / n);
      // A feature that is the same everywhere says nothing, and keeps its scale.
      scales_.push_back(squares > 0 ? std::sqrt(squares / n) : 1.0);
    }
    scale(rows);
  }

  void scale(FeatureRows& rows) const {
    for (size_t i = 0; i < rows.values.size(); ++i) {
      const size_t k = i % rows.width;
      rows.values[i] = (rows.values[i] - means_[k]) / scales_[k];
    }
  }

  const FitOptions& options_;
  const Evidence& evidence_;
  std::optional<Neighbours> seeds_;
  std::optional<Neighbours> counter_examples_;
  std::vector<double> means_;
  std::vector<double> scales_;
  Logistic model_;
};

struct Threshold {
  double value = 0.5;
  double precision = 0;
  double recall = 0;
};

// Walks down the probabilities: at each of them, what is at or above it is called strategic.
Threshold best_threshold(const Sample& sample, const std::vector<double>& probabilities) {
  std::vector<size_t> order(sample.size());
  double all = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
    if (sample.labels[i].strategic) all += sample.labels[i].weight;
  }
  std::ranges::sort(order, [&](size_t a, size_t b) { return probabilities[a] > probabilities[b]; });
  Threshold best;
  double best_f1 = -1;
  double right = 0;
  double called = 0;
  for (size_t at = 0; at < order.size(); ++at) {
    const Label& label = sample.labels[order[at]];
    called += label.weight;
    if (label.strategic) right += label.weight;
    const bool tie =
        at + 1 < order.size() && probabilities[order[at + 1]] == probabilities[order[at]];
    const double f1 = 2 * right / (called + all);
    if (tie || f1 <= best_f1) continue;
    best_f1 = f1;
    best = {.value = probabilities[order[at]], .precision = right / called, .recall = right / all};
  }
  return best;
}

std::vector<double> held_out(const Sample& sample,
                             const Evidence& evidence,
                             const FitOptions& options) {
  std::vector<size_t> order(sample.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  shuffle_(order, Stream({.seed = options.seed, .purpose = "selector-folds"}));
  std::vector<double> probabilities(sample.size());
  for (int64_t fold = 0; fold < options.num_folds; ++fold) {
    std::vector<size_t> inside;
    std::vector<size_t> outside;
    for (size_t i = 0; i < order.size(); ++i) {
      const bool hidden = static_cast<int64_t>(i) % options.num_folds == fold;
      (hidden ? outside : inside).push_back(order[i]);
    }
    const Fitted fitted(part_of(sample, inside), evidence, options);
    const std::vector<double> part = fitted.probabilities(part_of(sample, outside));
    for (size_t i = 0; i < outside.size(); ++i) probabilities[outside[i]] = part[i];
  }
  return probabilities;
}

void check(const FitOptions& options, const Evidence& evidence) {
  const std::vector<std::string> known = feature_names();
  if (options.features.empty()) fail(ErrorKind::kConfig, "wanted one feature or more, got none");
  for (const std::string& name : options.features) {
    if (std::ranges::find(known, name) == known.end()) {
      fail(ErrorKind::kConfig,
           "feature '{}' is not known; did you mean '{}'?",
           name,
           nearest_name(name, known));
    }
  }
  check_sources({.corpus = &evidence.candidates->corpus, .plain_sources = evidence.plain_sources});
}

void check(const Sample& sample, const FitOptions& options) {
  const auto yes = std::ranges::count_if(sample.labels, &Label::strategic);
  const auto no = static_cast<std::ptrdiff_t>(sample.size()) - yes;
  if (std::min(yes, no) >= options.num_folds) return;
  fail(
      ErrorKind::kConfig,
      "{} of the labels are candidates, {} strategic and {} not; wanted {} of either kind or more, "
      "one for each fold",
      sample.size(),
      yes,
      no,
      options.num_folds);
}

}  // namespace

Selector fit_selector(const std::vector<Label>& labels,
                      const Evidence& evidence,
                      const FitOptions& options) {
  check(options, evidence);
  Selector selector{.name = options.name,
                    .plain_sources = evidence.plain_sources,
                    .num_nearest = options.num_nearest};
  for (const std::string& name : options.features) selector.features.push_back({.name = name});
  const bool with_vectors = selector.needs_vectors();
  if (with_vectors && !evidence.embed) {
    fail(ErrorKind::kConfig,
         "the features '{}' and '{}' need an encoder",
         kSeedsFeature,
         kCounterFeature);
  }
  if (selector.needs_judge() && evidence.judge == nullptr) {
    fail(ErrorKind::kConfig, "the feature '{}' needs a judge's selection", kJudgeFeature);
  }
  selector.features.clear();

  const Sample sample = sample_of(labels, evidence, with_vectors);
  check(sample, options);
  const Threshold threshold = best_threshold(sample, held_out(sample, evidence, options));
  Fitted(sample, evidence, options).write_to(selector);
  selector.threshold = threshold.value;
  if (with_vectors) {
    selector.embedder = evidence.embedder;
    for (const Label& label : sample.labels) {
      (label.strategic ? selector.seeds : selector.counter_examples)
          .push_back({.text = label.text, .role = label.role});
    }
  }
  selector.fit = {{"labels", sample.size()},
                  {"ridge", options.ridge},
                  {"folds", options.num_folds},
                  {"seed", options.seed},
                  {"corpus_digest", evidence.candidates->corpus.digest},
                  {"cross_validated_precision", threshold.precision},
                  {"cross_validated_recall", threshold.recall}};
  return selector;
}

}  // namespace stratagram::grams
