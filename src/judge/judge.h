// judge/judge.h -- a language model behind an OpenAI-compatible /v1/chat/completions, asked through
// a record: what stands there is not asked again.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "judge/record.h"
#include "judge/transport.h"

namespace stratagram::judge {

struct ChatSettings {
  std::string model{};
  double temperature = 0.0;
  int64_t max_answer_tokens = 1024;  ///< of one reply, its reasoning included
  /// Laid over the request; null takes a field out. For servers that want others than
  /// `temperature` and `max_tokens`.
  nlohmann::json extra = nlohmann::json::object();
};

struct Message {
  std::string system;
  std::string user;
};

/// The body of a request. Throws Error(kConfig) when `extra` is no object or sets what is ours:
/// model, messages, stream, n.
[[nodiscard]] nlohmann::json chat_body(const ChatSettings& settings, const Message& message);

/// A quarter of the bytes, rounded up: tokens of English text, within about a third.
[[nodiscard]] int64_t estimated_tokens(const std::string& text);

/// What a request may take: its texts estimated, its answer at the most.
[[nodiscard]] TokenUse estimated_use(const nlohmann::json& body, int64_t max_answer_tokens);

/// Thread-safe.
class Judge {
 public:
  /// Without a transport only the record answers. Both outlive this object.
  Judge(ChatSettings settings, Record& record, Transport* transport);

  /// From the record, else from the server, then recorded. A reply that is no chat completion is a
  /// fault that may pass. Throws Error like Transport::post(), and kData, naming the question, for
  /// one that a replay lacks.
  [[nodiscard]] Answer ask(const Message& message, int64_t prompts, int64_t attempt);

  /// What ask() would send or look up.
  [[nodiscard]] Question question(const Message& message, int64_t prompts, int64_t attempt) const;

  [[nodiscard]] const ChatSettings& settings() const { return settings_; }
  [[nodiscard]] const Record& record() const { return record_; }
  [[nodiscard]] int64_t num_from_record() const { return num_from_record_; }
  [[nodiscard]] int64_t num_cut_short() const { return num_cut_short_; }  ///< by the token limit
  [[nodiscard]] Spending spending() const;

 private:
  [[nodiscard]] Answer from_server(const Question& question, const std::string& key);
  ChatSettings settings_;
  Record& record_;
  Transport* transport_;
  std::atomic<int64_t> num_from_record_{0};
  std::atomic<int64_t> num_cut_short_{0};
};

}  // namespace stratagram::judge
