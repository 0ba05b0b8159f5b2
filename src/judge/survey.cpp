#include "judge/survey.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "core/error.h"
#include "judge/answers.h"
#include "judge/jobs.h"
#include "judge/option_order.h"

namespace stratagram::judge {
namespace {

constexpr auto kAskings = static_cast<int64_t>(kNumAskings);

/// One batch in one asking.
struct Job {
  std::vector<size_t> items{};  ///< numbers of those still without an answer
  std::vector<size_t> order{};  ///< option at each letter
  size_t asking = 0;            ///< from 0
};

struct Tally {
  int64_t num_replies = 0;
  int64_t num_unreadable = 0;
};

class Asker {
 public:
  Asker(const Survey& survey, const SurveyOptions& options) : survey_(survey), options_(options) {
    STRATAGRAM_CHECK(options.batch >= 1 && options.max_attempts >= 1,
                     "batch {}, attempts {}",
                     options.batch,
                     options.max_attempts);
  }

  [[nodiscard]] int64_t num_jobs() const {
    const auto num_items = static_cast<int64_t>(survey_.items.size());
    return (num_items + options_.batch - 1) / options_.batch * kAskings;
  }

  [[nodiscard]] Job job(int64_t index) const {
    Job job{.asking = static_cast<size_t>(index % kAskings)};
    const auto first = static_cast<size_t>(index / kAskings * options_.batch);
    const size_t end = std::min(first + static_cast<size_t>(options_.batch), survey_.items.size());
    std::string name;
    for (size_t item = first; item < end; ++item) {
      job.items.push_back(item);
      name += survey_.items[item].id + "\n";
    }
    job.order = option_order(
        survey_.options.size(), name, static_cast<int64_t>(job.asking) + 1, options_.seed);
    return job;
  }

  [[nodiscard]] Message message(const Job& job, int64_t attempt) const {
    std::string text = survey_.question + "\n\nOptions:\n";
    for (size_t place = 0; place < job.order.size(); ++place) {
      text += fmt::format("{}) {}\n", letter(place), survey_.options[job.order[place]].text);
    }
    const bool is_single = job.items.size() == 1;
    for (size_t i = 0; i < job.items.size(); ++i) {
      text += is_single ? "\n" : fmt::format("\n[{}]\n", i + 1);
      text += survey_.items[job.items[i]].text + "\n";
    }
    text += is_single ? fmt::format("\nReply with one letter, A to {}, and nothing else.",
                                    letter(job.order.size() - 1))
                      : fmt::format(
                            "\nReply with one JSON object and nothing else: a member for "
                            "each number in brackets, \"1\" to \"{}\", whose value is one "
                            "letter, A to {}. For example {{\"1\": \"A\", \"2\": \"B\"}}.",
                            job.items.size(),
                            letter(job.order.size() - 1));
    if (attempt > 1) text += " An earlier reply had another form and could not be read.";
    return {.system = survey_.system, .user = std::move(text)};
  }

  /// Asks with `ask(message, attempt)` until each item of the job has an answer, the attempts are
  /// used up or `ask` gives none.
  template <typename Ask>
  Tally work(Job job, std::vector<ItemAnswers>& answers, const Ask& ask) const {
    Tally tally;
    for (int64_t attempt = 1; attempt <= options_.max_attempts && !job.items.empty(); ++attempt) {
      const std::optional<Answer> answer = ask(message(job, attempt), attempt);
      if (!answer) break;
      const auto places = read_answers(answer->text, job.items.size(), job.order.size());
      std::vector<size_t> left;
      for (size_t i = 0; i < places.size(); ++i) {
        if (const std::optional<size_t>& place = places[i]) {
          answers[job.items[i]][job.asking] = job.order[*place];
        } else {
          left.push_back(job.items[i]);
        }
      }
      ++tally.num_replies;
      if (!left.empty()) ++tally.num_unreadable;
      job.items = std::move(left);
    }
    return tally;
  }

 private:
  static char letter(size_t place) { return static_cast<char>('A' + place); }
  const Survey& survey_;
  const SurveyOptions& options_;
};

}  // namespace

SurveyResult run_survey(const Survey& survey,
                        const SurveyOptions& options,
                        Judge& judge,
                        const std::function<void(int64_t, int64_t)>& watch) {
  const Asker asker(survey, options);
  SurveyResult result{.items = std::vector<ItemAnswers>(survey.items.size())};
  std::vector<Tally> tallies(asker.num_jobs());
  std::atomic<int64_t> num_done{0};
  run_jobs(
      asker.num_jobs(),
      options.concurrency,
      [&](int64_t index) {
        const auto ask = [&](const Message& message, int64_t attempt) {
          return std::optional(judge.ask(message, survey.prompts_version, attempt));
        };
        // No two jobs write the same answer of the same item.
        tallies[index] = asker.work(asker.job(index), result.items, ask);
        ++num_done;
      },
      [&] {
        if (watch) watch(num_done, asker.num_jobs());
      });
  for (const Tally& tally : tallies) {
    result.num_replies += tally.num_replies;
    result.num_unreadable += tally.num_unreadable;
  }
  result.num_unanswered = std::ranges::count_if(
      result.items, [](const ItemAnswers& answers) { return !answers[0] || !answers[1]; });
  return result;
}

SurveyCost cost_of_survey(const Survey& survey, const SurveyOptions& options, const Judge& judge) {
  const Asker asker(survey, options);
  std::vector<ItemAnswers> answers(survey.items.size());
  SurveyCost cost;
  for (int64_t index = 0; index < asker.num_jobs(); ++index) {
    asker.work(asker.job(index),
               answers,
               [&](const Message& message, int64_t attempt) -> std::optional<Answer> {
                 const Question question = judge.question(message, survey.prompts_version, attempt);
                 if (auto found = judge.record().find(question.key())) {
                   ++cost.num_recorded;
                   return found;
                 }
                 const TokenUse use =
                     estimated_use(question.body, judge.settings().max_answer_tokens);
                 ++cost.num_requests;
                 cost.tokens.prompt += use.prompt;
                 cost.tokens.completion += use.completion;
                 return std::nullopt;
               });
  }
  return cost;
}

std::optional<metrics::Agreement> agreement_of(const SurveyResult& result,
                                               const std::function<int64_t(size_t)>& label) {
  std::vector<int64_t> first;
  std::vector<int64_t> second;
  for (const auto& [first_answer, second_answer] : result.items) {
    if (!first_answer || !second_answer) continue;
    first.push_back(label(*first_answer));
    second.push_back(label(*second_answer));
  }
  return metrics::cohen_kappa(first, second);
}

}  // namespace stratagram::judge
