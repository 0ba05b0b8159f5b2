// cli/run_record.h -- what config.json of a run folder holds.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/config.h"
#include "train/run_folder.h"

namespace stratagram::cli {

struct RunInputs {
  std::filesystem::path model;
  std::filesystem::path problems;
  std::string catalogue_digest{};  ///< empty: the run uses none
  std::string placebo_digest{};    ///< empty: the run uses none
};

/// Reads CONFIG.toml and KEY=VALUE assignments into described fields. `problems_of` gives what does
/// not fit together. Throws Error(kConfig) with every fault.
void read_run_config(ConfigFields& fields,
                     const std::string& file,
                     const std::vector<std::string>& assignments,
                     const std::function<std::vector<std::string>()>& problems_of);

/// Every key with value and source, the version and commit of the program, the machine, and digests
/// of the inputs.
[[nodiscard]] nlohmann::json run_record(const ConfigFields& fields,
                                        const RunInputs& inputs,
                                        const std::string& device);

/// Makes the folder, or opens it and checks that the configuration is the one it was started with,
/// but for keys that say how long to go on; what differs is recorded when the trainer resumes.
/// Throws Error(kConfig) naming the key that differs.
[[nodiscard]] train::RunFolder run_folder(const std::string& path,
                                          const nlohmann::json& record,
                                          bool resume);

}  // namespace stratagram::cli
