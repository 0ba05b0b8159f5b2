// nice cmake --build --preset release --target bench_matcher && build/release/bench_matcher
//
// Matching speed against a catalogue of 5,000 grams: bytes of text a second on one core, at one and
// at four times the length, since time must grow linearly. The text is real solutions where the
// shared data is present, else generated; the grams are its own most frequent runs of 3 to 5 words,
// so they do occur. Before anything is timed, the occurrences are compared with a plain search.
#include "grams/matcher.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <unordered_map>

#include "bench/bench_text.h"
#include "bench/run_main.h"
#include "core/error.h"
#include "grams/tag.h"
#include "tests/support/reference/plain_matcher.h"

namespace stratagram::bench {
namespace {

constexpr size_t kNumGrams = 5000;
constexpr size_t kTextBytes = 1 << 20;
constexpr size_t kReferenceBytes = 256 << 10;

// The most frequent runs of 3 to 5 words; equally frequent ones in order of their text.
grams::Catalogue catalogue_of(const std::string& text) {
  std::unordered_map<std::string, int64_t> counts;
  const std::vector<grams::Word> words = grams::normalise(text);
  for (size_t first = 0; first < words.size(); ++first) {
    std::string run;
    for (size_t last = first; last < words.size() && last < first + 5; ++last) {
      if (words[last].opaque || (last > first && words[last].break_before)) break;
      run += (last > first ? " " : "") + words[last].text;
      if (last >= first + 2) ++counts[run];
    }
  }
  std::vector<std::pair<int64_t, std::string>> ranked;
  ranked.reserve(counts.size());
  for (const auto& [run, count] : counts) ranked.emplace_back(-count, run);
  std::sort(ranked.begin(), ranked.end());
  ranked.resize(std::min(ranked.size(), kNumGrams));
  grams::Catalogue catalogue{.name = "bench", .source = "", .corpus_digest = "", .grams = {}};
  for (const auto& [count, run] : ranked) catalogue.grams.push_back({.text = run});
  return catalogue;
}

void verify(const grams::Matcher& matcher, const std::string& text) {
  const grams::Matches matches = matcher.find(text);
  const auto wanted = reference::PlainMatcher(matcher.catalogue()).find(text);
  if (wanted.empty() || matches.all.size() != wanted.size() ||
      reference::plain(matches) != wanted) {
    fail(ErrorKind::kInternal,
         "{} occurrences, not the {} of a plain search",
         matches.all.size(),
         wanted.size());
  }
}

// Tokens of four bytes, about what a real tokenizer makes.
std::vector<Range> quarters(const std::string& text) {
  std::vector<Range> ranges;
  const auto size = static_cast<int64_t>(text.size());
  for (int64_t at = 0; at < size; at += 4) ranges.push_back({at, std::min(size, at + 4)});
  return ranges;
}

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const BenchText long_text = bench_text(4 * kTextBytes);
  const grams::Matcher matcher(catalogue_of(long_text.text));
  const std::string start = long_text.text.substr(0, kReferenceBytes);
  verify(matcher, start);
  std::cout << fmt::format("{} grams, verified on {} KiB of {}\n",
                           matcher.catalogue().grams.size(),
                           kReferenceBytes >> 10,
                           long_text.origin);

  for (const int64_t times : {1, 4}) {
    const std::string text = long_text.text.substr(0, times * kTextBytes);
    benchmark::RegisterBenchmark(fmt::format("find/{}x", times).c_str(),
                                 [&matcher, text](benchmark::State& state) {
                                   int64_t found = 0;
                                   for (auto _ : state) {
                                     found = static_cast<int64_t>(matcher.find(text).all.size());
                                   }
                                   state.SetBytesProcessed(state.iterations() * std::ssize(text));
                                   state.counters["occurrences"] = static_cast<double>(found);
                                 });
  }
  benchmark::RegisterBenchmark("find-plain", [&](benchmark::State& state) {
    const reference::PlainMatcher plain(matcher.catalogue());
    for (auto _ : state) benchmark::DoNotOptimize(plain.find(start).size());
    state.SetBytesProcessed(state.iterations() * std::ssize(start));
  });
  benchmark::RegisterBenchmark("tag", [&](benchmark::State& state) {
    const std::vector<Range> ranges = quarters(long_text.text);
    for (auto _ : state) {
      benchmark::DoNotOptimize(grams::tag(matcher, long_text.text, ranges).mask.data());
    }
    state.SetBytesProcessed(state.iterations() * std::ssize(long_text.text));
  });
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace stratagram::bench

int main(int argc, char** argv) {
  return stratagram::bench::run_main(stratagram::bench::run, argc, argv);
}
