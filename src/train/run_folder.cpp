#include "train/run_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"

namespace stratagram::train {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string step_name(int64_t step) {
  return fmt::format("{:06}", step);
}

// The number a name like "000120" or "000120.jsonl" stands for. Other endings are those of files
// and folders that a stopped run left half-written or half-removed.
std::optional<int64_t> step_of(const fs::path& path) {
  if (path.has_extension() && path.extension() != ".jsonl") return {};
  const std::string stem = path.stem().string();
  int64_t step = 0;
  const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), step);
  if (error != std::errc{} || end != stem.data() + stem.size() || stem.size() < 6) return {};
  return step;
}

// A run that was killed inside a write leaves a last line without its end: that one is left out.
std::vector<std::string_view> whole_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

// A file of the run folder that a killed run was writing.
bool is_temporary(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("config.json.tmp-") || name.starts_with("metrics.jsonl.tmp-");
}

// What create() makes before config.json stands.
bool is_left_by_start(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  if (name == ".lock" || is_temporary(name)) return true;
  std::error_code error;
  return (name == "rollouts" || name == "checkpoints") && fs::is_empty(entry.path(), error);
}

void remove_temporary_files(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (is_temporary(entry.path())) fs::remove_all(entry.path(), ignored);
  }
}

int lock_folder(const fs::path& path) {
  const fs::path file = path / ".lock";
  const int lock = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (lock < 0) {
    fail(ErrorKind::kDevice, "{}: cannot be opened: {}", file.string(), std::strerror(errno));
  }
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    fail(ErrorKind::kConfig,
         "{}: another process is writing this run; wait for it or choose another --out",
         path.string());
  }
  return lock;
}

}  // namespace

json rollout_row(const Group& group, const Trajectory& trajectory, int64_t step) {
  const Completion& completion = trajectory.completion;
  json planning = json::array();
  for (const PlanningSpan& span : trajectory.planning_spans) {
    planning.push_back(
        {{"begin", span.tokens.begin}, {"end", span.tokens.end}, {"gram", span.gram}});
  }
  return {{"step", step},
          {"problem_id", group.problem.id},
          {"sample", completion.sample},
          {"prompt", group.prompt.text},
          {"response", completion.text},
          {"token_ids", completion.token_ids},
          {"logprobs", rounded_list(completion.logprobs)},
          {"entropies", rounded_list(completion.entropies)},
          {"advantages", rounded_list(trajectory.advantages)},
          {"planning", std::move(planning)},
          {"reward", round_significant(trajectory.judgement.reward)},
          {"verdict", verdict_name(trajectory.judgement.verdict)},
          {"reason", trajectory.judgement.reason},
          {"predicted",
           trajectory.judgement.predicted ? json(*trajectory.judgement.predicted) : json(nullptr)},
          {"gold", group.problem.answer},
          {"finish", finish_name(completion.finish)},
          {"seed", completion.seed}};
}

std::string rollout_lines(std::span<const Group> groups, int64_t step) {
  std::string lines;
  for (const Group& group : groups) {
    for (const Trajectory& trajectory : group.trajectories) {
      lines += to_json_line(rollout_row(group, trajectory, step)) + "\n";
    }
  }
  return lines;
}

RunFolder::RunFolder(fs::path path) : path_(std::move(path)) {}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)),
      config_(std::move(other.config_)),
      resume_facts_(std::move(other.resume_facts_)),
      lock_(std::exchange(other.lock_, -1)),
      rollout_bytes_(other.rollout_bytes_) {}

RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

void RunFolder::check_new(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path / "config.json", error)) {
    fail(ErrorKind::kConfig,
         "{}: already holds a run; give --resume to go on with it, or another --out",
         path.string());
  }
  if (!fs::exists(path, error)) return;
  bool is_free = fs::is_directory(path, error);
  if (is_free) {
    for (const auto& entry : fs::directory_iterator(path, error)) {
      is_free = is_free && is_left_by_start(entry);
    }
  }
  if (!is_free) {
    fail(ErrorKind::kConfig,
         "{}: wanted a new or empty folder, found other content; choose another --out",
         path.string());
  }
}

RunFolder RunFolder::create(const fs::path& path, const json& config) {
  check_new(path);
  std::error_code error;
  fs::create_directories(path / "rollouts", error);
  if (!error) fs::create_directories(path / "checkpoints", error);
  if (error) {
    fail(ErrorKind::kDevice, "{}: cannot be made: {}", path.string(), error.message());
  }
  RunFolder folder(path);
  folder.lock_ = lock_folder(path);
  check_new(path);  // another process may have been faster
  remove_temporary_files(path);
  folder.config_ = config;
  write_file_atomically(path / "config.json", config.dump(2) + "\n");
  return folder;
}

