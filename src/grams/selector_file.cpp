// Selector as JSON.
#include <algorithm>
#include <cmath>

#include "core/config.h"
#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "grams/evidence_rows.h"
#include "grams/gram_text.h"
#include "grams/normaliser.h"
#include "grams/selector.h"

namespace stratagram::grams {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kFormat = 1;

double number_of(const json& object, const char* key, const std::string& where) {
  const auto value = field_of<double>(object, key, where);
  if (!std::isfinite(value)) {
    fail(ErrorKind::kData, "{}: field '{}': wanted a finite number, got {}", where, key, value);
  }
  return value;
}

const json& list_of(const json& object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) {
    fail(ErrorKind::kData, "{}: field '{}': wanted a list", where, key);
  }
  return *found;
}

WeightedFeature feature_of(const json& row, const std::string& where) {
  WeightedFeature feature{.name = field_of<std::string>(row, "name", where),
                          .mean = number_of(row, "mean", where),
                          .scale = number_of(row, "scale", where),
                          .weight = number_of(row, "weight", where)};
  const std::vector<std::string> known = feature_names();
  if (std::ranges::find(known, feature.name) == known.end()) {
    fail(ErrorKind::kData,
         "{}: feature '{}' is not known; did you mean '{}'?",
         where,
         feature.name,
         nearest_name(feature.name, known));
  }
  if (feature.scale <= 0) {
    fail(ErrorKind::kData,
         "{}: feature '{}': wanted a scale above 0, got {}",
         where,
         feature.name,
         feature.scale);
  }
  return feature;
}

std::vector<Example> examples_of(const json& object, const char* key, const std::string& where) {
  std::vector<Example> examples;
  for (const json& row : list_of(object, key, where)) {
    Example example{.text = field_of<std::string>(row, "gram", where)};
    check_gram_text(example.text, where);
    if (const auto role = optional_field_of<std::string>(row, "role", where)) {
      example.role = role_of(*role, where);
    }
    examples.push_back(std::move(example));
  }
  return examples;
}

ordered_json to_rows(const std::vector<Example>& examples) {
  ordered_json rows = ordered_json::array();
  for (const Example& example : examples) {
    ordered_json row;
    row["gram"] = example.text;
    if (example.role) row["role"] = role_name(*example.role);
    rows.push_back(std::move(row));
  }
  return rows;
}

void check(const Selector& selector, const std::string& where) {
  if (selector.threshold < 0 || selector.threshold > 1) {
    fail(ErrorKind::kData,
         "{}: field 'threshold': wanted 0 to 1, got {}",
         where,
         selector.threshold);
  }
  if (selector.num_nearest < 1) {
    fail(ErrorKind::kData, "{}: field 'nearest': wanted 1 or more", where);
  }
  for (auto feature = selector.features.begin(); feature != selector.features.end(); ++feature) {
    if (std::ranges::find(
            selector.features.begin(), feature, feature->name, &WeightedFeature::name) != feature) {
      fail(ErrorKind::kData, "{}: feature '{}' came before", where, feature->name);
    }
  }
  if (selector.needs_vectors() && (selector.seeds.empty() || selector.counter_examples.empty())) {
    fail(ErrorKind::kData,
         "{}: looks at nearness to judged grams, but has {} seeds and {} counter-examples",
         where,
         selector.seeds.size(),
         selector.counter_examples.size());
  }
}

}  // namespace

Selector Selector::load(const std::filesystem::path& file) {
  const std::string where = file.string();
  const json object = parse_json_object(read_file(file), where);
  const auto format = field_of<int64_t>(object, "format", where);
  const auto version = field_of<int64_t>(object, "normaliser", where);
  if (format != kFormat || version != kNormaliserVersion) {
    fail(
        ErrorKind::kData,
        "{}: wanted a selector of format {} for normaliser version {}, got {} for {}; fit it again",
        where,
        kFormat,
        kNormaliserVersion,
        format,
        version);
  }
  Selector selector{
      .name = field_of<std::string>(object, "name", where),
      .bias = number_of(object, "bias", where),
      .threshold = number_of(object, "threshold", where),
      .plain_sources = field_of<std::vector<std::string>>(object, "plain_sources", where),
      .embedder = object.value("embedder", json()),
      .num_nearest = field_of<int64_t>(object, "nearest", where),
      .seeds = examples_of(object, "seeds", where),
      .counter_examples = examples_of(object, "counter_examples", where),
      .fit = object.value("fit", json::object())};
  for (const json& row : list_of(object, "features", where)) {
    selector.features.push_back(feature_of(row, where));
  }
  check(selector, where);
  return selector;
}

ordered_json Selector::to_json() const {
  ordered_json object;
  object["format"] = kFormat;
  object["normaliser"] = kNormaliserVersion;
  object["name"] = name;
  object["bias"] = bias;
  object["threshold"] = threshold;
  object["features"] = ordered_json::array();
  for (const WeightedFeature& feature : features) {
    ordered_json row;
    row["name"] = feature.name;
    row["mean"] = feature.mean;
    row["scale"] = feature.scale;
    row["weight"] = feature.weight;
    object["features"].push_back(std::move(row));
  }
  object["plain_sources"] = plain_sources;
  object["embedder"] = embedder;
  object["nearest"] = num_nearest;
  object["seeds"] = to_rows(seeds);
  object["counter_examples"] = to_rows(counter_examples);
  object["fit"] = fit;
  return object;
}

void Selector::save(const std::filesystem::path& file) const {
  check_can_create(file);
  write_file_atomically(file, to_json().dump(1) + "\n");
}

}  // namespace stratagram::grams
