#include "tests/support/running_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "core/file.h"

// NOLINTNEXTLINE(readability-redundant-declaration)
extern char** environ;

namespace stratagram {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPatience{30};

}  // namespace

RunningProgram::RunningProgram(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {
      (fs::read_symlink("/proc/self/exe").parent_path() / STRATAGRAM_PROGRAM).string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string err = folder_.write("err", "").string();
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY, 0);
  const int fault = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (fault != 0) throw std::runtime_error("cannot start " + words[0]);
}

RunningProgram::~RunningProgram() {
  if (!status_) (void)stop(SIGKILL);
}

std::string RunningProgram::err() const {
  return read_file(folder_.path() / "err");
}

bool RunningProgram::has_ended() {
  int status = 0;
  if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_.has_value();
}

std::string RunningProgram::wait_for(const std::string& mark) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    const bool is_last = has_ended() || std::chrono::steady_clock::now() > deadline;
    const std::string text = err();
    const size_t begin = text.find(mark);
    const size_t end = begin == std::string::npos ? begin : text.find('\n', begin);
    if (end != std::string::npos) {
      return text.substr(begin + mark.size(), end - begin - mark.size());
    }
    if (is_last) throw std::runtime_error(fmt::format("stderr never held '{}':\n{}", mark, text));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::optional<int> RunningProgram::stop(int signal) {
  if (!has_ended()) {
    kill(pid_, signal);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    status_ = status;
  }
  if (WIFEXITED(*status_)) return WEXITSTATUS(*status_);
  return std::nullopt;
}

}  // namespace stratagram
