// nice cmake --build --preset release --target bench_miner && build/release/bench_miner
//
// Mining speed: bytes of JSON Lines a second on one core, at one and at four times the size, from
// files on /tmp; and with so little memory that documents are counted on disk. Before anything is
// timed, a small collection is compared with mining by maps of strings.
//
//   build/release/bench_miner --write FILE BYTES
// writes a collection of any size instead, to be mined by the program under a memory limit.
#include "grams/miner.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <string_view>

#include "bench/mining_corpus.h"
#include "bench/run_main.h"
#include "core/error.h"
#include "tests/support/reference/plain_miner.h"
#include "tests/support/temp_folder.h"

namespace stratagram::bench {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kBytes = 16 << 20;
constexpr uint64_t kReferenceBytes = 512 << 10;

grams::CandidateList mined(const fs::path& file, const grams::MiningOptions& options) {
  const fs::path files[] = {file};
  return grams::mine(files, {}, options, [](std::string_view, int64_t, int64_t) {});
}

// Returns how many grams there are.
size_t verify(const fs::path& file) {
  const grams::MiningOptions options{.min_documents = 3, .merge_share = 2.0};
  const fs::path files[] = {file};
  std::vector<text::Solution> solutions;
  text::SolutionReader reader(files, {});
  while (auto solution = reader.next()) solutions.push_back(std::move(*solution));
  const auto wanted = reference::plain_mine(solutions, options);
  const grams::CandidateList list = mined(file, options);
  const auto same = [&](const grams::Candidate& got) {
    const auto found = wanted.find(got.text);
    if (found == wanted.end()) return false;
    const grams::Candidate& counts = found->second.counts;
    return got.count == counts.count && got.document_frequency == counts.document_frequency &&
           got.problem_text_frequency == counts.problem_text_frequency &&
           got.problem_frequency == static_cast<int64_t>(found->second.places.size()) &&
           got.sentence_starts == counts.sentence_starts && got.by_source == counts.by_source &&
           got.by_step == counts.by_step;
  };
  if (wanted.empty() || wanted.size() != list.candidates.size() ||
      !std::ranges::all_of(list.candidates, same)) {
    fail(ErrorKind::kInternal,
         "{} grams, not the {} that maps of strings give",
         list.candidates.size(),
         wanted.size());
  }
  return wanted.size();
}

void add(const std::string& name, const fs::path& file, const grams::MiningOptions& options) {
  benchmark::RegisterBenchmark(name.c_str(), [file, options](benchmark::State& state) {
    size_t num_grams = 0;
    for (auto _ : state) num_grams = mined(file, options).candidates.size();
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(fs::file_size(file)));
    state.counters["grams"] = static_cast<double>(num_grams);
  })->Unit(benchmark::kMillisecond);
}

int run(int argc, char** argv) {
  const MiningCorpus corpus;
  if (argc == 4 && argv[1] == std::string_view("--write")) {
    corpus.write(argv[2], std::stoull(argv[3]));
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  const TempFolder folder;
  const fs::path small = folder.path() / "small.jsonl";
  corpus.write(small, kReferenceBytes);
  std::cout << fmt::format(
      "verified {} grams on {} KiB of generated text\n", verify(small), kReferenceBytes >> 10);

  const fs::path one = folder.path() / "1x.jsonl";
  const fs::path four = folder.path() / "4x.jsonl";
  corpus.write(one, kBytes);
  corpus.write(four, 4 * kBytes);
  add("mine/1x", one, {.min_documents = 5});
  add("mine/4x", four, {.min_documents = 20});
  // No contexts: the list must fit, too.
  add("mine-on-disk/4x", four, {.min_documents = 40, .max_contexts = 0, .memory_bytes = 4 << 20});
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace stratagram::bench

int main(int argc, char** argv) {
  return stratagram::bench::run_main(stratagram::bench::run, argc, argv);
}