RunFolder RunFolder::open(const fs::path& path) {
  const fs::path file = path / "config.json";
  std::error_code error;
  if (!fs::exists(file, error)) {
    fail(ErrorKind::kData,
         "{}: no run to resume (no config.json); leave out --resume to start one",
         path.string());
  }
  RunFolder folder(path);
  folder.lock_ = lock_folder(path);
  folder.config_ = json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  if (!folder.config_.is_object()) {
    fail(ErrorKind::kData, "{}: is not JSON; the run cannot be resumed", file.string());
  }
  remove_temporary_files(path);
  return folder;
}

void RunFolder::record_resume(int64_t step) {
  if (resume_facts_.is_null()) return;
  json entry = std::move(resume_facts_);
  resume_facts_ = nullptr;
  entry["step"] = step;
  config_["resumes"].push_back(std::move(entry));
  write_file_atomically(path_ / "config.json", config_.dump(2) + "\n");
}

void RunFolder::forget_from(int64_t step) {
  const fs::path file = path_ / "metrics.jsonl";
  if (fs::exists(file)) {
    const std::string text = read_file(file);
    const std::vector<std::string_view> lines = whole_lines(text);
    const std::vector<json> records = metrics();
    std::string kept;
    for (size_t i = 0; i < lines.size(); ++i) {
      if (field_of<int64_t>(records[i], "step", file.string()) >= step) continue;
      kept.append(lines[i]).push_back('\n');
    }
    write_file_atomically(file, kept);
  }
  rollout_bytes_ = 0;
  for (const char* part : {"rollouts", "checkpoints", "not-finite", "eval"}) {
    if (!fs::exists(path_ / part)) continue;
    // Of the state after so many steps, not of the step with that number.
    const bool is_state =
        std::string_view(part) == "checkpoints" || std::string_view(part) == "eval";
    const bool is_rollout = std::string_view(part) == "rollouts";
    for (const auto& entry : fs::directory_iterator(path_ / part)) {
      const std::optional<int64_t> number = step_of(entry.path());
      // A name that is no number is a temporary one that a stopped run left.
      if (!number || (is_state ? *number > step : *number >= step)) {
        fs::remove_all(entry.path());
      } else if (is_rollout) {
        rollout_bytes_ += static_cast<int64_t>(entry.file_size());
      }
    }
  }
}

void RunFolder::append_metrics(const nlohmann::ordered_json& record) {
  JsonlAppender(path_ / "metrics.jsonl").append(record);
}

std::vector<json> RunFolder::metrics() const {
  std::vector<json> records;
  if (!fs::exists(path_ / "metrics.jsonl")) return records;
  const std::string text = read_file(path_ / "metrics.jsonl");
  int64_t line_number = 0;
  for (const std::string_view line : whole_lines(text)) {
    ++line_number;
    json record = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!record.is_object()) {
      fail(ErrorKind::kData,
           "{}:{}: wanted one JSON object a line; the file was damaged",
           (path_ / "metrics.jsonl").string(),
           line_number);
    }
    records.push_back(std::move(record));
  }
  return records;
}

bool RunFolder::write_rollouts(int64_t step, std::span<const Group> groups, int64_t max_bytes) {
  const std::string text = rollout_lines(groups, step);
  if (rollout_bytes_ + static_cast<int64_t>(text.size()) > max_bytes) return false;
  write_file_atomically(path_ / "rollouts" / (step_name(step) + ".jsonl"), text);
  rollout_bytes_ += static_cast<int64_t>(text.size());
  return true;
}

fs::path RunFolder::checkpoint(int64_t steps_done) const {
  return path_ / "checkpoints" / step_name(steps_done);
}

fs::path RunFolder::evaluation(int64_t steps_done) const {
  return path_ / "eval" / step_name(steps_done);
}

std::vector<int64_t> RunFolder::checkpoints() const {
  std::vector<int64_t> steps;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_ / "checkpoints", error)) {
    const std::optional<int64_t> step = step_of(entry.path());
    if (step && entry.is_directory()) steps.push_back(*step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

std::optional<int64_t> RunFolder::newest_checkpoint() const {
  const std::vector<int64_t> steps = checkpoints();
  if (steps.empty()) return {};
  return steps.back();
}

}  // namespace stratagram::train
