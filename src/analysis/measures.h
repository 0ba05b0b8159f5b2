// analysis/measures.h -- the measures by name, each a function of sums (definitions, section 5).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/aggregate.h"
#include "analysis/config.h"
#include "grams/catalogue.h"

namespace stratagram::analysis {

/// What a measure has one value for.
enum class Items { kOne, kRole, kRolePair, kTenth, kUse };

struct MeasureDoc {
  const char* name;
  const char* unit;
  const char* meaning;  ///< one sentence, no final full stop
};

/// Of every measure, first uses among them.
[[nodiscard]] std::vector<MeasureDoc> measure_docs();

struct Value {
  std::optional<double> value{};  ///< none without data
  int64_t n = 0;                  ///< responses, words, tokens, occurrences or problems behind it
};

/// Perplexities that the relative ones are divided by; none where there are none.
struct Baseline {
  std::optional<double> planning{};
  std::optional<double> execution{};
};

/// Name and kind of one value of evaluate().
struct FigureId {
  std::string measure;
  std::string item{};      ///< role, pair of roles, tenth, or gram; empty for none
  bool is_count = false;   ///< of what was read: has neither interval nor null
  bool recentred = false;  ///< an entropy, whose bootstrap draws lie below it
  bool is_gram = false;    ///< the item is a gram
  bool of_grams = true;    ///< depends on the catalogue, so that random grams may differ
};

/// What a use is called (numbered as in tally.h): the gram, "<role>" or "<any>".
[[nodiscard]] std::string use_name(const grams::Catalogue& catalogue, size_t use);

[[nodiscard]] std::vector<FigureId> figure_ids(const grams::Catalogue& catalogue);

/// Parallel to figure_ids().
[[nodiscard]] std::vector<Value> evaluate(const Aggregate& sums,
                                          const grams::Catalogue& catalogue,
                                          const AnalysisConfig& config,
                                          const Baseline& baseline = {});

}  // namespace stratagram::analysis
