#include "cli/thread_waits.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace stratagram::cli {
namespace {

// Long enough that idle cores lose nothing against libgomp's own count, which is thirty times as
// high.
constexpr const char* kSpinCount = "10000";

constexpr std::array<std::string_view, 7> kComputing = {
    "train", "sft", "generate", "score", "eval", "grams", "bench"};

bool is_set(const char* name) {
  return std::getenv(name) != nullptr;  // NOLINT(concurrency-mt-unsafe): no thread runs yet
}

bool one_thread() {
  const char* count = std::getenv("OMP_NUM_THREADS");  // NOLINT(concurrency-mt-unsafe)
  return count != nullptr && std::string_view(count) == "1";
}

// Options of the whole program may stand before the command.
bool computes(char** argv) {
  for (char** word = argv; *word != nullptr; ++word) {  // NOLINT(*-pointer-arithmetic)
    if (std::find(kComputing.begin(), kComputing.end(), *word) != kComputing.end()) return true;
  }
  return false;
}

}  // namespace

void keep_waits_short(char** argv) {
  if (!computes(argv) || one_thread()) return;
  if (is_set("OMP_WAIT_POLICY") || is_set("GOMP_SPINCOUNT")) return;
  // By its path, from which the kernel takes the name that `top` and `pidof` show.
  std::error_code failed;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread runs yet
  if (setenv("GOMP_SPINCOUNT", kSpinCount, 0) != 0) return;
  execv(program.c_str(), argv);
}

}  // namespace stratagram::cli
