#include "cli/bench_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/config.h"
#include "core/error.h"
#include "core/log.h"
#include "core/share.h"
#include "model/weights.h"
#include "speed/decode.h"
#include "speed/growth.h"
#include "speed/head.h"
#include "speed/host.h"
#include "speed/subject.h"
#include "speed/training_pass.h"
#include "train/utilisation.h"

namespace stratagram::cli {
namespace {

using nlohmann::ordered_json;

constexpr double kMega = 1e6;

std::string dtype_of(const BenchSubject& subject) {
  return model::dtype_name(subject.policy.model.dtype());
}

double peak_of(const BenchSubject& subject) {
  return subject.peaks.of(subject.policy.model.dtype());
}

void decode(BenchSubject& subject, BenchTable& table) {
  const BenchSizes& sizes = subject.sizes;
  for (const int64_t sequences : sizes.sequences) {
    const speed::DecodeSpeed speed = speed::measure_decode(subject.policy,
                                                           {.sequences = sequences,
                                                            .prompt_tokens = sizes.prompt_tokens,
                                                            .new_tokens = sizes.new_tokens});
    const ordered_json settings = {{"dtype", dtype_of(subject)},
                                   {"sequences", sequences},
                                   {"prompt", sizes.prompt_tokens},
                                   {"new", sizes.new_tokens}};
    table.print({"decode", "prompts", speed.prompt_tokens_per_s, "tokens/s", settings});
    table.print({"decode", "new tokens", speed.new_tokens_per_s, "tokens/s", settings});
  }
}

void training_pass(BenchSubject& subject, BenchTable& table) {
  constexpr int64_t kSequences = 16;
  const BenchSizes& sizes = subject.sizes;
  const model::Transformer& model = subject.policy.model;
  ordered_json settings = {{"dtype", dtype_of(subject)}};
  std::vector<Group> groups;
  const int64_t vocab_size = model.config().vocab_size;
  if (subject.made_up) {
    settings["sequences"] = kSequences;
    // One prompt token and so many of the response, of which the last is no input.
    groups = speed::random_groups(speed::random_prompts(subject.policy, kSequences, 1),
                                  {.group = 1, .tokens = sizes.tokens, .vocab_size = vocab_size});
  } else {
    settings["prompts"] = sizes.prompts;
    settings["responses"] = sizes.group;
    groups = speed::random_groups(
        subject.prompts, {.group = sizes.group, .tokens = sizes.tokens, .vocab_size = vocab_size});
  }
  settings["tokens"] = sizes.tokens;
  settings["MB of logits"] = sizes.kept_logits_mb;
  const speed::PassSpeed speed = speed::measure_training_pass(
      model,
      groups,
      {.micro_batch_tokens = sizes.micro_batch_tokens, .kept_logits_mb = sizes.kept_logits_mb});
  const auto print = [&](const char* figure, double value, const char* unit) {
    table.print({"training_pass", figure, value, unit, settings});
  };
  const auto utilisation = [&](double seconds, double gemm) {
    return train::training_utilisation({.num_parameters = model.num_parameters(),
                                        .num_tokens = speed.num_tokens,
                                        .seconds = seconds,
                                        .gemm_peak = gemm});
  };
  const double peak = std::max(speed.gemm.best, peak_of(subject));
  print("time", speed.seconds, "s");
  print("packed tokens", speed.tokens_per_s(), "tokens/s");
  print("peak", peak / 1e9, "GFLOPS");
  print("utilisation", utilisation(speed.seconds, peak), "of the peak");
  print("mean time", speed.mean_seconds, "s");
  print("mean of products", speed.gemm.mean / 1e9, "GFLOPS");
  print("mean utilisation",
        utilisation(speed.mean_seconds, speed.gemm.mean),
        "of the mean of products");
}

void grpo_step(BenchSubject& subject, BenchTable& table) {
  const BenchSizes& sizes = subject.sizes;
  const speed::StepSpeed step =
      speed::measure_grpo_step_(subject.policy,
                                subject.prompts,
                                {.group = sizes.group,
                                 .tokens = sizes.tokens,
                                 .micro_batch_tokens = sizes.micro_batch_tokens,
                                 .kept_logits_mb = sizes.kept_logits_mb,
                                 .num_steps = sizes.steps,
                                 .state_on_disk = sizes.state_on_disk,
                                 .recompute_layers = sizes.recompute_layers});
  ordered_json settings = {{"dtype", dtype_of(subject)},
                           {"prompts", sizes.prompts},
                           {"responses", sizes.group},
                           {"tokens", sizes.tokens},
                           {"MB of logits", sizes.kept_logits_mb}};
  if (sizes.state_on_disk) settings["optimizer"] = "on disk";
  if (sizes.recompute_layers) settings["layers"] = "computed again";
  const auto print = [&](const char* figure, double value, const char* unit) {
    table.print({"grpo_step", figure, value, unit, settings});
  };
  print("step", step.seconds, "s");
  print("rollout", step.rollout, "s");
  print("credit", step.credit, "s");
  print("passes", step.passes, "s");
  print("optimizer", step.optimizer, "s");
  print(step.peak_is_of_steps ? "peak memory" : "peak of the process",
        static_cast<double>(step.peak_bytes) / kMega,
        "MB resident");
  print("mean exp|gap|", step.gap, "1");
  subject.step = step;
}

void head(BenchSubject& /*subject*/, BenchTable& table) {
  const speed::HeadShape shape;
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const speed::HeadCost cost = speed::measure_head(shape, dtype);
    const ordered_json settings = {{"dtype", model::dtype_name(dtype)},
                                   {"rows", shape.rows},
                                   {"width", shape.width},
                                   {"vocabulary", shape.vocab_size}};
    table.print({"head", "time", cost.seconds, "s", settings});
    if (cost.peak_is_its_own) {
      table.print({"head",
                   "extra memory",
                   static_cast<double>(cost.extra_bytes) / kMega,
                   "MB resident",
                   settings});
    } else {
      spdlog::warn("head: this system does not let a process reset its peak; no memory is given");
    }
  }
}

void host(BenchSubject& subject, BenchTable& table) {
  const auto catalogue = grams::Catalogue::load(find_shared_json("catalogues", "paper-v3"));
  const speed::HostSpeed speed = speed::measure_host(subject.policy.tokenizer, catalogue);
  table.print({"host", "matcher", speed.matcher / kMega, "MB/s a core"});
  table.print({"host", "tokenizer", speed.tokenizer / kMega, "MB/s a core"});
  table.print({"host", "rollout writer", speed.writer / kMega, "MB/s a core"});
  if (!subject.step) {
    spdlog::info("host: the share of a step is given after grpo_step");
    return;
  }
  const double seconds = speed::host_seconds(
      speed, subject.step->num_prompt_tokens, subject.step->num_response_tokens);
  table.print({"host", "all of them", 100 * seconds / subject.step->seconds, "% of a step"});
}

void growth(BenchSubject& subject, BenchTable& table) {
  const auto all =
      speed::measure_growth_(subject.policy,
                             {.micro_batch_tokens = subject.sizes.micro_batch_tokens,
                              .kept_logits_mb = subject.sizes.kept_logits_mb},
                             [](const speed::Growth& series, int64_t size) {
                               spdlog::info("growth: {}, {} {}", series.of, size, series.over);
                             });
  for (const speed::Growth& series : all) {
    for (const speed::GrowthPoint& point : series.points) {
      table.print(
          {"growth",
           series.of,
           point.seconds,
           "s",
           {{"dtype", dtype_of(subject)}, {series.over, static_cast<int64_t>(point.size)}}});
    }
    if (series.points.size() < 2) continue;  // the model has positions for one size at most
    const ordered_json settings = {{"dtype", dtype_of(subject)}, {"over", "over " + series.over}};
    table.print({"growth", series.of, speed::fitted_exponent(series.points), "exponent", settings});
    table.print({"growth", series.of, series.most, "exponent at most", settings});
  }
}

struct BenchLine {
  const char* name;
  void (*run)(BenchSubject& subject, BenchTable& table);
};

// host stands behind grpo_step, which says how long a step is.
constexpr std::array kLines = std::to_array<BenchLine>({{"decode", decode},
                                                        {"training_pass", training_pass},
                                                        {"grpo_step", grpo_step},
                                                        {"head", head},
                                                        {"host", host},
                                                        {"growth", growth}});

}  // namespace

std::vector<std::string> bench_line_names() {
  std::vector<std::string> names;
  names.reserve(kLines.size());
  for (const BenchLine& line : kLines) names.emplace_back(line.name);
  return names;
}

std::vector<std::string> default_bench_lines() {
  std::vector<std::string> names = bench_line_names();
  std::erase(names, "growth");
  return names;
}

void run_bench_line_(const std::string& name, BenchSubject& subject, BenchTable& table) {
  const auto* line = std::ranges::find(kLines, name, &BenchLine::name);
  STRATAGRAM_CHECK(line != kLines.end(), "no line '{}'", name);
  spdlog::info("timing {}", name);
  line->run(subject, table);
}

}  // namespace stratagram::cli
