#include "tests/support/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

// NOLINTNEXTLINE(readability-redundant-declaration)
extern char** environ;

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{60};

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  return {ends[0], ends[1]};
}

void close_(int& fd) {
  if (fd >= 0) close(fd);
  fd = -1;
}

std::string program_path() {
  return (fs::read_symlink("/proc/self/exe").parent_path() / STRATAGRAM_PROGRAM).string();
}

std::vector<std::string> words_of(const ProgramCall& call) {
  if (!call.shell_line.empty()) return {"/bin/sh", "-c", call.shell_line};
  std::vector<std::string> words = {program_path()};
  words.insert(words.end(), call.arguments.begin(), call.arguments.end());
  return words;
}

std::vector<std::string> environment_of(const ProgramCall& call) {
  std::map<std::string, std::string> variables;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string text = *at;
    variables[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
  }
  variables.erase("STRATAGRAM_DATA");
  variables.insert_or_assign("OMP_NUM_THREADS", std::string("1"));
  variables.insert_or_assign("STRATAGRAM_SHARE",
                             (fs::absolute(STRATAGRAM_SOURCE_DIR) / "data").string());
  variables["PATH"] = fs::path(program_path()).parent_path().string() + ":" + variables["PATH"];
  for (const auto& [name, value] : call.environment) variables[name] = value;
  std::vector<std::string> texts;
  texts.reserve(variables.size());
  for (const auto& [name, value] : variables) texts.push_back(fmt::format("{}={}", name, value));
  return texts;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

class Process {
 public:
  explicit Process(const ProgramCall& call) : call_(call) {
    std::vector<std::string> words = words_of(call);
    std::vector<std::string> variables = environment_of(call);
    const std::vector<char*> argv = pointers(words);
    const std::vector<char*> envp = pointers(variables);
    const std::string folder = call.folder.string();
    const std::string out_path = call.stdout_to.string();
    pid_ = fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) become_program(folder, out_path, argv, envp);
    close_(in_.read);
    close_(out_.write);
    close_(err_.write);
    fcntl(in_.write, F_SETFL, O_NONBLOCK);
  }

  ~Process() {
    for (int* fd : {&in_.write, &out_.read, &err_.read}) close_(*fd);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  ProgramResult wait() {
    const auto deadline = Clock::now() + kPatience;
    while (out_.read >= 0 || err_.read >= 0) {
      if (Clock::now() > deadline) kill(pid_, SIGKILL);
      send_due_signals();
      exchange();
    }
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(status)) result_.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) result_.signal = WTERMSIG(status);
    return std::move(result_);
  }

 private:
  // In the child, where only calls that are safe after fork() may be made.
  [[noreturn]] void become_program(const std::string& folder,
                                   const std::string& out_path,
                                   const std::vector<char*>& argv,
                                   const std::vector<char*>& envp) const {
    signal(SIGPIPE, SIG_DFL);
    const int out = out_path.empty() ? out_.write : open(out_path.c_str(), O_WRONLY);
    if (out < 0) _exit(127);
    dup2(in_.read, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err_.write, STDERR_FILENO);
    if (call_.max_file_bytes) {
      const rlimit limit{*call_.max_file_bytes, *call_.max_file_bytes};
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    if (folder.empty() || chdir(folder.c_str()) == 0) execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }

  [[nodiscard]] bool is_due(const PlannedSignal& signal) const {
    if (result_.err.find(signal.after) == std::string::npos) return false;
    if (signal.file.empty()) return true;
    std::error_code error;
    const uintmax_t size = fs::file_size(call_.folder / signal.file, error);
    return !error && size >= signal.file_bytes;
  }

  void send_due_signals() {
    while (num_sent_ < call_.signals.size()) {
      const PlannedSignal& next = call_.signals[num_sent_];
      if (!seen_at_ && is_due(next)) seen_at_ = Clock::now();
      if (!seen_at_ || Clock::now() < *seen_at_ + next.delay) return;
      kill(pid_, next.number);
      seen_at_.reset();
      ++num_sent_;
    }
  }

  // Waits for a moment, then takes what has come and gives what is wanted.
  void exchange() {
    std::array<pollfd, 3> places = {
        pollfd{out_.read, POLLIN, 0}, pollfd{err_.read, POLLIN, 0}, pollfd{in_.write, POLLOUT, 0}};
    const bool is_waiting = num_sent_ < call_.signals.size();
    poll(places.data(), places.size(), is_waiting ? 1 : 100);
    if (places[0].revents != 0) take(out_.read, result_.out);
    if (places[1].revents != 0) take(err_.read, result_.err);
    if (places[2].revents != 0) give();
    const auto enough = call_.close_stdout_after;
    if (enough && result_.out.size() >= *enough) close_(out_.read);
  }

  static void take(int& fd, std::string& text) {
    std::array<char, 4096> bytes{};
    const ssize_t count = read(fd, bytes.data(), bytes.size());
    if (count > 0) {
      text.append(bytes.data(), static_cast<size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      close_(fd);
    }
  }

  void give() {
    const std::string_view rest = std::string_view(call_.input).substr(num_given_);
    if (!rest.empty()) {
      const ssize_t count = write(in_.write, rest.data(), rest.size());
      if (count > 0) num_given_ += static_cast<size_t>(count);
      if (count > 0 || errno == EAGAIN) return;
    }
    close_(in_.write);
  }

  const ProgramCall& call_;
  Pipe in_ = make_pipe();
  Pipe out_ = make_pipe();
  Pipe err_ = make_pipe();
  pid_t pid_ = 0;
  size_t num_given_ = 0;
  size_t num_sent_ = 0;
  std::optional<Clock::time_point> seen_at_;
  ProgramResult result_;
};

}  // namespace

ProgramResult run_program(const ProgramCall& call) {
  signal(SIGPIPE,
         SIG_IGN);  // a program that ends without reading its input is no fault of the test
  Process process(call);
  return process.wait();
}

}  // namespace stratagram
