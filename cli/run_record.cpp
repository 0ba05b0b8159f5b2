#include "cli/run_record.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/version.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "cli/model_option.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/version.h"

namespace stratagram::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kFormat = 1;

// Keys that a resumed run may change: they say how long to go on, not what is learned.
constexpr std::array<std::string_view, 8> kFreeKeys = {"run.num_steps",
                                                       "run.max_rollout_mb",
                                                       "checkpoint.every_steps",
                                                       "checkpoint.keep_last",
                                                       "checkpoint.keep_every",
                                                       "guard.max_idle_steps",
                                                       "guard.max_not_finite_steps",
                                                       "model.device"};

void check_same_run(const json& recorded, const json& now, const std::string& where) {
  const bool falls =
      now.contains("schedule.kind") && now.at("schedule.kind").at("value") != "constant";
  for (const auto& [key, entry] : now.items()) {
    // A schedule that falls towards the last step depends on which step that is.
    const bool is_free = std::ranges::find(kFreeKeys, key) != kFreeKeys.end();
    if (is_free && !(falls && key == "run.num_steps")) continue;
    const json old = recorded.value(key, json());
    const json before = old.is_object() ? old.value("value", json()) : json();
    if (before != entry.at("value")) {
      fail(ErrorKind::kConfig,
           "{}: the run was started with {} = {}, now it is {}; a resumed run keeps its "
           "configuration, so start another with --out",
           where,
           key,
           before.dump(),
           entry.at("value").dump());
    }
  }
}

void check_same_digests(const json& recorded, const json& now, const std::string& where) {
  for (const auto& [name, digest] : now.items()) {
    if (recorded.value(name, json()) == digest) continue;
    fail(ErrorKind::kConfig,
         "{}: the {} is not the one that the run was started with (its digest differs); put it "
         "back, or start another run with --out",
         where,
         name);
  }
}

// What the keys were when the run last went on: those of its start, changed by each resume.
json keys_in_force(const json& recorded) {
  json values = json::object();
  for (const auto& [key, entry] : recorded.at("config").items()) {
    values[key] = entry.is_object() ? entry.value("value", json()) : json();
  }
  const json resumes = recorded.value("resumes", json::array());
  for (const json& resume : resumes.get_ref<const json::array_t&>()) {
    for (const auto& [key, change] : resume.at("changed").items()) values[key] = change.at("to");
  }
  return values;
}

// Time-free, as everything in config.json.
json resume_facts(const json& recorded, const json& now, const std::string& where) {
  json changed = json::object();
  try {
    const json before = keys_in_force(recorded);
    for (const auto& [key, entry] : now.at("config").items()) {
      const json old = before.value(key, json());
      if (old != entry.at("value")) changed[key] = {{"from", old}, {"to", entry.at("value")}};
    }
  } catch (const json::exception& error) {
    fail(ErrorKind::kData,
         "{}/config.json: resumes: wanted a list of objects with 'changed' ({}); the file was "
         "damaged, so the run cannot be resumed",
         where,
         error.what());
  }
  return {{"version", now.at("version")},
          {"commit", now.at("commit")},
          {"machine", now.at("machine")},
          {"changed", std::move(changed)}};
}

}  // namespace

void read_run_config(ConfigFields& fields,
                     const std::string& file,
                     const std::vector<std::string>& assignments,
                     const std::function<std::vector<std::string>()>& problems_of) {
  fields.read_toml(file);
  for (const std::string& assignment : assignments) fields.set(assignment);
  std::vector<std::string> problems = fields.problems();
  for (std::string& problem : problems_of()) problems.push_back(std::move(problem));
  if (!problems.empty()) {
    fail(ErrorKind::kConfig, "{}: {}", file, fmt::join(problems, "\n  "));
  }
}

json run_record(const ConfigFields& fields, const RunInputs& inputs, const std::string& device) {
  json digests = {{"model", model_digest(inputs.model)},
                  {"problems", sha256_file(inputs.problems)}};
  if (!inputs.catalogue_digest.empty()) digests["catalogue"] = inputs.catalogue_digest;
  if (!inputs.placebo_digest.empty()) digests["placebo"] = inputs.placebo_digest;
  return {{"format", kFormat},
          {"version", version()},
          {"commit", git_commit()},
          {"machine",
           {{"device", device},
            {"threads", at::get_num_threads()},
            {"vectors", at::get_cpu_capability()},
            {"libtorch", TORCH_VERSION}}},
          {"digests", digests},
          {"config", fields.to_json()}};
}

train::RunFolder run_folder(const std::string& path, const json& record, bool resume) {
  if (!resume) return train::RunFolder::create(path, record);
  train::RunFolder folder = train::RunFolder::open(path);
  const json config = folder.config().value("config", json());
  const json digests = folder.config().value("digests", json());
  if (!config.is_object() || !digests.is_object()) {
    fail(ErrorKind::kData,
         "{}/config.json: wanted the keys and digests of a run; the file was damaged, so the run "
         "cannot be resumed",
         path);
  }
  check_same_run(config, record.at("config"), path);
  check_same_digests(digests, record.at("digests"), path);
  folder.announce_resume(resume_facts(folder.config(), record, path));
  return folder;
}

}  // namespace stratagram::cli
