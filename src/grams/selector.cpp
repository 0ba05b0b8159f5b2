#include "grams/selector.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "grams/evidence_rows.h"

namespace stratagram::grams {
namespace {

bool has(const Selector& selector, const char* name) {
  return std::ranges::find(selector.features, name, &WeightedFeature::name) !=
         selector.features.end();
}

void check_evidence(const Selector& selector, const Evidence& evidence) {
  if (selector.needs_vectors() && !evidence.embed) {
    fail(ErrorKind::kConfig,
         "selector '{}' looks at nearness to {} judged grams and so needs an encoder (--encoder): "
         "{}",
         selector.name,
         selector.seeds.size() + selector.counter_examples.size(),
         selector.embedder.dump());
  }
  if (selector.needs_vectors() && evidence.embedder != selector.embedder) {
    fail(ErrorKind::kConfig,
         "selector '{}' was fitted with the encoder {}, got {}; fit it again with this one",
         selector.name,
         selector.embedder.dump(),
         evidence.embedder.dump());
  }
  if (selector.needs_judge() && evidence.judge == nullptr) {
    fail(ErrorKind::kConfig,
         "selector '{}' looks at a judge's answers; give what `grams annotate` wrote (--judge)",
         selector.name);
  }
}

struct Vectors {
  Embeddings candidates{};
  Embeddings seeds{};
  Embeddings counter_examples{};
};

Embeddings part_of(const Embeddings& all, size_t first, size_t count) {
  const auto at = [&](size_t row) {
    return all.values.begin() + static_cast<std::ptrdiff_t>(row) * all.width;
  };
  return {.values = {at(first), at(first + count)}, .width = all.width};
}

Vectors vectors_of(const Selector& selector, const Evidence& evidence) {
  if (!selector.needs_vectors()) return {};
  std::vector<std::string> texts;
  texts.reserve(evidence.candidates->candidates.size() + selector.seeds.size() +
                selector.counter_examples.size());
  for (const Candidate& candidate : evidence.candidates->candidates) {
    texts.push_back(candidate.text);
  }
  for (const Example& example : selector.seeds) texts.push_back(example.text);
  for (const Example& example : selector.counter_examples) texts.push_back(example.text);
  const Embeddings all = evidence.embed(texts);
  const size_t num_candidates = evidence.candidates->candidates.size();
  return {.candidates = part_of(all, 0, num_candidates),
          .seeds = part_of(all, num_candidates, selector.seeds.size()),
          .counter_examples = part_of(
              all, num_candidates + selector.seeds.size(), selector.counter_examples.size())};
}

}  // namespace

bool Selector::needs_vectors() const {
  return has(*this, kSeedsFeature) || has(*this, kCounterFeature);
}

bool Selector::needs_judge() const {
  return has(*this, kJudgeFeature);
}

std::vector<std::string> plain_sources_of(const Selector& selector, const Evidence& evidence) {
  if (!evidence.plain_sources.empty()) return evidence.plain_sources;
  std::vector<std::string> known;
  for (const std::string& source : selector.plain_sources) {
    if (evidence.candidates->corpus.by_source.contains(source)) known.push_back(source);
  }
  // Where nobody thinks aloud there is nothing to compare with, as where everybody does.
  if (known.size() == evidence.candidates->corpus.by_source.size()) known.clear();
  return known;
}

Selection select(const Selector& selector, const Evidence& evidence) {
  check_evidence(selector, evidence);
  const CandidateList& list = *evidence.candidates;
  RowSetting setting{
      .counts = {.corpus = &list.corpus, .plain_sources = plain_sources_of(selector, evidence)},
      .judge = evidence.judge};
  check_sources(setting.counts);
  const Vectors vectors = vectors_of(selector, evidence);
  std::optional<Neighbours> seeds;
  std::optional<Neighbours> counter_examples;
  if (selector.needs_vectors()) {
    seeds.emplace(selector.seeds, vectors.seeds, selector.num_nearest);
    counter_examples.emplace(
        selector.counter_examples, vectors.counter_examples, selector.num_nearest);
    setting.seeds = &*seeds;
    setting.counter_examples = &*counter_examples;
  }
  std::vector<std::string> names;
  Logistic model{.bias = selector.bias};
  for (const WeightedFeature& feature : selector.features) {
    names.push_back(feature.name);
    if (feature.name == kReasoningFeature && setting.counts.plain_sources.empty()) {
      model.weights.push_back(0);  // as if every gram had the mean
      continue;
    }
    model.bias -= feature.weight * feature.mean / feature.scale;
    model.weights.push_back(feature.weight / feature.scale);
  }
  std::vector<const Candidate*> candidates;
  candidates.reserve(list.candidates.size());
  for (const Candidate& candidate : list.candidates) candidates.push_back(&candidate);
  const FeatureRows rows = feature_rows(names, candidates, vectors.candidates, setting);

  Selection selection{
      .method = "selector", .corpus_digest = list.corpus.digest, .settings = selector.to_json()};
  for (size_t i = 0; i < candidates.size(); ++i) {
    const double probability = model.probability(rows.row(i));
    Choice choice{.text = candidates[i]->text,
                  .strategic = probability >= selector.threshold,
                  .score = probability};
    if (choice.strategic && seeds) {
      choice.role = seeds->role(choice.text, vectors.candidates.row(static_cast<int64_t>(i)));
    }
    selection.choices.push_back(std::move(choice));
  }
  return selection;
}

}  // namespace stratagram::grams
