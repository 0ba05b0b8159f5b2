// cli/step_line.h -- what `stratagram train` says of a step.
#pragma once

#include <cstdint>
#include <string>

#include "metrics/step_record.h"

namespace stratagram::cli {

/// One line: outcomes, seconds with the share of each phase, response tokens a second of the whole
/// step, utilisations. What the record lacks is left out.
[[nodiscard]] std::string step_line(const metrics::StepRecord& record, int64_t num_steps);

}  // namespace stratagram::cli
