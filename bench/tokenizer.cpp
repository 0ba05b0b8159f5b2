// nice cmake --build --preset release --target bench_tokenizer && build/release/bench_tokenizer
//
// Encoding and decoding speed of one core: bytes of text a second. Real tokenizers and solutions
// where the shared data is present, else the little tokenizers of the tests and generated text.
// Before anything is timed, ids are compared with plain byte-pair encoding and decoded again.
#include "text/tokenizer.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "bench/bench_text.h"
#include "bench/run_main.h"
#include "core/error.h"
#include "core/file.h"
#include "tests/support/reference/plain_bpe.h"

namespace stratagram::bench {
namespace {

constexpr size_t kTextBytes = 4 << 20;
constexpr size_t kReferenceBytes = 64 << 10;

struct Subject {
  std::string name;
  text::Tokenizer tokenizer;
  reference::PlainBpe plain;
};

Subject subject_of(const std::string& name, const std::filesystem::path& file) {
  return {.name = name,
          .tokenizer = text::Tokenizer::from_json_file(file),
          .plain = reference::PlainBpe(nlohmann::json::parse(read_file(file)))};
}

std::vector<Subject> subjects() {
  std::vector<Subject> found;
  for (const char* name : {"qwen3", "llama3.1"}) {
    const auto file = shared_data(std::string("tokenizers/") + name + "/tokenizer.json");
    if (file) found.push_back(subject_of(name, *file));
  }
  for (const char* name : {"qwen2", "llama3", "smollm"}) {
    const std::string folder = std::string(STRATAGRAM_TEST_DATA) + "/text/" + name;
    found.push_back(subject_of(std::string("small-") + name, folder + "/tokenizer.json"));
  }
  return found;
}

// The start of a text without what the reference does not do: characters beyond ASCII and the
// little tokenizers' added token "ab".
std::string plain_part(const std::string& text) {
  std::string part;
  for (const char c : text.substr(0, kReferenceBytes)) {
    if (static_cast<int8_t>(c) >= 0 && c != '<' && !(c == 'b' && part.ends_with('a'))) part += c;
  }
  return part;
}

void verify(const Subject& subject, const std::string& text) {
  const std::string part = plain_part(text);
  if (subject.tokenizer.encode(part, false).ids != subject.plain.encode(part)) {
    fail(ErrorKind::kInternal, "{}: ids are not those of plain encoding", subject.name);
  }
  const text::Encoding encoding = subject.tokenizer.encode(text, false);
  if (subject.tokenizer.decode(encoding.ids, false) != text) {
    fail(ErrorKind::kInternal, "{}: decoding does not give the text again", subject.name);
  }
}

void report_bytes(benchmark::State& state, size_t bytes, size_t tokens) {
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes));
  state.counters["bytes_per_token"] = static_cast<double>(bytes) / static_cast<double>(tokens);
}

void add(const Subject& subject, const std::string& text) {
  benchmark::RegisterBenchmark(("encode/" + subject.name).c_str(), [&](benchmark::State& state) {
    size_t tokens = 0;
    for (auto _ : state) {
      const text::Encoding encoding = subject.tokenizer.encode(text, false);
      tokens = encoding.ids.size();
      benchmark::DoNotOptimize(encoding.ids.data());
    }
    report_bytes(state, text.size(), tokens);
  });
  benchmark::RegisterBenchmark(("encode-plain/" + subject.name).c_str(),
                               [&](benchmark::State& state) {
                                 const std::string part = plain_part(text);
                                 size_t tokens = 0;
                                 for (auto _ : state) {
                                   const auto ids = subject.plain.encode(part);
                                   tokens = ids.size();
                                   benchmark::DoNotOptimize(ids.data());
                                 }
                                 report_bytes(state, part.size(), tokens);
                               });
  benchmark::RegisterBenchmark(("decode/" + subject.name).c_str(), [&](benchmark::State& state) {
    const auto ids = subject.tokenizer.encode(text, false).ids;
    for (auto _ : state) benchmark::DoNotOptimize(subject.tokenizer.decode(ids, false).data());
    report_bytes(state, text.size(), ids.size());
  });
}

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const BenchText real = bench_text(kTextBytes);
  const std::string generated = speed::sample_text(kTextBytes);
  const std::vector<Subject> all = subjects();
  for (const Subject& subject : all) {
    const bool is_small = subject.name.starts_with("small-");
    const std::string& text = is_small ? generated : real.text;
    verify(subject, text);
    std::cout << fmt::format("{}: verified on {} MiB of {}\n",
                             subject.name,
                             text.size() >> 20,
                             is_small ? "generated text" : real.origin);
    add(subject, text);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace stratagram::bench

int main(int argc, char** argv) {
  return stratagram::bench::run_main(stratagram::bench::run, argc, argv);
}
