#include "tests/support/browser.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

// NOLINTNEXTLINE(readability-redundant-declaration)
extern char** environ;

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr std::chrono::seconds kPatience{30};
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::array<std::pair<std::string_view, int>, 8> kKeyCodes = {{{"Tab", 9},
                                                                        {"Enter", 13},
                                                                        {"Escape", 27},
                                                                        {"PageDown", 34},
                                                                        {"End", 35},
                                                                        {"Home", 36},
                                                                        {"ArrowUp", 38},
                                                                        {"ArrowDown", 40}}};

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  return ends;
}

std::string from_base64(const std::string& text) {
  std::string bytes;
  uint32_t bits = 0;
  int num_bits = 0;
  for (const char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string::npos) break;
    bits = (bits << 6) | static_cast<uint32_t>(digit);
    num_bits += 6;
    if (num_bits < 8) continue;
    num_bits -= 8;
    bytes += static_cast<char>((bits >> num_bits) & 0xFF);
  }
  return bytes;
}

std::vector<std::string> words_of(const fs::path& program, const fs::path& profile) {
  std::vector<std::string> words = {program.string(),
                                    "--headless=new",
                                    "--remote-debugging-pipe",
                                    "--user-data-dir=" + profile.string(),
                                    "--no-first-run",
                                    "--no-default-browser-check",
                                    "--disable-gpu",
                                    "--disable-dev-shm-usage",
                                    "--disable-extensions",
                                    "--disable-background-networking",
                                    "--disable-component-update",
                                    "--hide-scrollbars"};
  if (geteuid() == 0) words.emplace_back("--no-sandbox");  // its sandbox refuses root
  words.emplace_back("about:blank");
  return words;
}

// Reads commands from 3 and writes answers to 4, as the debugging pipe is defined.
pid_t start(const fs::path& program, const fs::path& profile, int commands, int answers) {
  std::vector<std::string> words = words_of(program, profile);
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  // Above 4, so that neither is overwritten before it is copied.
  const int commands_copy = fcntl(commands, F_DUPFD_CLOEXEC, 10);
  const int answers_copy = fcntl(answers, F_DUPFD_CLOEXEC, 10);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, commands_copy, 3);
  posix_spawn_file_actions_adddup2(&actions, answers_copy, 4);
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // its children end with it
  posix_spawnattr_setpgroup(&attributes, 0);
  pid_t pid = 0;
  const int fault = posix_spawn(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(commands_copy);
  close(answers_copy);
  if (fault != 0) throw std::runtime_error("cannot start " + program.string());
  return pid;
}

}  // namespace

std::optional<fs::path> Browser::find() {
  if (const char* program = std::getenv("STRATAGRAM_CHROMIUM")) return program;
  const char* path = std::getenv("PATH");
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"}) {
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
      fs::path program = fs::path(folder) / name;
      if (access(program.c_str(), X_OK) == 0) return program;
    }
  }
  return std::nullopt;
}

Browser::Browser(const fs::path& program) {
  signal(SIGPIPE, SIG_IGN);
  const auto commands = make_pipe();
  const auto answers = make_pipe();
  to_ = commands[1];
  from_ = answers[0];
  pid_ = start(program, profile_.path(), commands[0], answers[1]);
  close(commands[0]);
  close(answers[1]);
  const json target = command("Target.createTarget", {{"url", "about:blank"}});
  session_ =
      command("Target.attachToTarget", {{"targetId", target.at("targetId")}, {"flatten", true}})
          .at("sessionId");
  for (const char* domain : {"Page.enable", "Runtime.enable", "Log.enable"}) command(domain);
}

