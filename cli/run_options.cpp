#include "cli/run_options.h"

#include "core/error.h"
#include "rollout/policy.h"
#include "train/run_folder.h"

namespace stratagram::cli {

void RunOptions::add_to(CLI::App& command, const std::string& keys, const std::string& example) {
  command
      .add_option("CONFIG.toml",
                  config,
                  "the run; `" + keys + "` lists every key with default, unit and range")
      ->required();
  command
      .add_option(
          "--out",
          out,
          "run folder, wanted unless --check; made if absent; one that holds a run needs --resume")
      ->type_name("DIR");
  command.add_flag("--resume", resume, "go on from the newest complete checkpoint, bit for bit");
  command.add_flag("--check", check, "read everything, say what the run needs, train nothing");
  command.add_option("--set", set, "override one key, e.g. " + example + "; the last one wins")
      ->type_name("KEY=VALUE")
      ->take_all()
      ->expected(1);
  command.add_option("--device", device, "cpu or cuda:N (default: cuda:0 if present, else cpu)")
      ->type_name("D");
}

std::string RunOptions::device_or(const std::string& configured) const {
  if (!device.empty()) return device;
  return configured.empty() ? rollout::default_device() : configured;
}

void RunOptions::check_out() const {
  if (check) return;
  if (out.empty())
    fail(ErrorKind::kConfig, "wanted --out DIR, the folder that the run is written to");
  if (resume) {
    (void)train::RunFolder::open(out);
  } else {
    train::RunFolder::check_new(out);
  }
}

}  // namespace stratagram::cli
