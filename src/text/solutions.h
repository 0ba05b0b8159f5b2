// text/solutions.h -- responses of a policy, whoever's program wrote them: rollouts of our runs,
// samples of `eval`, dumps of other trainers, plain rows of `problem response correct`.
//
// What the rows call a thing is a field map. Some are known by name:
//
//   stratagram  problem_id, prompt, response, verdict, gold, step: rollouts/ of a run, samples of
//               `eval`
//   plain       id, problem, response, correct, answer, step, model: all but `response` may be
//               absent
//   verl        input, output, score, gts, step: the files of trainer.rollout_data_dir and
//               trainer.validation_data_dir; a score less a penalty for length may hide that an
//               answer is right, then name `acc` for `correct` where the rows have it
//   trl         prompt, completion, step: the completions that GRPOTrainer logs (a Parquet file a
//               step), written as JSON Lines; a reward stands under the name of its function, so
//               name it for `correct`
//   reference   id, problem, solution: the worked solutions of a problem set, correct by definition
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/jsonl.h"
#include "core/records.h"

namespace stratagram::text {

/// What a row says of a response's tokens: rollouts of our runs, and what `generate` and `score`
/// write. What it does not say is empty; lists that are there have one item a token.
struct TokenData {
  std::vector<int32_t> prompt_token_ids{};
  std::vector<int32_t> token_ids{};
  std::vector<float> logprobs{};   ///< natural log
  std::vector<float> entropies{};  ///< nats
  /// Counted occurrences of the catalogue that its run had, in tokens; none when the row does not
  /// say.
  std::optional<std::vector<Range>> planning{};
  std::vector<Range> byte_ranges{};  ///< of the response; no row has them, a tokenizer gives them
  std::optional<Finish> finish{};
};

/// One response. What a row does not say is empty.
struct Solution {
  std::string problem_id{};
  std::string problem{};  ///< what was asked, as the row has it (perhaps with a chat template)
  std::string response{};
  std::optional<bool> correct{};
  std::string gold{};             ///< the reference answer; what is no text stands there as JSON
  std::optional<int64_t> step{};  ///< of training
  std::string source{};           ///< who wrote it: the row's word, or the reader's default
  std::optional<TokenData> tokens{};  ///< only for a reader that was asked for it
};

/// Field names of a row; empty: there is none. A name that begins with '/' is a JSON pointer
/// (RFC 6901), e.g. "/extra/score".
struct SolutionFields {
  std::string problem_id{};
  std::string problem{};
  std::string response{};
  std::string correct{};
  std::string gold{};
  std::string step{};
  std::string source{};
  bool always_correct = false;  ///< rows that say nothing of it are correct, not unknown
};

/// The names of the maps above.
[[nodiscard]] std::vector<std::string> solution_presets();

/// The map of a preset with changes "NAME=FIELD" laid over it, NAME one of id, problem, response,
/// correct, gold, step, source; an empty FIELD takes a field out. Throws Error(kConfig) for an
/// unknown preset or NAME (with the nearest one), for a change without '=', for a FIELD that begins
/// with '/' and is no JSON pointer, and for a map without response.
[[nodiscard]] SolutionFields solution_fields(const std::string& preset,
                                             std::span<const std::string> changes = {});

struct SolutionOptions {
  std::string preset{};                ///< empty: told by the fields of each file's first row
  std::vector<std::string> changes{};  ///< "NAME=FIELD", over the preset
  /// Reads tokens too: lists of numbers take far longer than the text that they belong to.
  bool tokens = false;
};

/// Reads files one after another, a row at a time. Not thread-safe.
class SolutionReader {
 public:
  /// Paths stand for files as solution_files() says. Throws Error: kConfig like solution_fields();
  /// kData like solution_files().
  SolutionReader(std::span<const std::filesystem::path> paths, SolutionOptions options);

  /// The next response, or none at the end. Throws Error(kData) "FILE:LINE: ..." for a row without
  /// a response, a field of another type than wanted, and a file whose first row fits no preset.
  ///   correct  true or false; a verdict by name; or a reward, which is correct above 0.5
  ///   id       a text or a number
  ///   source   of a row without one: source_of_file()
  ///   tokens   as in text/token_data.h; lists of different lengths are an error
  [[nodiscard]] std::optional<Solution> next();

  /// The row that next() read last, for what a Solution does not hold.
  [[nodiscard]] const nlohmann::json& row() const { return row_; }

  /// "FILE:LINE" of the response that next() gave last.
  [[nodiscard]] std::string where() const;

  /// The file of that response; empty before the first.
  [[nodiscard]] std::filesystem::path file() const;

  /// The files that are read, in order.
  [[nodiscard]] std::span<const std::filesystem::path> files() const { return files_; }

 private:
  [[nodiscard]] SolutionFields fields_for(const nlohmann::json& row) const;
  [[nodiscard]] Solution solution_of(const nlohmann::json& row) const;

  SolutionOptions options_;
  std::vector<std::filesystem::path> files_;
  size_t next_file_ = 0;
  std::optional<JsonlReader> reader_;
  std::optional<SolutionFields> fields_;  ///< of the open file, once its first row was seen
  std::string default_source_;
  nlohmann::json row_;
};

/// What tells problems apart: the text of the problem where there is one, else its id. Rows of many
/// collections give every response an id of its own, so the text comes first.
[[nodiscard]] const std::string& problem_key(const Solution& solution);

}  // namespace stratagram::text