Browser::~Browser() {
  kill(-pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  close(to_);
  close(from_);
}

json Browser::next_message() {
  const auto deadline = Clock::now() + kPatience;
  for (;;) {
    const size_t end = received_.find('\0');
    if (end != std::string::npos) {
      const json message = json::parse(received_.substr(0, end));
      received_.erase(0, end + 1);
      return message;
    }
    pollfd place{from_, POLLIN, 0};
    poll(&place, 1, 100);
    if (Clock::now() > deadline) throw std::runtime_error("the browser does not answer");
    if (place.revents == 0) continue;
    std::array<char, 1 << 16> bytes{};
    const ssize_t count = read(from_, bytes.data(), bytes.size());
    if (count <= 0) throw std::runtime_error("the browser has ended");
    received_.append(bytes.data(), static_cast<size_t>(count));
  }
}

void Browser::take_event(const json& message) {
  const auto method = message.value("method", std::string());
  const json parameters = message.value("params", json::object());
  if (method == "Page.loadEventFired") loaded_ = true;
  if (method == "Runtime.exceptionThrown") complaints_.push_back(parameters.dump());
  if (method == "Log.entryAdded" && parameters.at("entry").at("level") == "error") {
    complaints_.push_back(parameters.at("entry").at("text").get<std::string>());
  }
  if (method == "Runtime.consoleAPICalled" && parameters.at("type") == "error") {
    complaints_.push_back(parameters.at("args").dump());
  }
}

json Browser::command(const std::string& method, const json& parameters) {
  json message = {{"id", ++last_id_}, {"method", method}, {"params", parameters}};
  if (!session_.empty()) message["sessionId"] = session_;
  std::string bytes = message.dump();
  bytes += '\0';
  for (std::string_view rest = bytes; !rest.empty();) {
    const ssize_t count = write(to_, rest.data(), rest.size());
    if (count <= 0) throw std::runtime_error("the browser has ended");
    rest.remove_prefix(static_cast<size_t>(count));
  }
  for (;;) {
    const json answer = next_message();
    if (answer.value("id", int64_t{0}) != last_id_) {
      take_event(answer);
      continue;
    }
    if (answer.contains("error")) throw std::runtime_error(method + ": " + answer["error"].dump());
    return answer.at("result");
  }
}

void Browser::set_size(int width, int height) {
  command("Emulation.setDeviceMetricsOverride",
          {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", false}});
}

void Browser::set_dark(bool dark) {
  command("Emulation.setEmulatedMedia",
          {{"features", {{{"name", "prefers-color-scheme"}, {"value", dark ? "dark" : "light"}}}}});
}

void Browser::open(const std::string& url) {
  loaded_ = false;
  const json answer = command("Page.navigate", {{"url", url}});
  if (answer.contains("errorText")) throw std::runtime_error(url + ": " + answer.dump());
  while (!loaded_) take_event(next_message());
}

json Browser::evaluate(const std::string& expression) {
  const json answer =
      command("Runtime.evaluate",
              {{"expression", expression}, {"awaitPromise", true}, {"returnByValue", true}});
  if (answer.contains("exceptionDetails")) {
    throw std::runtime_error(expression + ": " + answer["exceptionDetails"].dump());
  }
  return answer.at("result").value("value", json());
}

void Browser::wait_until(const std::string& expression) {
  const auto deadline = Clock::now() + kPatience;
  while (evaluate(expression) != true) {
    if (Clock::now() > deadline) {
      throw std::runtime_error(fmt::format(
          "never true: {}\n{}", expression, evaluate("document.body.innerText").dump()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void Browser::press(const std::string& key) {
  json down = {{"type", "keyDown"}, {"key", key}};
  if (key.size() == 1) down["text"] = key;
  if (key == "Enter") down["text"] = "\r";
  for (const auto& [name, code] : kKeyCodes) {
    if (key == name) down["windowsVirtualKeyCode"] = code;
  }
  command("Input.dispatchKeyEvent", down);
  command("Input.dispatchKeyEvent", {{"type", "keyUp"}, {"key", key}});
}

void Browser::type(const std::string& text) {
  command("Input.insertText", {{"text", text}});
}

void Browser::save_screenshot(const fs::path& png) {
  const json answer = command("Page.captureScreenshot", {{"format", "png"}});
  std::ofstream(png, std::ios::binary) << from_base64(answer.at("data").get<std::string>());
}

}  // namespace stratagram
