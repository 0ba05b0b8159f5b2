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

/// Makes the seeds that are built in; each may be valid or broken.
using MakeSeeds = std::function<std::vector<std::string>()>;

/// Runs the seeds unchanged, then mutations of them; at least one seed is needed. Returns the exit
/// code of the target: 0 when every input was accepted or refused in order, 1 after naming the
/// first that was not, 2 for bad usage or seeds that cannot be made. Throws nothing.
///
/// Inputs run in a child process that ends without cleaning up, so leaks are not looked for: the
/// parsers own their memory by value, and torch keeps global tables on purpose.
[[nodiscard]] int run_fuzz(int argc,
                           char** argv,
                           const MakeSeeds& make_seeds,
                           const OneInput& one_input) noexcept;

/// Calls a parser that may refuse: swallows every stratagram::Error but kInternal, so that the next
/// parser sees the same input. True when nothing was refused.
bool accepts(const std::function<void()>& parse);

/// Calls code that must take any input: turns every stratagram::Error into kInternal.
void must_accept(const std::function<void()>& call);

/// Input number `index`: seed `index` itself, or from seeds.size() on a mutation. Never longer than
/// the longest seed + 4096 bytes.
[[nodiscard]] std::string fuzz_input(const std::vector<std::string>& seeds,
                                     uint64_t key,
                                     uint64_t index);

}  // namespace stratagram::fuzz
