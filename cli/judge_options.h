// cli/judge_options.h -- the arguments of a command that asks a judge, and the asking itself.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "judge/judge.h"
#include "judge/survey.h"

namespace stratagram::cli {

struct JudgeArguments {
  std::string url;
  std::string key_variable;
  std::string record;
  std::string replay;
  std::string extra;  ///< JSON laid over each request
  judge::ChatSettings chat;
  judge::TransportOptions transport;
  double timeout_s = 300;
  judge::SurveyOptions survey;
  bool dry_run = false;
  double price_in = 0;   ///< a million tokens, in any currency
  double price_out = 0;  ///< the same for tokens of answers
};

/// Declares --judge, --model, --record, --replay, the budget and the rest. `target` must outlive
/// the parse.
void add_judge_options(CLI::App& command, JudgeArguments& target);

/// Asks everything, with progress and what it took on stderr; with --dry-run prints what it would
/// cost and gives none. The exchanges go to --record, by default beside `out`. Throws Error:
/// kConfig when nobody is named who could answer; what Record and Judge throw.
[[nodiscard]] std::optional<judge::SurveyResult> ask_judge(const JudgeArguments& arguments,
                                                           const judge::Survey& survey,
                                                           const std::filesystem::path& out);

/// What decided the answers, for the head of a result.
[[nodiscard]] nlohmann::json settings_of(const JudgeArguments& arguments,
                                         const judge::Survey& survey);

}  // namespace stratagram::cli
