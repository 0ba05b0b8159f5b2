#include "grams/gram_features.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.h"

namespace stratagram::grams {
namespace {

bool is_plain(const std::string& source, const FeatureSetting& setting) {
  return std::ranges::find(setting.plain_sources, source) != setting.plain_sources.end();
}

struct BySpeech {
  double plain = 0;
  double reasoning = 0;
};

BySpeech by_speech(const std::map<std::string, int64_t>& documents, const FeatureSetting& setting) {
  BySpeech sums;
  for (const auto& [source, count] : documents) {
    (is_plain(source, setting) ? sums.plain : sums.reasoning) += static_cast<double>(count);
  }
  return sums;
}

double reasoning(const Candidate& candidate, const FeatureSetting& setting) {
  if (setting.plain_sources.empty()) return 0;
  constexpr double kAdded = 0.5;  // a gram that one side never uses has a finite ratio
  const BySpeech all = by_speech(setting.corpus->by_source, setting);
  const BySpeech own = by_speech(candidate.by_source, setting);
  return std::log((own.reasoning + kAdded) / all.reasoning) -
         std::log((own.plain + kAdded) / all.plain);
}

double share(int64_t part, int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

double digits(const Candidate& candidate, const FeatureSetting&) {
  double words = 1;
  double numbers = 0;
  bool number = false;
  for (const char c : candidate.text) {
    if (c == ' ') {
      ++words;
      numbers += number ? 1 : 0;
      number = false;
    } else if (c >= '0' && c <= '9') {
      number = true;
    }
  }
  return (numbers + (number ? 1 : 0)) / words;
}

constexpr std::array<CountFeature, 8> kFeatures{
    {{"problems",
      "log share of the problems",
      [](const Candidate& c, const FeatureSetting& s) {
        return std::log(share(c.problem_frequency, s.corpus->num_problems));
      }},
     {"spread",
      "problems per solution",
      [](const Candidate& c, const FeatureSetting&) {
        return share(c.problem_frequency, c.document_frequency);
      }},
     {"repeats",
      "log occurrences per solution",
      [](const Candidate& c, const FeatureSetting&) {
        return std::log(share(c.count, c.document_frequency));
      }},
     {"problem_text",
      "share of solutions where it holds the problem's own words",
      [](const Candidate& c, const FeatureSetting&) {
        return share(c.problem_text_frequency, c.document_frequency);
      }},
     {"digits", "share of words with a digit", digits},
     {"starts",
      "share of occurrences that begin a sentence",
      [](const Candidate& c, const FeatureSetting&) { return share(c.sentence_starts, c.count); }},
     {kReasoningFeature, "log ratio of thinking aloud to plain solutions", reasoning},
     {"words", "number of words", [](const Candidate& c, const FeatureSetting&) {
        return static_cast<double>(std::ranges::count(c.text, ' ')) + 1.0;
      }}}};

}  // namespace

std::span<const CountFeature> count_features() {
  return kFeatures;
}

void check_sources(const FeatureSetting& setting) {
  const auto& known = setting.corpus->by_source;
  for (const std::string& source : setting.plain_sources) {
    if (known.contains(source)) continue;
    std::vector<std::string> names;
    names.reserve(known.size());
    for (const auto& [name, count] : known) names.push_back("'" + name + "'");
    fail(ErrorKind::kConfig,
         "plain source '{}': the candidates have none of that name; they come from {}",
         source,
         fmt::join(names, ", "));
  }
  const auto plain = [&](const auto& entry) { return is_plain(entry.first, setting); };
  if (!setting.plain_sources.empty() && std::ranges::all_of(known, plain)) {
    fail(ErrorKind::kConfig,
         "all sources of the candidates are called plain, so nothing is left to compare them with; "
         "name fewer, or none");
  }
}

}  // namespace stratagram::grams
