#include "core/sample_rows.h"

#include <utility>

#include "core/error.h"
#include "core/jsonl.h"

namespace stratagram {

using nlohmann::json;

SampleRows::SampleRows(const std::vector<std::string>& problem_ids, int64_t num_samples)
    : num_samples_(num_samples) {
  for (const std::string& id : problem_ids) {
    const bool is_new = problems_.emplace(id, num_problems()).second;
    STRATAGRAM_CHECK(is_new, "the problem '{}' came before", id);
  }
  lines_.resize(problem_ids.size() * static_cast<size_t>(num_samples));
}

SampleRows::SampleRows(const std::vector<std::string>& problem_ids,
                       int64_t num_samples,
                       const std::filesystem::path& result,
                       const json& conditions)
    : SampleRows(problem_ids, num_samples) {
  partial_ = std::make_unique<PartialRows>(
      partial_path_of(result), conditions, [this](const json& row, const std::string& where) {
        place(row, where);
      });
}

void SampleRows::place(const json& row, const std::string& where) {
  const auto id = field_of<std::string>(row, "problem_id", where);
  const auto sample = field_of<int64_t>(row, "sample", where);
  const auto problem = problems_.find(id);
  if (problem == problems_.end() || sample < 0 || sample >= num_samples_) {
    fail(ErrorKind::kData,
         "{}: sample {} of problem '{}' is none of those that were asked for; remove the file to "
         "start anew",
         where,
         sample,
         id);
  }
  std::string& line = lines_[problem->second * num_samples_ + sample];
  if (line.empty()) ++num_done_;
  line = to_json_line(row);
}

void SampleRows::add(const json& row) {
  place(row, "new row");
  if (partial_) partial_->append(row);
}

std::vector<Range> SampleRows::missing(int64_t problem) const {
  std::vector<Range> ranges;
  for (int64_t sample = 0; sample < num_samples_; ++sample) {
    if (!line(problem, sample).empty()) continue;
    if (ranges.empty() || ranges.back().end != sample) ranges.push_back({sample, sample});
    ranges.back().end = sample + 1;
  }
  return ranges;
}

const std::string& SampleRows::line(int64_t problem, int64_t sample) const {
  return lines_.at(problem * num_samples_ + sample);
}

void SampleRows::write(std::ostream& out) const {
  for (const std::string& line : lines_) {
    if (!line.empty()) out << line << "\n";
  }
}

std::filesystem::path SampleRows::partial() const {
  return partial_ ? partial_->path() : std::filesystem::path();
}

void SampleRows::remove_partial() {
  if (partial_) partial_->remove();
}

}  // namespace stratagram
