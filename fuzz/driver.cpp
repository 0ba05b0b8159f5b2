#include "fuzz/driver.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include "core/error.h"
#include "core/stream.h"

namespace stratagram::fuzz {
namespace {

/// Draws in order from one keyed stream.
class Draws {
 public:
  Draws(uint64_t key, uint64_t index) : stream_({.seed = key, .purpose = "fuzz", .step = index}) {}
  size_t below(size_t bound) { return stream_.below(bound, position_++); }
  char byte() { return static_cast<char>(stream_.bits(position_++)); }

 private:
  Stream stream_;
  uint64_t position_ = 0;
};

// Values that parsers mishandle: JSON of other types, extreme numbers, broken UTF-8, deep nesting.
constexpr std::array<std::string_view, 30> kDictionary = {"null",
                                                          "true",
                                                          "false",
                                                          "-1",
                                                          "0",
                                                          "1e999",
                                                          "4294967296",
                                                          "9223372036854775808",
                                                          "-2147483649",
                                                          "18446744073709551615",
                                                          "0.5",
                                                          "\"\"",
                                                          "[]",
                                                          "{}",
                                                          "[[[[",
                                                          "{\"a\":",
                                                          "\\u0000",
                                                          "\\ud800",
                                                          "\xff\xfe",
                                                          "\xed\xa0\x80",
                                                          "\xf4\x90\x80\x80",
                                                          "\xc3",
                                                          ",",
                                                          ":",
                                                          "]",
                                                          "}",
                                                          "\"",
                                                          " ",
                                                          "\n",
                                                          "\\"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Replaces the run of digits that covers or follows `at`, so that lengths and ids go astray.
void replace_number_(std::string& bytes, size_t at, std::string_view value) {
  size_t begin = at;
  while (begin < bytes.size() && !is_digit(bytes[begin])) ++begin;
  size_t end = begin;
  while (end < bytes.size() && is_digit(bytes[end])) ++end;
  bytes.replace(begin, end - begin, value);
}

/// Replaces what stands between the next ':' or '=' and the end of that value by a value of another
/// type: byte by byte that would hardly ever give a text that still parses.
void replace_value_(std::string& bytes, size_t at, std::string_view value) {
  const size_t colon = bytes.find_first_of(":=", at);
  if (colon == std::string::npos) return;
  const size_t end = std::min(bytes.find_first_of(",}\n", colon), bytes.size());
  bytes.replace(colon + 1, end - colon - 1, value);
}

/// Overwrites 1, 2, 4 or 8 bytes by a little-endian extreme: binary headers count in those.
void overwrite_integer_(std::string& bytes, size_t at, Draws& draws) {
  constexpr std::array<uint64_t, 8> kValues = {
      0, 1, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFFFFFFFFFF, 0x7FFFFFFFFFFFFFFF};
  const uint64_t value = kValues[draws.below(kValues.size())];
  const size_t width = std::min(size_t{1} << draws.below(4), bytes.size() - at);
  for (size_t i = 0; i < width; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

void mutate_(std::string& bytes, const std::vector<std::string>& seeds, Draws& draws) {
  const size_t kind = draws.below(10);
  const size_t at = draws.below(bytes.size() + 1);
  const size_t length = draws.below(1 + std::min<size_t>(64, bytes.size() - at));
  const std::string_view word = kDictionary[draws.below(kDictionary.size())];
  if (kind == 0 && at < bytes.size()) {
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << draws.below(8)));
  } else if (kind == 1 && at < bytes.size()) {
    bytes[at] = draws.byte();
  } else if (kind == 2) {
    bytes.insert(at, word);
  } else if (kind == 3) {
    bytes.replace(at, std::min(word.size(), bytes.size() - at), word);
  } else if (kind == 4) {
    bytes.erase(at, length);
  } else if (kind == 5) {
    bytes.insert(draws.below(bytes.size() + 1), bytes.substr(at, length));
  } else if (kind == 6) {
    replace_number_(bytes, at, kDictionary[draws.below(11)]);
  } else if (kind == 7 && at < bytes.size()) {
    overwrite_integer_(bytes, at, draws);
  } else if (kind == 8) {
    replace_value_(bytes, at, kDictionary[draws.below(14)]);
  } else if (draws.below(8) == 0) {
    bytes.resize(at);  // a file cut short: rare, since it undoes what came before
  } else {
    const std::string& other = seeds[draws.below(seeds.size())];
    const size_t from = draws.below(other.size() + 1);
    bytes.replace(at, length, other.substr(from, draws.below(65)));
  }
}

struct Options {
  uint64_t iterations = 2000;
  uint64_t key = 1;
  std::optional<uint64_t> only;
  std::string save;
};

/// Half-open range of input numbers.
struct InputNumbers {
  uint64_t first;
  uint64_t last;
};

bool parse_number_(std::string_view text, uint64_t& value) {
  const char* end = text.data() + text.size();
  return std::from_chars(text.data(), end, value).ptr == end && !text.empty();
}

/// Files named on the command line join `seeds`. False after saying what is wrong.
bool parse_(int argc, char** argv, Options& options, std::vector<std::string>& seeds) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (!name.starts_with("--")) {
      std::ifstream file(argv[i], std::ios::binary);
      if (!file) {
        fmt::print(stderr, "{}: cannot be read\n", name);
        return false;
      }
      seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
      continue;
    }
    const std::string_view value = i + 1 < argc ? argv[++i] : "";
    uint64_t number = 0;
    bool good = parse_number_(value, number);
    if (name == "--iterations") {
      options.iterations = number;
    } else if (name == "--key") {
      options.key = number;
    } else if (name == "--only") {
      options.only = number;
    } else if (name == "--save") {
      options.save = value;
      good = !value.empty();
    } else {
      good = false;
    }
    if (!good) {
      fmt::print(stderr,
                 "'{} {}': wanted --iterations|--key|--only NUMBER, --save FILE or a file\n",
                 name,
                 value);
      return false;
    }
  }
  return true;
}

constexpr unsigned kSecondsPerInput = 60;

/// False after naming what was thrown.
bool try_input(const OneInput& one_input, std::string_view bytes) {
  try {
    one_input(bytes);
    return true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kInternal) return true;
    fmt::print(stderr, "internal error: {}\n", error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "an exception that is no stratagram::Error: {}\n", error.what());
  }
  return false;
}

