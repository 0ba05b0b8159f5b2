#include "grams/evidence_rows.h"

#include <algorithm>
#include <unordered_map>

#include "core/error.h"

namespace stratagram::grams {

std::vector<std::string> feature_names() {
  std::vector<std::string> names;
  for (const CountFeature& feature : count_features()) names.emplace_back(feature.name);
  names.insert(names.end(), {kSeedsFeature, kCounterFeature, kJudgeFeature});
  return names;
}

FeatureRows feature_rows(std::span<const std::string> names,
                         std::span<const Candidate* const> candidates,
                         const Embeddings& vectors,
                         const RowSetting& setting) {
  std::unordered_map<std::string_view, double> answers;
  if (setting.judge != nullptr) {
    for (const Choice& choice : setting.judge->choices) {
      answers[choice.text] = choice.strategic ? 1.0 : -1.0;
    }
  }
  const auto value_of = [&](const std::string& name, const Candidate& candidate, int64_t index) {
    if (name == kSeedsFeature) {
      return setting.seeds->nearness(candidate.text, vectors.row(index));
    }
    if (name == kCounterFeature) {
      return setting.counter_examples->nearness(candidate.text, vectors.row(index));
    }
    if (name == kJudgeFeature) {
      const auto found = answers.find(candidate.text);
      return found == answers.end() ? 0.0 : found->second;
    }
    const auto feature = std::ranges::find(count_features(), name, &CountFeature::name);
    STRATAGRAM_CHECK(feature != count_features().end(), "feature '{}'", name);
    return feature->value(candidate, setting.counts);
  };

  FeatureRows rows{.values = {}, .width = names.size()};
  rows.values.reserve(names.size() * candidates.size());
  for (size_t i = 0; i < candidates.size(); ++i) {
    for (const std::string& name : names) {
      rows.values.push_back(value_of(name, *candidates[i], static_cast<int64_t>(i)));
    }
  }
  return rows;
}

}  // namespace stratagram::grams
