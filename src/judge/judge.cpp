#include "judge/judge.h"

#include <optional>
#include <utility>

#include "core/error.h"
#include "core/jsonl.h"
#include "judge/excerpt.h"

namespace stratagram::judge {
namespace {

using nlohmann::json;

std::optional<TokenUse> usage_of(const json& reply) {
  const auto usage = reply.find("usage");
  if (usage == reply.end() || !usage->is_object()) return std::nullopt;
  const auto number = [&](const char* name) -> std::optional<int64_t> {
    const auto found = usage->find(name);
    if (found == usage->end() || !found->is_number_integer() || *found < 0) return std::nullopt;
    return found->get<int64_t>();
  };
  const auto prompt = number("prompt_tokens");
  const auto completion = number("completion_tokens");
  if (!prompt || !completion) return std::nullopt;
  return TokenUse{.prompt = *prompt, .completion = *completion};
}

const json::json_pointer& to_message() {
  static const json::json_pointer pointer("/choices/0/message");
  return pointer;
}

Transport::Reading reading_of(const json& reply) {
  Transport::Reading reading{.tokens = usage_of(reply)};
  if (!reply.contains(to_message()) || !reply.at(to_message()).is_object()) {
    reading.fault = fmt::format("wanted a chat completion with choices[0].message, got '{}'",
                                one_line(to_json_line(reply), 120));
  }
  return reading;
}

// Of a reply whose reading has no fault.
Answer answer_of(const json& reply) {
  const json& message = reply.at(to_message());
  const json& choice = reply.at(to_message().parent_pointer());
  Answer answer{.tokens = usage_of(reply)};
  // A refusal has no content: an answer that cannot be read, and that was paid for.
  if (message.contains("content") && message.at("content").is_string()) {
    answer.text = message.at("content").get<std::string>();
  }
  if (choice.contains("finish_reason") && choice.at("finish_reason").is_string()) {
    answer.finish = choice.at("finish_reason").get<std::string>();
  }
  return answer;
}

}  // namespace

json chat_body(const ChatSettings& settings, const Message& message) {
  if (!settings.extra.is_object()) {
    fail(ErrorKind::kConfig,
         "request settings: wanted a JSON object, got {}",
         to_json_line(settings.extra));
  }
  for (const char* ours : {"model", "messages", "stream", "n"}) {
    if (settings.extra.contains(ours)) {
      fail(ErrorKind::kConfig, "request settings: '{}' is set by this program", ours);
    }
  }
  json body = {{"model", settings.model},
               {"messages",
                {{{"role", "system"}, {"content", message.system}},
                 {{"role", "user"}, {"content", message.user}}}},
               {"temperature", settings.temperature},
               {"max_tokens", settings.max_answer_tokens}};
  body.merge_patch(settings.extra);
  return body;
}

int64_t estimated_tokens(const std::string& text) {
  return static_cast<int64_t>((text.size() + 3) / 4);
}

TokenUse estimated_use(const json& body, int64_t max_answer_tokens) {
  constexpr int64_t kTokensAroundMessage = 4;  // roles and marks of a chat template
  TokenUse use{.completion = max_answer_tokens};
  for (const json& message : body.at("messages")) {
    use.prompt += estimated_tokens(message.at("content").get<std::string>()) + kTokensAroundMessage;
  }
  return use;
}

Judge::Judge(ChatSettings settings, Record& record, Transport* transport)
    : settings_(std::move(settings)), record_(record), transport_(transport) {
  (void)chat_body(settings_, {});  // faults of the settings are found before the first question
}

Question Judge::question(const Message& message, int64_t prompts, int64_t attempt) const {
  return {.body = chat_body(settings_, message), .prompts = prompts, .attempt = attempt};
}

Answer Judge::ask(const Message& message, int64_t prompts, int64_t attempt) {
  const Question asked = question(message, prompts, attempt);
  const std::string key = asked.key();
  std::optional<Answer> answer = record_.find(key);
  if (answer) {
    ++num_from_record_;
  } else if (transport_ != nullptr) {
    answer = from_server(asked, key);
  } else {
    fail(ErrorKind::kData,
         "{}: holds no answer to question {} (model {}, prompts {}, attempt {}: '{}'); ask it with "
         "--judge URL --record {}",
         record_.path().string(),
         key,
         settings_.model,
         prompts,
         attempt,
         one_line(message.user, 120),
         record_.path().string());
  }
  if (answer->finish == "length") ++num_cut_short_;
  return *answer;
}

Answer Judge::from_server(const Question& question, const std::string& key) {
  const TokenUse estimate = estimated_use(question.body, settings_.max_answer_tokens);
  const Endpoint& endpoint = transport_->options().endpoint;
  const json reply =
      transport_->post({.path = "/chat/completions",
                        .body = question.body,
                        .name = key,
                        .estimated_tokens = estimate.prompt + estimate.completion},
                       [&](const json& came) {
                         Transport::Reading reading = reading_of(came);
                         if (!reading.tokens && reading.fault.empty()) {
                           reading.tokens = {.prompt = estimate.prompt,
                                             .completion = estimated_tokens(answer_of(came).text)};
                         }
                         return reading;
                       });
  Answer answer = answer_of(reply);
  answer.text = without_key(std::move(answer.text), endpoint.key);
  return record_.add(question, answer);
}

Spending Judge::spending() const {
  return transport_ == nullptr ? Spending{} : transport_->spending();
}

}  // namespace stratagram::judge
