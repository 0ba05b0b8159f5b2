// Any bytes as a log of decisions and as a table that was filled in. What is accepted gives a state
// whose own table asks for nothing.
#include "core/error.h"
#include "core/log.h"
#include "fuzz/driver.h"
#include "fuzz/input_file.h"
#include "review/desk.h"
#include "review/table.h"
#include "review/votes.h"

namespace stratagram {
namespace {

grams::CandidateList candidates() {
  grams::CandidateList list;
  list.corpus.digest = "c";
  for (const char* text : {"let me think", "wait no that", "me think again"}) {
    list.candidates.push_back({.text = text,
                               .count = 3,
                               .document_frequency = 2,
                               .contexts = {{"=a\t", text, "\xff\n"}}});
  }
  return list;
}

std::vector<std::string> seeds() {
  const std::string head =
      R"({"log":"gram decisions","format":1,"normaliser":1,"corpus_digest":"c"})";
  const std::string by = R"({"time":"t","reviewer":"ann","action":)";
  return {head + "\n" + by + R"("role","gram":"let me think","role":"branching"})" + "\n" + by +
              R"("add","gram":"step back"})" + "\n" + by +
              R"("merge","gram":"me think again","merged_into":"step back"})" + "\n" + by +
              R"("undo"})" + "\n" + by + R"("clear","gram":"let me think"})" + "\n",
          "gram\tdecision\trole\tinto\nlet me think\taccept\tother\t\nstep back\tadd\t\t\n"
          "me think again\tmerge\t\tstep back\n\"wait no that\"\treject\t\t\n",
          "\xEF\xBB\xBF"
          "note\tdecision\tgram\r\n\"a \"\"b\"\"\"\tundecided\tlet me think\r\n"};
}

class Target {
 public:
  void run(const fuzz::InputFile& file, std::string_view bytes) const {
    (void)fuzz::accepts([&] {
      const review::ReviewState state = review::replay(list_, file.write(bytes));
      for (const std::string& reviewer : state.reviewers()) check(state, reviewer);
    });
    (void)fuzz::accepts([&] {
      review::ReviewState state(list_.candidates);
      const auto decisions = review::decisions_of_table(bytes, "table", state, "ann");
      fuzz::must_accept([&] {
        for (const review::Decision& one : decisions) state.apply(one, "table");
      });
      check(state, "ann");
    });
  }

 private:
  void check(const review::ReviewState& state, const std::string& reviewer) const {
    fuzz::must_accept([&] {
      const std::string table = review::table_of(list_, votes_, state, reviewer);
      STRATAGRAM_CHECK(review::decisions_of_table(table, "own", state, reviewer).empty(),
                       "a table asks for what holds already");
    });
  }

  grams::CandidateList list_ = candidates();
  review::Votes votes_{{}, list_};
};

int run(int argc, char** argv) {
  spdlog::set_level(spdlog::level::off);  // of a warning for each line that is cut short
  const fuzz::InputFile file;
  const Target target;
  return fuzz::run_fuzz(
      argc, argv, seeds, [&](std::string_view bytes) { target.run(file, bytes); });
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
