#include "cli/run_record.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include <filesystem>
#include <map>

#include "cli/model_option.h"
#include "core/digest.h"
#include "core/version.h"

namespace stratagram::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kFormat = 1;

// Of a file, or of the names and digests of a folder's weight and configuration files.
std::string model_digest(const fs::path& path) {
  if (!fs::is_directory(path)) return sha256_file(path);
  std::map<std::string, std::string> digests;
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".safetensors") || name == "config.json" || name == "tokenizer.json") {
      digests[name] = sha256_file(entry.path());
    }
  }
  return sha256(json(digests).dump());
}

}  // namespace

json run_record(const ConfigFields& fields,
                const train::RunConfig& config,
                const grams::Catalogue& catalogue,
                const std::string& device) {
  return {{"format", kFormat},
          {"version", version()},
          {"commit", git_commit()},
          {"machine",
           {{"device", device},
            {"threads", at::get_num_threads()},
            {"vectors", at::get_cpu_capability()},
            {"libtorch", TORCH_VERSION}}},
          {"digests",
           {{"model", model_digest(model_path(config.model.path))},
            {"problems", sha256_file(config.data.problems)},
            {"catalogue", catalogue.digest()}}},
          {"config", fields.to_json()}};
}

}  // namespace stratagram::cli
