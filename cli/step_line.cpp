#include "cli/step_line.h"

#include <fmt/format.h>

namespace stratagram::cli {
namespace {

// "rollout 31 %, reward 0 %, train 69 %": where the step's time went.
std::string shares_text(const metrics::StepRecord& record, double total_seconds) {
  std::string text;
  for (const char* part : {"rollout", "reward", "train"}) {
    const auto seconds = record.find(std::string("time/") + part);
    if (!seconds) continue;
    text += fmt::format(
        "{}{} {:.0f} %", text.empty() ? "" : ", ", part, 100 * *seconds / total_seconds);
  }
  return text;
}

}  // namespace

std::string step_line(const metrics::StepRecord& record, int64_t num_steps) {
  std::string line = fmt::format("step {}/{}", record.step() + 1, num_steps);
  const auto add = [&](const char* label, const char* name, const char* format) {
    if (const auto value = record.find(name)) {
      line += fmt::format("  {} ", label) + fmt::format(fmt::runtime(format), *value);
    }
  };
  add("accuracy", "accuracy/mean", "{:.3f}");
  add("planning", "planning/share", "{:.3f}");
  add("semantic entropy", "semantic_entropy/plain", "{:.2f}");
  add("token entropy", "entropy/all", "{:.3f}");
  add("length", "length/mean", "{:.0f}");
  add("gap", "gap/max", "{:.1e}");
  add("s", "time/total", "{:.1f}");
  const double seconds = record.find("time/total").value_or(0);
  if (seconds <= 0) return line;
  line += " (" + shares_text(record, seconds) + ")";
  const double tokens =
      record.find("speed/rollout").value_or(0) * record.find("time/rollout").value_or(0);
  line += fmt::format("  tokens/s {:.0f}", tokens / seconds);
  add("utilisation: train", "speed/utilisation", "{:.2f}");
  add("rollout", "speed/utilisation_rollout", "{:.2f}");
  return line;
}

}  // namespace stratagram::cli
