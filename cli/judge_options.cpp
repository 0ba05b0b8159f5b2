#include "cli/judge_options.h"

#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "cli/progress.h"
#include "core/error.h"
#include "core/jsonl.h"
#include "core/log.h"

namespace stratagram::cli {
namespace {

namespace fs = std::filesystem;

void add_server_options(CLI::App& command, JudgeArguments& target) {
  constexpr const char* kGroup = "judge";
  const auto add = [&](const std::string& name, auto& value, const std::string& meaning) {
    return command.add_option(name, value, meaning)->group(kGroup);
  };
  add("--judge", target.url, "an OpenAI-compatible server, as http://localhost:8000/v1")
      ->type_name("URL");
  add("--model", target.chat.model, "name of the model at the server")->type_name("NAME");
  add("--key-env", target.key_variable, "variable of the environment that holds the key")
      ->type_name("VARIABLE");
  add("--request", target.extra, "JSON object laid over each request; null takes a field out")
      ->type_name("JSON");
  add("--temperature", target.chat.temperature, "of the judge")->capture_default_str();
  add("--max-answer-tokens", target.chat.max_answer_tokens, "of a reply, its reasoning included")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add("--seed", target.survey.seed, "keys the order of the options, and back-off")
      ->capture_default_str();
  add("--attempts", target.survey.max_attempts, "requests for an answer that can be read")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

void add_traffic_options(CLI::App& command, JudgeArguments& target) {
  constexpr const char* kGroup = "traffic and budget";
  const auto add = [&](const std::string& name, auto& value, const std::string& meaning) {
    return command.add_option(name, value, meaning)->group(kGroup)->capture_default_str();
  };
  add("--concurrency", target.survey.concurrency, "requests under way at once")
      ->check(CLI::Range(1, 256));
  add("--requests-per-minute", target.transport.requests_per_minute, "0: as many as go")
      ->check(CLI::NonNegativeNumber);
  add("--timeout", target.timeout_s, "of a request, in seconds")->check(CLI::Range(0.1, 86400.0));
  add("--tries", target.transport.patience.max_tries, "of a request whose failure may pass")
      ->check(CLI::Range(1, 100));
  add("--max-requests", target.transport.budget.max_requests, "of this command; 0: no limit")
      ->check(CLI::NonNegativeNumber);
  add("--max-tokens", target.transport.budget.max_tokens, "in and out together; 0: no limit")
      ->check(CLI::NonNegativeNumber);
  add("--price-in", target.price_in, "of a million tokens of requests, for --dry-run")
      ->check(CLI::NonNegativeNumber);
  add("--price-out", target.price_out, "of a million tokens of replies, for --dry-run")
      ->check(CLI::NonNegativeNumber);
  command
      .add_flag("--dry-run", target.dry_run, "print what is left to ask and its cost, ask nothing")
      ->group(kGroup);
}

fs::path record_of(const JudgeArguments& arguments, const fs::path& out) {
  if (!arguments.replay.empty()) return arguments.replay;
  if (!arguments.record.empty()) return arguments.record;
  fs::path path = out;
  path.replace_extension(".exchanges.jsonl");
  return path;
}

judge::Record::Mode mode_of(const JudgeArguments& arguments) {
  if (!arguments.replay.empty()) return judge::Record::Mode::kReplay;
  return arguments.dry_run ? judge::Record::Mode::kLook : judge::Record::Mode::kAppend;
}

judge::ChatSettings chat_of(const JudgeArguments& arguments) {
  judge::ChatSettings settings = arguments.chat;
  if (arguments.extra.empty()) return settings;
  settings.extra = nlohmann::json::parse(arguments.extra, nullptr, /*allow_exceptions=*/false);
  if (!settings.extra.is_object()) {
    fail(ErrorKind::kConfig, "--request: wanted a JSON object, got '{}'", arguments.extra);
  }
  return settings;
}

judge::TransportOptions transport_of(const JudgeArguments& arguments) {
  judge::TransportOptions options = arguments.transport;
  options.endpoint = {
      .url = judge::base_url(arguments.url),
      .key = judge::key_from_environment(arguments.key_variable),
      .timeout = std::chrono::milliseconds(static_cast<int64_t>(1000 * arguments.timeout_s))};
  options.patience.seed = arguments.survey.seed;
  options.kept = "every answer that came is in the record";
  return options;
}

void print_cost(const judge::SurveyCost& cost, const JudgeArguments& arguments) {
  const double price = (static_cast<double>(cost.tokens.prompt) * arguments.price_in +
                        static_cast<double>(cost.tokens.completion) * arguments.price_out) /
                       1e6;
  std::cout << fmt::format(
      "requests in the record  {}\nrequests to send        {}\ntokens of requests      about {}\n"
      "tokens of replies       at most {}\n",
      cost.num_recorded,
      cost.num_requests,
      cost.tokens.prompt,
      cost.tokens.completion);
  if (arguments.price_in > 0 || arguments.price_out > 0) {
    std::cout << fmt::format("cost                    at most about {:.4f}\n", price);
  }
}

void log_spending(const judge::Judge& judge) {
  const judge::Spending spending = judge.spending();
  spdlog::info(
      "{} requests sent ({} again after a failure), {} replies from the record; {} tokens "
      "of requests, {} of replies",
      spending.num_requests,
      spending.num_repeated,
      judge.num_from_record(),
      spending.tokens.prompt,
      spending.tokens.completion);
  if (judge.num_cut_short() > 0) {
    spdlog::warn("{} replies were cut short by their length; raise --max-answer-tokens",
                 judge.num_cut_short());
  }
}

}  // namespace

void add_judge_options(CLI::App& command, JudgeArguments& target) {
  add_server_options(command, target);
  CLI::Option* replay =
      command.add_option("--replay", target.replay, "answer from this record alone, ask nobody")
          ->group("judge")
          ->type_name("FILE");
  command
      .add_option("--record",
                  target.record,
                  "where every exchange is kept, and looked for first; default: beside --out")
      ->group("judge")
      ->type_name("FILE")
      ->excludes(replay);
  add_traffic_options(command, target);
}

std::optional<judge::SurveyResult> ask_judge(const JudgeArguments& arguments,
                                             const judge::Survey& survey,
                                             const fs::path& out) {
  if (arguments.chat.model.empty()) {
    fail(ErrorKind::kConfig, "--model is missing: name the model that is to judge");
  }
  const bool asks = arguments.replay.empty() && !arguments.dry_run;
  if (asks && arguments.url.empty()) {
    fail(ErrorKind::kConfig,
         "nobody is named who could answer; give --judge URL, or --replay FILE for answers that "
         "are there");
  }
  std::unique_ptr<judge::Transport> transport;
  if (asks) transport = std::make_unique<judge::Transport>(transport_of(arguments));
  judge::Record record(record_of(arguments, out), mode_of(arguments));
  judge::Judge judge(chat_of(arguments), record, transport.get());
  if (arguments.dry_run) {
    print_cost(judge::cost_of_survey(survey, arguments.survey, judge), arguments);
    return std::nullopt;
  }
  Progress progress("asked");
  try {
    judge::SurveyResult result =
        judge::run_survey(survey, arguments.survey, judge, [&](int64_t done, int64_t total) {
          progress.update(done, total);
        });
    progress.finish();
    log_spending(judge);
    return result;
  } catch (const Error&) {
    progress.finish();
    log_spending(judge);
    throw;
  }
}

nlohmann::json settings_of(const JudgeArguments& arguments, const judge::Survey& survey) {
  return {{"model", arguments.chat.model},
          {"prompts_version", survey.prompts_version},
          {"temperature", arguments.chat.temperature},
          {"max_answer_tokens", arguments.chat.max_answer_tokens},
          {"request", arguments.extra},
          {"batch", arguments.survey.batch},
          {"attempts", arguments.survey.max_attempts},
          {"seed", arguments.survey.seed}};
}

}  // namespace stratagram::cli
