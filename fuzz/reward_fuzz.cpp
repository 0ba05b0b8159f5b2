// Any bytes as a response: extraction, equivalence and the Countdown checker give a verdict and
// never throw. The answer stands where its span says.
#include "core/error.h"
#include "core/jsonl.h"
#include "fuzz/driver.h"
#include "reward/countdown_checker.h"
#include "reward/equivalence.h"
#include "reward/extraction.h"
#include "reward/grader.h"

namespace stratagram {
namespace {

std::vector<std::string> seeds() {
  std::vector<std::string> texts;
  const std::string folder = STRATAGRAM_TEST_DATA "/";
  for (const char* name :
       {"reward/extraction.jsonl", "equivalence.jsonl", "reward/countdown.jsonl"}) {
    JsonlReader reader(folder + name);
    for (auto row = reader.next(); row; row = reader.next()) {
      for (const char* key : {"response", "answer", "gold"}) {
        const auto found = row->find(key);
        if (found != row->end() && found->is_string()) texts.push_back(found->get<std::string>());
      }
    }
  }
  texts.push_back(std::string(500, '(') + "1" + std::string(500, ')'));
  texts.push_back("576460752303423488*576460752303423488*(-512)");
  texts.push_back("1" + std::string(400, '0') + "e9999");
  texts.push_back("\\boxed{" + std::string(200, '{') + "1" + std::string(200, '}') + "}");
  return texts;
}

void check_extraction(std::string_view text) {
  for (const std::string& rule : reward::extraction_rules()) {
    const auto found = reward::extract(text, {rule});
    if (!found) continue;
    STRATAGRAM_CHECK(!found->answer.empty() && !found->parts.empty(), "{}: blank", rule);
    for (const Range& part : found->parts) {
      const std::string_view there =
          text.substr(static_cast<size_t>(part.begin), static_cast<size_t>(part.end - part.begin));
      const bool is_all = found->parts.size() == 1;
      STRATAGRAM_CHECK(
          is_all ? found->answer == there : found->answer.find(there) != std::string::npos,
          "{}: the answer is not where it says",
          rule);
    }
  }
}

// The text against itself, and its first half against its second.
void check_equivalence(std::string_view text) {
  const reward::Comparison same = reward::compare_answers(text, text);
  STRATAGRAM_CHECK(same.verdict == Verdict::kCorrect || same.reason == "blank_gold",
                   "a text is not equal to itself: {}",
                   same.reason);
  const reward::Comparison halves =
      reward::compare_answers(text.substr(0, text.size() / 2), text.substr(text.size() / 2));
  STRATAGRAM_CHECK(!halves.reason.empty(), "no reason");
}

void try_text(const reward::Grader& grader, std::string_view text) {
  check_extraction(text);
  check_equivalence(text);
  const std::vector<int64_t> numbers{6, 2, 3};
  (void)reward::check_countdown(text, numbers, 24);
  const Problem math{.id = "m", .text = "?", .answer = "5", .kind = "math"};
  const Problem countdown{.id = "c",
                          .text = "?",
                          .answer = "24",
                          .kind = "countdown",
                          .numbers = numbers,
                          .target = 24};
  for (const Finish finish : {Finish::kStop, Finish::kLength}) {
    (void)grader.judge(math, text, finish);
    (void)grader.judge(countdown, text, finish);
  }
  (void)grader.keeps_format(text);
}

int run(int argc, char** argv) {
  const reward::Grader grader(reward::RewardConfig{.format_bonus = 0.1});
  return fuzz::run_fuzz(argc, argv, seeds, [&](std::string_view text) {
    fuzz::must_accept([&] { try_text(grader, text); });
  });
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
