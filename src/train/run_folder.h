// train/run_folder.h -- the folder a run leaves behind; its layout is a contract, documented in
// docs/run-folder.md and read by analysis, report and people.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/records.h"

namespace stratagram::train {

/// One line of rollouts/NNNNNN.jsonl. Numbers carry 6 significant digits.
[[nodiscard]] nlohmann::json rollout_row(const Group& group,
                                         const Trajectory& trajectory,
                                         int64_t step);

/// The whole of rollouts/NNNNNN.jsonl.
[[nodiscard]] std::string rollout_lines(std::span<const Group> groups, int64_t step);

/// Owns the folder while it lives: a second process that opens it gets Error(kConfig). Step numbers
/// count from 0; checkpoint N holds the state after N steps. Not thread-safe.
class RunFolder {
 public:
  /// Throws Error(kConfig) when create() would: the folder holds a run or anything else. What a run
  /// leaves that was killed before its config.json stood does not count.
  static void check_new(const std::filesystem::path& path);

  /// Makes the folder and writes config.json. Throws like check_new(), and Error(kDevice) when the
  /// folder cannot be made.
  static RunFolder create(const std::filesystem::path& path, const nlohmann::json& config);

  /// Opens a run to go on with it. Throws Error(kData) when there is no run in it.
  static RunFolder open(const std::filesystem::path& path);

  ~RunFolder();
  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const nlohmann::json& config() const { return config_; }

  /// What record_resume() will write besides the step.
  void announce_resume(nlohmann::json facts) { resume_facts_ = std::move(facts); }

  /// Adds the announced facts and the number of steps that are kept to `resumes` of config.json;
  /// the rest of the file stays as the run's start wrote it. Does nothing when none was announced.
  /// Throws Error(kDevice) on a full disk.
  void record_resume(int64_t step);

  /// Drops what a stopped run wrote at or after `step` and half-written files, so that the files
  /// go on as if it had never stopped.
  void forget_from(int64_t step);

  /// Appends one line to metrics.jsonl, keys in the order given, and flushes it. Throws
  /// Error(kDevice) on a full disk.
  void append_metrics(const nlohmann::ordered_json& record);

  /// Every line of metrics.jsonl. Throws Error(kData) with the line number.
  [[nodiscard]] std::vector<nlohmann::json> metrics() const;

  /// Writes rollouts/STEP.jsonl, unless all rollouts together would grow beyond `max_bytes`; says
  /// whether it did.
  bool write_rollouts(int64_t step, std::span<const Group> groups, int64_t max_bytes);

  [[nodiscard]] std::filesystem::path checkpoint(int64_t steps_done) const;
  /// Where an evaluation of the policy after so many steps belongs; not made.
  [[nodiscard]] std::filesystem::path evaluation(int64_t steps_done) const;
  /// The largest number of steps done among complete checkpoints.
  [[nodiscard]] std::optional<int64_t> newest_checkpoint() const;
  /// Complete checkpoints, ascending.
  [[nodiscard]] std::vector<int64_t> checkpoints() const;

 private:
  explicit RunFolder(std::filesystem::path path);
  std::filesystem::path path_;
  nlohmann::json config_;
  nlohmann::json resume_facts_;
  int lock_ = -1;
  int64_t rollout_bytes_ = 0;
};

}  // namespace stratagram::train
