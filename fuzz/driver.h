// fuzz/driver.h -- feeds mutated inputs to one parser of outside bytes.
//
// Every input is a pure function of (key, iteration, seeds), so a failure is repeated by its number
// alone. Targets are built with the address and undefined-behaviour sanitizers whatever the preset
// (cmake: stratagram_fuzz). For real files of any size, pass them as arguments: they join the
// seeds.
//
// usage of a target: fuzz_NAME [--iterations N] [--key K] [--only I] [--save FILE] [SEED_FILE]...
//   --iterations N   mutated inputs to try after the seeds themselves (default 2000)
//   --key K          the key of the mutations (default 1)
//   --only I         try just input number I, the number that a failure prints
//   --save FILE      with --only: write that input to FILE first
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace stratagram::fuzz {

/// Gives one input to the code under test. It may return or throw stratagram::Error of any kind but
/// kInternal; every other exception, and whatever a sanitizer finds, a
/// crash, or an input that takes over a minute, is a failure.
using OneInput = std::function<void(std::string_view)>;

/// Runs the seeds unchanged, then mutations of them. A seed is tried as it stands, so it may be
/// valid or broken; at least one is needed. Returns the exit code of the target: 0 when every input
/// was accepted or refused in order, 1 after naming the first that was not, 2 for bad usage.
[[nodiscard]] int run_fuzz(int argc,
                           char** argv,
                           const std::vector<std::string>& seeds,
                           const OneInput& one_input);

/// Input number `index`: seed `index` itself, or from seeds.size() on a mutation. Never longer than
/// the longest seed + 4096 bytes.
[[nodiscard]] std::string fuzz_input(const std::vector<std::string>& seeds,
                                     uint64_t key,
                                     uint64_t index);

}  // namespace stratagram::fuzz
