// cli/run_record.h -- what config.json of a run folder holds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/config.h"
#include "grams/catalogue.h"
#include "train/run_config.h"

namespace stratagram::cli {

/// Every key with value and source, the version and commit of the program, the machine, and digests
/// of model, problems and catalogue.
[[nodiscard]] nlohmann::json run_record(const ConfigFields& fields,
                                        const train::RunConfig& config,
                                        const grams::Catalogue& catalogue,
                                        const std::string& device);

}  // namespace stratagram::cli
