// judge/survey.h -- one multiple-choice question about many items, each asked twice with the
// options in another order. An answer that cannot be read is asked for again, then counted; it is
// never guessed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "judge/judge.h"
#include "metrics/agreement.h"

namespace stratagram::judge {

inline constexpr size_t kNumAskings = 2;

struct Option {
  std::string name;  ///< in results
  std::string text;  ///< what the judge reads
};

struct Item {
  std::string id;    ///< keys the order of the options
  std::string text;  ///< what the judge reads
};

struct Survey {
  int64_t prompts_version = 0;  ///< goes up when a text below changes
  std::string system;
  std::string question;
  std::vector<Option> options;  ///< 2 to 26
  std::vector<Item> items{};
};

struct SurveyOptions {
  int64_t batch = 1;         ///< items in a request
  int64_t max_attempts = 3;  ///< requests for an answer that can be read
  int64_t concurrency = 4;   ///< requests under way at once
  uint64_t seed = 0;         ///< keys the order of the options
};

/// The option chosen in each asking; none: no answer that could be read.
using ItemAnswers = std::array<std::optional<size_t>, kNumAskings>;

struct SurveyResult {
  std::vector<ItemAnswers> items;    ///< parallel to Survey::items
  size_t num_askings = kNumAskings;  ///< 1: only the first answer of each item counts
  int64_t num_replies = 0;
  int64_t num_unreadable = 0;  ///< replies of which at least one item got no answer
  int64_t num_unanswered = 0;  ///< items that lack an answer of an asking after the last attempt
};

/// `watch(done, total)` is called with requests' worth of work now and then, in this thread.
/// Throws like Judge::ask(); every exchange until then is in the record.
[[nodiscard]] SurveyResult run_survey(const Survey& survey,
                                      const SurveyOptions& options,
                                      Judge& judge,
                                      const std::function<void(int64_t, int64_t)>& watch = {});

struct SurveyCost {
  int64_t num_recorded = 0;  ///< requests whose reply is in the record
  int64_t num_requests = 0;  ///< to send, when every reply can be read
  TokenUse tokens{};         ///< of those to send: texts estimated, answers at the most
};

/// What run_survey() would still ask; sends nothing.
[[nodiscard]] SurveyCost cost_of_survey(const Survey& survey,
                                        const SurveyOptions& options,
                                        const Judge& judge);

/// Cohen's kappa between first and second asking, over items with both answers.
///   label  number of an option -> what is compared; options may share one
[[nodiscard]] std::optional<metrics::Agreement> agreement_of(
    const SurveyResult& result, const std::function<int64_t(size_t)>& label);

}  // namespace stratagram::judge
