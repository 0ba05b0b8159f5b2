#include "analysis/analyse.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "analysis/figures.h"
#include "analysis/first_use.h"
#include "analysis/groups.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "grams/placebo.h"

namespace stratagram::analysis {
namespace {

constexpr size_t kMaxNgrams = size_t{2} << 20;
constexpr int64_t kMinChoices = 5;
constexpr const char* kStopped = "stopped; nothing was written, so run the command again";

std::vector<grams::Placebo> draw_nulls(const AnalysisInput& input, const AnalysisConfig& config) {
  if (config.nulls == 0) return {};
  const grams::Matcher matcher(input.catalogue);
  grams::PlaceboPool pool(
      matcher, {.max_ngrams = kMaxNgrams, .min_choices = kMinChoices, .skip_unmatched = true});
  text::SolutionOptions reading = input.reading;
  reading.tokens = false;
  text::SolutionReader reader(input.paths, reading);
  for (auto solution = reader.next(); solution; solution = reader.next()) {
    throw_if_interrupted(kStopped);
    pool.add(solution->response);
  }
  if (pool.num_occurring() == 0) {
    spdlog::warn("no gram of {} occurs, so there is no null model", input.catalogue.name);
    return {};
  }
  const Stream stream({.seed = config.seed, .purpose = "null models"});
  std::vector<uint64_t> seeds;
  seeds.reserve(static_cast<size_t>(config.nulls));
  for (int64_t i = 0; i < config.nulls; ++i) {
    seeds.push_back(stream.bits(static_cast<uint64_t>(i)));
  }
  return pool.draw(seeds);
}

// How much text is handed over at once to be completed.
constexpr size_t kBatchBytes = size_t{1} << 17;

// Reads every response into the groups; returns the bytes of their texts.
int64_t read_all(const AnalysisInput& input,
                 const std::function<void(int64_t)>& progress,
                 Groups& groups) {
  int64_t num_bytes = 0;
  // Two files of one name in different folders are two groups.
  std::map<std::string, int64_t> num_of_name;
  const auto label_of = [&](const std::filesystem::path& file) {
    std::string name = file.filename().string();
    return num_of_name[name] > 1 ? file.string() : name;
  };
  std::vector<ReadResponse> batch;
  size_t batch_bytes = 0;
  const auto flush = [&] {
    throw_if_interrupted(kStopped);
    if (input.complete) input.complete(batch);
    for (const ReadResponse& read : batch) {
      groups.add(read.solution, label_of(read.file));
    }
    if (progress) progress(groups.num_responses());
    batch.clear();
    batch_bytes = 0;
  };
  text::SolutionReader reader(input.paths, input.reading);
  for (const auto& file : reader.files()) ++num_of_name[file.filename().string()];
  for (auto solution = reader.next(); solution; solution = reader.next()) {
    batch_bytes += solution->response.size();
    num_bytes += static_cast<int64_t>(solution->response.size());
    batch.push_back({std::move(*solution), reader.file(), reader.where()});
    if (batch_bytes >= kBatchBytes) flush();
  }
  if (!batch.empty()) flush();
  return num_bytes;
}

}  // namespace

Analysis analyse(const AnalysisInput& input,
                 const AnalysisConfig& config,
                 const std::function<void(int64_t)>& progress) {
  const std::vector<grams::Placebo> placebos = draw_nulls(input, config);
  const Lenses lenses(input.catalogue, placebos, config.follower_words);
  Groups groups(lenses, config);
  Analysis analysis;
  analysis.num_bytes = read_all(input, progress, groups);
  if (groups.num_responses() == 0) {
    fail(ErrorKind::kData, "the files hold no response; name files of rollouts");
  }
  const std::vector<FigureId> ids = figure_ids(input.catalogue);
  measure_groups(groups, ids, analysis);
  add_first_uses(groups, analysis);
  if (config.compare) compare_sources(groups, *config.compare, ids, analysis);
  return analysis;
}

}  // namespace stratagram::analysis
