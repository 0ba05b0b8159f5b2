// Any bytes as an answer: the parser gives readings or a fault, every reading has a text and is
// equal to itself, and the comparison of any two ends within its budget, twice the same.
#include <algorithm>

#include "core/error.h"
#include "core/jsonl.h"
#include "fuzz/driver.h"
#include "math/equal.h"
#include "math/parse.h"
#include "tests/support/hostile_answers.h"

namespace stratagram {
namespace {

constexpr size_t kMaxSeedBytes = 2000;
constexpr size_t kMaxTextBytes = 8192;  // of a reading; what is longer was not cut

std::vector<std::string> seeds() {
  std::vector<std::string> texts;
  JsonlReader reader(STRATAGRAM_TEST_DATA "/equivalence.jsonl");
  for (auto row = reader.next(); row; row = reader.next()) {
    texts.push_back(row->at("gold").get<std::string>() + "\n" +
                    row->at("answer").get<std::string>());
  }
  for (const HostileAnswer& hostile : hostile_answers()) {
    for (const std::string& text : {hostile.gold, hostile.answer}) {
      texts.push_back(text.substr(0, kMaxSeedBytes));
    }
  }
  return texts;
}

math::Parsed parse(std::string_view text) {
  math::Parsed parsed = math::parse_answer(text);
  STRATAGRAM_CHECK(parsed.readings.size() <= 4, "{} readings", parsed.readings.size());
  STRATAGRAM_CHECK(parsed.readings.empty() != parsed.fault.empty(),
                   "{} readings and the fault '{}'",
                   parsed.readings.size(),
                   parsed.fault);
  for (const math::Answer& reading : parsed.readings) {
    (void)math::to_text(reading);
    const math::Equality same = math::compare(reading, reading);
    STRATAGRAM_CHECK(same.sameness == math::Sameness::kSame,
                     "not equal to itself: {}, '{}'",
                     same.reason,
                     same.a_form);
    STRATAGRAM_CHECK(same.a_form.size() <= kMaxTextBytes, "a form of {}", same.a_form.size());
  }
  return parsed;
}

void check_pair(const math::Parsed& a, const math::Parsed& b) {
  const math::EqualityOptions options{.max_steps = 100000};
  const math::Equality first = math::compare(a.readings, b.readings, options);
  const math::Equality second = math::compare(a.readings, b.readings, options);
  STRATAGRAM_CHECK(first.steps <= options.max_steps, "{} steps", first.steps);
  STRATAGRAM_CHECK(!first.reason.empty(), "no reason");
  STRATAGRAM_CHECK(
      first.reason == second.reason && first.steps == second.steps && first.a_form == second.a_form,
      "{} once, {} then",
      first.reason,
      second.reason);
}

void try_text(std::string_view text) {
  const size_t line = std::min(text.find('\n'), text.size());
  const math::Parsed gold = parse(text.substr(0, line));
  const math::Parsed answer = parse(text.substr(std::min(line + 1, text.size())));
  (void)parse(text);
  if (gold.readings.empty() || answer.readings.empty()) return;
  check_pair(gold, answer);
  check_pair(answer, gold);
}

int run(int argc, char** argv) {
  return fuzz::run_fuzz(
      argc, argv, seeds, [](std::string_view text) { fuzz::must_accept([&] { try_text(text); }); });
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
