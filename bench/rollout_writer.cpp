// nice cmake --build --preset release --target bench_rollout_writer &&
//   build/release/bench_rollout_writer
//
// Writing rollouts/NNNNNN.jsonl: bytes and response tokens a second, rows made, rounded and written
// to a file on /tmp. Before anything is timed, a written file is read again and compared.
// The ratio to look at: making the rows without rounding (numbers as JSON prints a double).
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cmath>
#include <iostream>

#include "bench/bench_text.h"
#include "bench/run_main.h"
#include "core/error.h"
#include "core/jsonl.h"
#include "core/stream.h"
#include "tests/support/temp_folder.h"
#include "train/run_folder.h"

namespace stratagram::bench {
namespace {

constexpr int64_t kSamples = 8;
constexpr int64_t kTokens = 2000;
constexpr int64_t kUnbounded = int64_t{1} << 60;

Trajectory trajectory_of(int64_t sample) {
  const Stream stream(
      {.seed = 2, .purpose = "bench-rollout", .sample = static_cast<uint64_t>(sample)});
  Trajectory trajectory;
  Completion& completion = trajectory.completion;
  completion.sample = sample;
  completion.text = speed::sample_text(4 * kTokens);
  for (int64_t t = 0; t < kTokens; ++t) {
    completion.token_ids.push_back(static_cast<int32_t>(stream.below(150000, 3 * t)));
    completion.logprobs.push_back(static_cast<float>(std::log(stream.uniform(3 * t + 1) + 1e-6)));
    completion.entropies.push_back(static_cast<float>(3 * stream.uniform(3 * t + 2)));
    trajectory.advantages.push_back(t % 20 == 0 ? 0.6F : 0.5F);
  }
  for (int64_t t = 0; t + 3 <= kTokens; t += 60) {
    trajectory.planning_spans.push_back({.tokens = {t, t + 3}, .gram = "wait let me"});
  }
  trajectory.judgement = {.verdict = Verdict::kCorrect, .reward = 1.0, .reason = "equal"};
  return trajectory;
}

Group group_of() {
  Group group{.problem = {.id = "p", .text = "?", .answer = "12", .kind = "math"},
              .prompt = {.problem_id = "p", .text = speed::sample_text(300), .token_ids = {1}}};
  for (int64_t i = 0; i < kSamples; ++i) group.trajectories.push_back(trajectory_of(i));
  return group;
}

// Six significant digits, so a relative error of at most half of the sixth.
void check_close(const nlohmann::json& numbers, const std::vector<float>& wanted) {
  if (numbers.size() != wanted.size()) fail(ErrorKind::kInternal, "a list has another length");
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (std::abs(numbers[i].get<double>() - wanted[i]) > 5.1e-6 * std::abs(wanted[i])) {
      fail(ErrorKind::kInternal, "read {}, wrote {}", numbers[i].dump(), wanted[i]);
    }
  }
}

// Returns the bytes of the file.
int64_t verify(train::RunFolder& folder, const Group& group) {
  if (!folder.write_rollouts(0, {&group, 1}, kUnbounded))
    fail(ErrorKind::kInternal, "nothing written");
  const auto file = folder.path() / "rollouts/000000.jsonl";
  JsonlReader reader(file);
  size_t rows = 0;
  for (auto row = reader.next(); row; row = reader.next(), ++rows) {
    const Completion& completion = group.trajectories.at(rows).completion;
    check_close(row->at("logprobs"), completion.logprobs);
    check_close(row->at("entropies"), completion.entropies);
    check_close(row->at("advantages"), group.trajectories[rows].advantages);
    if (row->at("token_ids") != completion.token_ids || row->at("response") != completion.text) {
      fail(ErrorKind::kInternal, "{}: not what was written", reader.where());
    }
  }
  if (rows != group.trajectories.size()) fail(ErrorKind::kInternal, "{} rows", rows);
  return static_cast<int64_t>(std::filesystem::file_size(file));
}

void report(benchmark::State& state, int64_t bytes) {
  state.SetBytesProcessed(state.iterations() * bytes);
  state.counters["tokens"] = benchmark::Counter(
      static_cast<double>(state.iterations() * kSamples * kTokens), benchmark::Counter::kIsRate);
}

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const TempFolder folder;
  const Group group = group_of();
  auto out = train::RunFolder::create(folder.path() / "run", nlohmann::json::object());
  const int64_t bytes = verify(out, group);
  std::cout << fmt::format("verified {} rows of {} tokens, {} bytes\n", kSamples, kTokens, bytes);

  benchmark::RegisterBenchmark("write", [&](benchmark::State& state) {
    for (auto _ : state) {
      benchmark::DoNotOptimize(out.write_rollouts(0, {&group, 1}, kUnbounded));
    }
    report(state, bytes);
  });
  benchmark::RegisterBenchmark("write-unrounded-numbers-only", [&](benchmark::State& state) {
    for (auto _ : state) {
      for (const Trajectory& trajectory : group.trajectories) {
        const nlohmann::json row = {{"token_ids", trajectory.completion.token_ids},
                                    {"logprobs", trajectory.completion.logprobs},
                                    {"entropies", trajectory.completion.entropies},
                                    {"advantages", trajectory.advantages}};
        benchmark::DoNotOptimize(to_json_line(row).data());
      }
    }
    report(state, bytes);
  });
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace stratagram::bench

int main(int argc, char** argv) {
  return stratagram::bench::run_main(stratagram::bench::run, argc, argv);
}
