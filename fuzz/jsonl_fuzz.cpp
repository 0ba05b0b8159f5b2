// Any bytes as JSON Lines and as a problem set: what is accepted is written and read back the same.
#include "core/error.h"
#include "core/jsonl.h"
#include "fuzz/driver.h"
#include "fuzz/input_file.h"
#include "text/problems.h"

namespace stratagram {
namespace {

std::vector<std::string> seeds() {
  return {
      "{\"id\": 7, \"problem\": \"2+2?\", \"answer\": 4}\n\n"
      "{\"id\": \"b\", \"problem\": \"x\", \"answer\": \"1/2\", \"solution\": \"s\"}\n",
      "\xEF\xBB\xBF{\"id\": \"c\", \"problem\": \"\xc3\xa9\", \"answer\": \"24\", \"nums\": "
      "[4, 6, 1], \"target\": 24}\r\n{\"id\": 1.5, \"problem\": \"y\", \"answer\": -1e3}",
      "{\"id\": \"d\", \"problem\": \"z\", \"answer\": \"\", \"kind\": \"math\"}\n"
      "{\"id\": \"e\", \"problem\": \"z\", \"answer\": \"1\", \"kind\": null}\n"};
}

void read_rows(const std::filesystem::path& file) {
  JsonlReader reader(file);
  for (auto row = reader.next(); row; row = reader.next()) {
    STRATAGRAM_CHECK(row->is_object(), "{}: no object", reader.where());
    STRATAGRAM_CHECK(nlohmann::json::parse(to_json_line(*row)) == *row,
                     "{}: another row came back",
                     reader.where());
  }
}

void try_file(const fuzz::InputFile& file, std::string_view bytes) {
  const std::filesystem::path path = file.write(bytes);
  fuzz::accepts([&] { read_rows(path); });
  text::ProblemSet set;
  if (!fuzz::accepts([&] { set = text::read_problems(path, {.skip_blank_answers = true}); })) {
    return;
  }
  for (const Problem& problem : set.problems) {
    (void)text::fill_prompt("{problem}", problem);
    if (problem.kind == "countdown") (void)text::fill_prompt("{numbers} {target}", problem);
  }
}

int run(int argc, char** argv) {
  const fuzz::InputFile file;
  return fuzz::run_fuzz(argc, argv, seeds, [&](std::string_view bytes) { try_file(file, bytes); });
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
