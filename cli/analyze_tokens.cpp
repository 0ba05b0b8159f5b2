#include "cli/analyze_tokens.h"

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/scoring.h"
#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/utf8.h"
#include "text/solution_files.h"
#include "text/tokenizer.h"

namespace stratagram::cli {
namespace {

namespace fs = std::filesystem;
using analysis::ReadResponse;
using nlohmann::json;

std::vector<int32_t> in_vocabulary(const rollout::Policy& policy,
                                   const std::vector<int32_t>& ids,
                                   const std::string& field,
                                   const std::string& where) {
  const std::vector<int64_t> wide(ids.begin(), ids.end());
  return checked_ids(policy, wide, field, where);
}

text::TokenData& tokens_of(ReadResponse& read) {
  std::optional<text::TokenData>& tokens = read.solution.tokens;
  return tokens ? *tokens : tokens.emplace();
}

// The bytes of the row's own tokens. The response becomes the text that they decode to, in which
// broken UTF-8 is as it was sampled.
void add_byte_ranges(const text::Tokenizer& tokenizer, ReadResponse& read) {
  text::TokenData& data = tokens_of(read);
  text::Decoded decoded = tokenizer.decode_with_ranges(data.token_ids);
  if (replace_broken_utf8(decoded.text) != read.solution.response) {
    fail(ErrorKind::kData,
         "{}: its token_ids do not decode to its response; give the model that wrote it with "
         "--model, or rows without token_ids",
         read.where);
  }
  read.solution.response = std::move(decoded.text);
  data.byte_ranges = std::move(decoded.byte_ranges);
}

void add_tokens(const rollout::Policy& policy, ReadResponse& read) {
  text::TokenData& data = tokens_of(read);
  if (!data.token_ids.empty()) {
    (void)in_vocabulary(policy, data.token_ids, "token_ids", read.where);
    add_byte_ranges(policy.tokenizer, read);
    return;
  }
  text::Encoding encoding = policy.tokenizer.encode(read.solution.response, false);
  data.token_ids = std::move(encoding.ids);
  data.byte_ranges = std::move(encoding.byte_ranges);
}

std::vector<int32_t> prompt_of(const rollout::Policy& policy, ReadResponse& read) {
  const std::vector<int32_t>& ids = tokens_of(read).prompt_token_ids;
  if (!ids.empty()) return in_vocabulary(policy, ids, "prompt_token_ids", read.where);
  return policy.tokenizer.encode(read.solution.problem, false).ids;
}

void add_scores(const rollout::Policy& policy,
                const train::ScoreOptions& options,
                std::span<ReadResponse> responses) {
  std::vector<TokenItem> items;
  std::vector<std::string> places;
  std::vector<text::TokenData*> wanting;
  for (ReadResponse& read : responses) {
    text::TokenData& data = tokens_of(read);
    if (!data.logprobs.empty() || data.token_ids.empty()) continue;
    items.push_back({.prompt = prompt_of(policy, read), .response = data.token_ids});
    places.push_back(read.where);
    wanting.push_back(&data);
  }
  auto scores = score_items(policy, items, places, options);
  for (size_t i = 0; i < wanting.size(); ++i) {
    wanting[i]->logprobs = std::move(scores[i].logprobs);
    wanting[i]->entropies = std::move(scores[i].entropies);
  }
}

// The run folder that a file of rollouts lies in, or empty.
fs::path run_of(const fs::path& file) {
  const fs::path folder = fs::absolute(file).lexically_normal().parent_path();
  return folder.filename() == "rollouts" ? folder.parent_path() : fs::path();
}

// That of any checkpoint: a run changes weights, not its tokenizer. Empty where there is none.
fs::path tokenizer_of_run(const fs::path& run) {
  const fs::path checkpoints = run / "checkpoints";
  if (run.empty() || !fs::is_directory(checkpoints)) return {};
  for (const auto& entry : fs::directory_iterator(checkpoints)) {
    if (fs::exists(entry.path() / "tokenizer.json")) return entry.path() / "tokenizer.json";
  }
  return {};
}

}  // namespace

Complete complete_by_model(const rollout::Policy& policy, const train::ScoreOptions& options) {
  return [&policy, options](std::span<ReadResponse> responses) {
    for (ReadResponse& read : responses) add_tokens(policy, read);
    add_scores(policy, options, responses);
  };
}

Complete complete_by_runs() {
  using Tokenizers = std::map<fs::path, std::optional<text::Tokenizer>>;  ///< by run
  const auto known = std::make_shared<Tokenizers>();
  return [known](std::span<ReadResponse> responses) {
    for (ReadResponse& read : responses) {
      if (!read.solution.tokens || read.solution.tokens->token_ids.empty()) continue;
      const fs::path run = run_of(read.file);
      const auto [found, is_new] = known->try_emplace(run);
      if (is_new) {
        const fs::path file = tokenizer_of_run(run);
        if (!file.empty()) found->second = text::Tokenizer::from_json_file(file);
      }
      if (found->second) add_byte_ranges(*found->second, read);
    }
  };
}

void warn_of_other_catalogues(std::span<const fs::path> paths, const grams::Catalogue& catalogue) {
  std::set<fs::path> runs;
  for (const fs::path& path : paths) {
    for (const fs::path& file : text::solution_files(path)) runs.insert(run_of(file));
  }
  for (const fs::path& run : runs) {
    if (run.empty() || !fs::exists(run / "config.json")) continue;
    if (!tokenizer_of_run(run).empty()) continue;
    const json record = json::parse(read_file(run / "config.json"), nullptr, false);
    const json::json_pointer digest("/digests/catalogue");
    const json::json_pointer name("/config/grams.catalogue/value");
    if (record.is_discarded() || !record.contains(digest)) continue;
    if (record.at(digest) == catalogue.digest()) continue;
    spdlog::warn(
        "{}: the planning tokens of its rows are of the run's own catalogue ({}), not of {}, and "
        "so are all measures of tokens; take that one with --catalogue, or give --model to mark "
        "the tokens anew",
        run.string(),
        record.value(name, json("of another digest")).dump(),
        catalogue.name);
  }
}

}  // namespace stratagram::cli
