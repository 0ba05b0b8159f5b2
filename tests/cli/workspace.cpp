#include "tests/cli/workspace.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/file.h"
#include "tests/support/tiny_folder.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;

// Stop texts end some responses early, so that the overlong punishment gives rewards a spread; the
// entropy bonus moves the weights in any case.
constexpr const char* kRun = R"(
[model]
path = "model"

[data]
problems = "problems.jsonl"

[run]
seed = 3
num_steps = 3
prompts_per_step = 2
samples_per_prompt = 3

[rollout]
max_new_tokens = 12
max_sequences = 6
stop = ["e", "t", "a", "o"]

[reward]
overlong_tokens = 11

[loss]
entropy_coefficient = 0.01

[optimizer]
learning_rate = 1e-2

[schedule]
warmup_steps = 0

[checkpoint]
every_steps = 2

[guard]
max_idle_steps = 1000
)";

constexpr const char* kSft = R"(
[model]
path = "model"

[data]
problems = "problems.jsonl"

[run]
seed = 3
num_epochs = 3
sequences_per_step = 2

[optimizer]
learning_rate = 1e-2

[schedule]
warmup_steps = 0

[checkpoint]
every_steps = 2
)";

constexpr const char* kProblems =
    R"({"id": "p0", "problem": "one and one", "answer": "2", "solution": "It is 2."}
{"id": "p1", "problem": "two and three", "answer": 5, "solution": "It is 5."}
{"id": "p2", "problem": "four less one", "answer": "3", "solution": "Wait, let me check. It is 3."}
{"id": "p3", "problem": "six by two", "answer": "3", "solution": "It is 3."}
)";

}  // namespace

Workspace::Workspace() {
  write_tiny_folder(path("model"));
  write("run.toml", kRun);
  write("sft.toml", kSft);
  write("problems.jsonl", kProblems);
}

ProgramResult Workspace::run(const std::vector<std::string>& arguments) const {
  return run(ProgramCall{.arguments = arguments});
}

ProgramResult Workspace::run(ProgramCall call) const {
  call.folder = path();
  return run_program(call);
}

std::string Workspace::read(const std::string& name) const {
  return read_file(path(name));
}

Files Workspace::files(const std::string& name) const {
  Files files;
  if (!exists(name)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(path(name))) {
    if (entry.is_directory()) continue;
    files[fs::relative(entry.path(), path(name)).string()] = read_file(entry.path());
  }
  return files;
}

bool Workspace::exists(const std::string& name) const {
  return fs::exists(path(name));
}

void write_result(const Workspace& work,
                  const std::string& folder,
                  const std::string& correct,
                  const std::string& prompt) {
  const nlohmann::json result = {{"problems_digest", "d"},
                                 {"template", prompt},
                                 {"sampling", {{"temperature", 0.6}}},
                                 {"num_samples", 1}};
  std::string samples;
  for (size_t i = 0; i < correct.size(); ++i) {
    const nlohmann::json row = {{"problem_id", fmt::format("p{}", i)},
                                {"verdict", correct[i] == '1' ? "correct" : "wrong"}};
    samples += row.dump() + "\n";
  }
  work.write(folder + "/tiny.json", result.dump());
  work.write(folder + "/tiny.samples.jsonl", samples);
}

void expect_failure(const ProgramResult& result, int code, const std::vector<std::string>& parts) {
  EXPECT_EQ(result.exit_code, code) << result.err;
  EXPECT_EQ(result.out, "");
  const std::vector<std::string> lines = lines_of(result.err);
  ASSERT_FALSE(lines.empty()) << "nothing was said";
  // A message may go on over indented lines.
  size_t first = lines.size() - 1;
  while (first > 0 && lines[first].starts_with("  ")) --first;
  std::string message;
  for (size_t i = first; i < lines.size(); ++i) message += lines[i] + "\n";
  EXPECT_THAT(message, testing::StartsWith("stratagram"));
  for (const std::string& part : parts) EXPECT_THAT(message, testing::HasSubstr(part));
}

void expect_success(const ProgramResult& result) {
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace stratagram
