// metrics/step_record.h -- the named numbers of one training step: what a line of metrics.jsonl
// holds.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace stratagram::metrics {

/// What a name stands for.
struct ScalarDoc {
  const char* name;
  const char* unit;     ///< "nats", "tokens", "s", "1" for pure numbers and shares
  const char* meaning;  ///< one sentence, no final full stop
};

/// Every name that may stand in metrics.jsonl besides "step", in the order in which it is written.
[[nodiscard]] std::span<const ScalarDoc> known_scalars();

/// Not thread-safe.
class StepRecord {
 public:
  explicit StepRecord(int64_t step) : step_(step) {}

  /// Throws Error(kInternal) for a name that is not known and for a value that is not finite: what
  /// is undefined is absent, never NaN.
  void set(const std::string& name, double value);
  /// Does nothing for an empty value.
  void set(const std::string& name, const std::optional<double>& value);

  [[nodiscard]] std::optional<double> find(const std::string& name) const;
  [[nodiscard]] int64_t step() const { return step_; }

  /// {"step": N, "group/name": value, ...}, in the order of known_scalars().
  [[nodiscard]] nlohmann::ordered_json to_json() const;

 private:
  int64_t step_;
  std::vector<std::pair<std::string, double>> values_;
};

}  // namespace stratagram::metrics
