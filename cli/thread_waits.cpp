// How long threads that wait for each other keep a core busy.
//
// The threads of a product wait for one another by spinning, for milliseconds as libgomp comes.
// Beside another program that is busy, one thread is off its core while the others spin there for
// nothing: decoding was seen to take twenty times as long. libgomp reads the length of the wait
// (GOMP_SPINCOUNT) when it is loaded, so a command that computes starts the program once more with
// a short one set. Nothing happens where OMP_WAIT_POLICY, GOMP_SPINCOUNT or OMP_NUM_THREADS=1 is
// set, or when that start fails.
//
// It runs before the libraries set themselves up, which takes libtorch a tenth of a second that
// would be spent twice. So early there is no allocation, no getenv() and no exception.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace stratagram::cli {
namespace {

// Long enough that idle cores lose nothing against libgomp's own count, which is thirty times as
// high.
constexpr char kShortWaits[] = "GOMP_SPINCOUNT=10000";

constexpr std::array<std::string_view, 7> kComputing = {
    "train", "sft", "generate", "score", "eval", "grams", "bench"};

// A list of strings that ends with a null pointer.
template <typename Holds>
bool any_of(char** strings, const Holds& holds) {
  for (; *strings != nullptr; ++strings) {  // NOLINT(*-pointer-arithmetic)
    if (holds(std::string_view(*strings))) return true;
  }
  return false;
}

bool says_how_to_wait(std::string_view variable) {
  return variable.starts_with("OMP_WAIT_POLICY=") || variable.starts_with("GOMP_SPINCOUNT=") ||
         variable == "OMP_NUM_THREADS=1";
}

// Options of the whole program may stand before the command.
bool computes(std::string_view word) {
  return std::find(kComputing.begin(), kComputing.end(), word) != kComputing.end();
}

void keep_waits_short(int /*argc*/, char** argv, char** variables) {
  constexpr size_t kMostVariables = 4096;
  if (!any_of(argv, computes) || any_of(variables, says_how_to_wait)) return;
  std::array<char*, kMostVariables + 2> with_waits{};
  size_t count = 0;
  for (; variables[count] != nullptr; ++count) {  // NOLINT(*-pointer-arithmetic)
    if (count == kMostVariables) return;
    with_waits[count] = variables[count];  // NOLINT(*-pointer-arithmetic, *-array-index)
  }
  with_waits[count] = const_cast<char*>(kShortWaits);  // NOLINT(*-array-index, *-const-cast)
  // By its path, from which the kernel takes the name that `top` and `pidof` show.
  std::array<char, 4096> program{};
  const ssize_t length = readlink("/proc/self/exe", program.data(), program.size() - 1);
  if (length > 0) execve(program.data(), argv, with_waits.data());
}

// What sanitizers watch cannot run before they are set up.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STRATAGRAM_AT_THE_START [[maybe_unused]]
#else
#define STRATAGRAM_AT_THE_START __attribute__((section(".preinit_array"), used))
#endif
STRATAGRAM_AT_THE_START void (*const kAtTheStart)(int, char**, char**) = keep_waits_short;

}  // namespace
}  // namespace stratagram::cli
