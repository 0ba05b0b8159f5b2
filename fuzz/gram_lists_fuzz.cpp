// Any bytes as a file of candidates and as one of a selection: what is accepted is written and read
// again, and is the same.
#include <sstream>

#include "core/error.h"
#include "core/file.h"
#include "fuzz/driver.h"
#include "fuzz/input_file.h"
#include "grams/candidates.h"
#include "grams/selection.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> seeds() {
  return {
      R"({"format":1,"normaliser":1,"corpus_digest":"d","documents":9,"problems":4,"words":100,)"
      R"("duplicates":2,"wrong":1,"by_source":{"a":5,"b":4},"by_step":{"-1":2,"7":7},)"
      R"("mining":{"min_words":3}})"
      "\n"
      R"({"gram":"wait let me","count":12,"documents":8,"problems":4,"problem_text":1,)"
      R"("starts":10,"by_source":{"a":5},"by_step":{"7":8},"contexts":[["So ","Wait, let me",)"
      R"(" go"],["","wait let me",""]]})"
      "\n"
      R"({"gram":"caf\u00e9","count":1,"documents":1,"problems":1,"problem_text":0,"starts":0})"
      "\n",
      R"({"format":1,"method":"cluster","corpus_digest":"d","settings":{"clusters":3}})"
      "\n"
      R"({"gram":"wait let me","strategic":true,"score":-0.25,"role":"backtracing","cluster":0,)"
      R"("cluster_name":"let me"})"
      "\n"
      R"({"gram":"the sum is","strategic":false})"
      "\n"};
}

// Lists are never written over a file, so each is written to a name of its own.
template <typename List>
List written_and_read(const List& list, const fs::path& folder) {
  const fs::path file = folder / "again.jsonl";
  fs::remove(file);
  list.save(file);
  return List::load(file);
}

void try_candidates(const fs::path& file, const fs::path& folder) {
  const auto list = grams::CandidateList::load(file);
  fuzz::must_accept([&] {
    const auto again = written_and_read(list, folder);
    STRATAGRAM_CHECK(again.corpus == list.corpus && again.candidates == list.candidates,
                     "candidates changed on their way through a file");
  });
}

void try_selection(const fs::path& file, const fs::path& folder) {
  const auto selection = grams::Selection::load(file);
  fuzz::must_accept([&] {
    // Written with six digits, without the numbers of clusters below 0: stable from then on.
    const auto once = written_and_read(selection, folder);
    const auto twice = written_and_read(once, folder);
    STRATAGRAM_CHECK(once.choices.size() == selection.choices.size() &&
                         twice.choices == once.choices && twice.method == selection.method,
                     "a selection changed on its way through a file");
  });
}

int run(int argc, char** argv) {
  const fuzz::InputFile input;
  // Written files are synced, which takes a disk milliseconds and memory nothing.
  const fs::path shm = "/dev/shm";
  const fs::path parent = fs::is_directory(shm) ? shm : fs::temp_directory_path();
  std::string name = (parent / "stratagram-fuzz-XXXXXX").string();
  STRATAGRAM_CHECK(mkdtemp(name.data()) != nullptr, "no temporary folder");
  const int code = fuzz::run_fuzz(argc, argv, seeds, [&](std::string_view bytes) {
    const fs::path file = input.write(bytes);
    (void)fuzz::accepts([&] { try_candidates(file, name); });
    (void)fuzz::accepts([&] { try_selection(file, name); });
  });
  fs::remove_all(name);
  return code;
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
