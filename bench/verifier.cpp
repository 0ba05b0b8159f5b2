// nice cmake --build --preset release --target bench_verifier && build/release/bench_verifier
//
// Time of one verdict on a pair of answers: median and worst over the table of cases and, where the
// shared data is present, over the gold answers of the benchmarks in other spellings; and the worst
// over answers made to cost time. Before anything is timed, the verdicts on the table are checked.
// scripts/agreement.py gives the ratio to math-verify.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "bench/run_main.h"
#include "core/error.h"
#include "core/jsonl.h"
#include "reward/equivalence.h"
#include "reward/extraction.h"
#include "tests/support/hostile_answers.h"
#include "tests/support/respellings.h"
#include "tests/support/shared_data.h"

namespace stratagram::bench {
namespace {

constexpr int kRepetitions = 5;

struct Pair {
  std::string gold, answer;
};

struct Timed {
  double microseconds = 0;
  std::string name;
  std::string outcome;
};

std::vector<Pair> verified_table() {
  JsonlReader reader(STRATAGRAM_TEST_DATA "/equivalence.jsonl");
  std::vector<Pair> pairs;
  for (auto row = reader.next(); row; row = reader.next()) {
    const Pair pair{row->at("gold"), row->at("answer")};
    const reward::Comparison comparison = reward::compare_answers(pair.gold, pair.answer);
    if ((comparison.verdict == Verdict::kCorrect) != row->at("same").get<bool>()) {
      fail(ErrorKind::kInternal, "{}: {}", reader.where(), comparison.reason);
    }
    pairs.push_back(pair);
  }
  return pairs;
}

std::vector<Pair> real_pairs() {
  std::vector<Pair> pairs;
  for (const char* name :
       {"aime24", "aime25", "amc23", "math500", "minerva_math", "olympiadbench"}) {
    const auto file = shared_data(std::string("benchmarks/") + name + ".jsonl");
    if (!file) continue;
    JsonlReader reader(*file);
    for (auto row = reader.next(); row; row = reader.next()) {
      const auto gold = row->at("answer").get<std::string>();
      for (const auto& [how, spelled] : respellings(gold)) pairs.push_back({gold, spelled});
    }
  }
  return pairs;
}

// The least of some repetitions: what the machine does besides is no work of ours.
Timed timed(const std::string& name, const std::string& gold, const std::string& answer) {
  Timed best{.microseconds = 1e18, .name = name, .outcome = ""};
  for (int i = 0; i < kRepetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const reward::Comparison comparison = reward::compare_answers(gold, answer);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    best.microseconds = std::min(best.microseconds, took.count());
    best.outcome = fmt::format(
        "{} {} ({} steps)", verdict_name(comparison.verdict), comparison.reason, comparison.steps);
  }
  return best;
}

void print_share(const std::string& name, std::vector<Timed> all) {
  if (all.empty()) return;
  std::sort(all.begin(), all.end(), [](const Timed& a, const Timed& b) {
    return a.microseconds < b.microseconds;
  });
  const auto at = [&](double share) {
    return all[std::min(all.size() - 1,
                        static_cast<size_t>(share * static_cast<double>(all.size())))]
        .microseconds;
  };
  std::cout << fmt::format(
      "{:28} {:6} pairs  median {:8.1f} us  p99 {:9.1f} us  worst {:9.1f} us: {}\n",
      name,
      all.size(),
      at(0.5),
      at(0.99),
      all.back().microseconds,
      all.back().name.substr(0, 60));
}

void print_pairs(const std::string& name, const std::vector<Pair>& pairs) {
  std::vector<Timed> all;
  all.reserve(pairs.size());
  for (const Pair& pair : pairs) {
    all.push_back(timed(pair.gold + " ; " + pair.answer, pair.gold, pair.answer));
  }
  print_share(name, std::move(all));
}

void print_hostile() {
  std::vector<Timed> all;
  for (const HostileAnswer& hostile : hostile_answers()) {
    all.push_back(timed(hostile.name, hostile.gold, hostile.answer));
    all.push_back(timed(std::string(hostile.name) + ", back", hostile.answer, hostile.gold));
    all.push_back(
        timed(std::string(hostile.name) + ", itself", hostile.gold, "\\, " + hostile.gold));
  }
  print_share("hostile", all);
  std::sort(all.begin(), all.end(), [](const Timed& a, const Timed& b) {
    return a.microseconds > b.microseconds;
  });
  for (const Timed& one : all) {
    if (one.microseconds < 1000) break;
    std::cout << fmt::format("  {:9.0f} us  {:44} {}\n", one.microseconds, one.name, one.outcome);
  }
}

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const std::vector<Pair> table = verified_table();
  print_pairs("table of cases", table);
  print_pairs("golds in other spellings", real_pairs());
  print_hostile();

  benchmark::RegisterBenchmark("compare", [&table](benchmark::State& state) {
    size_t at = 0;
    for (auto _ : state) {
      const Pair& pair = table[at++ % table.size()];
      benchmark::DoNotOptimize(reward::compare_answers(pair.gold, pair.answer).verdict);
    }
  });
  const std::string response = repeated("Then $x = \\frac{1}{2}$ and so 2 + 3 = 5.\n", 25000) +
                               "The final answer is \\boxed{\\frac{1}{2}}.";
  benchmark::RegisterBenchmark("extract", [&response](benchmark::State& state) {
    const auto rules = reward::extraction_rules();
    for (auto _ : state) benchmark::DoNotOptimize(reward::extract(response, rules).has_value());
    state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * response.size()));
  });
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace stratagram::bench

int main(int argc, char** argv) {
  return stratagram::bench::run_main(stratagram::bench::run, argc, argv);
}