struct Unmap {
  void operator()(uint64_t* counter) const { munmap(counter, sizeof(uint64_t)); }
};

/// Runs inputs [first, last) in a child process, which a sanitizer, a signal or its alarm may end.
/// Returns the number of the input that failed, or `last`.
uint64_t try_inputs(const std::vector<std::string>& seeds,
                    const Options& options,
                    InputNumbers range,
                    const OneInput& one_input) {
  void* page =
      mmap(nullptr, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  STRATAGRAM_CHECK(page != MAP_FAILED, "no memory shared with the child");
  const std::unique_ptr<uint64_t, Unmap> index(static_cast<uint64_t*>(page));
  *index = range.first;
  const pid_t child = fork();
  STRATAGRAM_CHECK(child >= 0, "fork failed");
  if (child == 0) {
    for (; *index < range.last; ++*index) {
      const std::string bytes = fuzz_input(seeds, options.key, *index);
      if (!options.save.empty()) std::ofstream(options.save, std::ios::binary) << bytes;
      alarm(kSecondsPerInput);
      if (!try_input(one_input, bytes)) _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return range.last;
  if (WIFSIGNALED(status)) {
    fmt::print(stderr, "ended by signal {} ({})\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
  }
  return *index;
}

int run_all(int argc, char** argv, std::vector<std::string> seeds, const OneInput& one_input) {
  Options options;
  if (!parse_(argc, argv, options, seeds)) return 2;
  if (seeds.empty()) {
    fmt::print(stderr, "no seed: wanted at least one, built in or named as a file\n");
    return 2;
  }
  const uint64_t first = options.only.value_or(0);
  const uint64_t last = options.only ? first + 1 : seeds.size() + options.iterations;
  const uint64_t failed = try_inputs(seeds, options, {first, last}, one_input);
  if (failed != last) {
    fmt::print(stderr,
               "input {} failed; repeat it with --key {} --only {}\n",
               failed,
               options.key,
               failed);
    return 1;
  }
  fmt::print(stderr, "{} inputs: each was accepted or refused in order\n", last - first);
  return 0;
}

}  // namespace

std::string fuzz_input(const std::vector<std::string>& seeds, uint64_t key, uint64_t index) {
  if (index < seeds.size()) return seeds[index];
  size_t longest = 0;
  for (const std::string& seed : seeds) longest = std::max(longest, seed.size());
  Draws draws(key, index);
  std::string bytes = seeds[draws.below(seeds.size())];
  // Mostly one to four changes: one that breaks the outermost syntax hides all the others.
  const size_t num_changes = size_t{1} << draws.below(4);
  for (size_t i = 0; i < num_changes; ++i) mutate_(bytes, seeds, draws);
  if (bytes.size() > longest + 4096) bytes.resize(longest + 4096);
  return bytes;
}

bool accepts(const std::function<void()>& parse) {
  try {
    parse();
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kInternal) throw;
    return false;
  }
}

void must_accept(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    throw Error(ErrorKind::kInternal, fmt::format("refused: {}", error.what()));
  }
}

int run_fuzz(int argc,
             char** argv,
             const MakeSeeds& make_seeds,
             const OneInput& one_input) noexcept {
  try {
    return run_all(argc, argv, make_seeds(), one_input);
  } catch (const std::exception& error) {
    fmt::print(stderr, "the inputs cannot be made: {}\n", error.what());
    return 2;
  }
}

}  // namespace stratagram::fuzz
