// core/sample_rows.h -- the rows of a command that samples responses of problems: which ones are
// there, which are missing, and all of them in order. With a file they outlive the process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "core/partial_rows.h"
#include "core/records.h"

namespace stratagram {

/// A row is an object with `problem_id` and `sample`, and whatever else its maker puts there.
/// Problems are numbered as their ids were given, samples from 0. Not thread-safe.
class SampleRows {
 public:
  /// In memory alone. The ids must differ.
  SampleRows(const std::vector<std::string>& problem_ids, int64_t num_samples);

  /// Keeps every row in partial_path_of(result) too, and begins with those that are there. Throws
  /// like PartialRows, and Error(kData) for a row of no problem or sample of these.
  SampleRows(const std::vector<std::string>& problem_ids,
             int64_t num_samples,
             const std::filesystem::path& result,
             const nlohmann::json& conditions);

  [[nodiscard]] int64_t num_problems() const { return static_cast<int64_t>(problems_.size()); }
  [[nodiscard]] int64_t num_samples() const { return num_samples_; }  ///< of each problem
  [[nodiscard]] int64_t num_wanted() const { return static_cast<int64_t>(lines_.size()); }
  [[nodiscard]] int64_t num_done() const { return num_done_; }

  /// The samples of a problem that have no row, as ranges of consecutive ones, ascending.
  [[nodiscard]] std::vector<Range> missing(int64_t problem) const;

  /// Keeps a row. Throws Error: kDevice on a full disk; kData for one of no problem or sample.
  void add(const nlohmann::json& row);

  /// A row as a line of JSON without its end; empty while it is missing.
  [[nodiscard]] const std::string& line(int64_t problem, int64_t sample) const;

  /// Every row that is there, a line each, by problem, then by sample.
  void write(std::ostream& out) const;

  /// Where the rows are kept; empty in memory.
  [[nodiscard]] std::filesystem::path partial() const;

  /// Removes that file: the rows are where they belong. No row may be added afterwards.
  void remove_partial();

 private:
  void place(const nlohmann::json& row, const std::string& where);
  std::map<std::string, int64_t> problems_;  ///< number by id
  int64_t num_samples_;
  std::vector<std::string> lines_;  ///< by problem, then by sample
  int64_t num_done_ = 0;
  std::unique_ptr<PartialRows> partial_;
};

}  // namespace stratagram
