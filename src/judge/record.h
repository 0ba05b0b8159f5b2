// judge/record.h -- every exchange with a judge, by a digest of what was asked, so that nothing is
// asked and paid for twice.
//
// The file is JSON Lines: a head {"conditions": {"exchanges": 1}}, then an exchange a line,
// appended as it ends: `key` `prompts` `attempt` `request` (the body as it was sent, without the
// key of the server) `reply` (`text` `finish` `prompt_tokens` `completion_tokens`). Its address is
// no part of it: the same model may be served elsewhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/partial_rows.h"
#include "judge/budget.h"

namespace stratagram::judge {

/// What is asked, and what tells it from other questions.
struct Question {
  nlohmann::json body;                    ///< of the request
  int64_t prompts = 0;                    ///< version of the prompts that it was made from
  int64_t attempt = 1;                    ///< 2, 3, ... where an answer could not be read
  [[nodiscard]] std::string key() const;  ///< SHA-256 over all three
};

struct Answer {
  std::string text{};
  std::string finish{};  ///< the server's word: "stop", "length", ...; empty without one
  std::optional<TokenUse> tokens{};
};

/// Thread-safe.
class Record {
 public:
  enum class Mode {
    kAppend,  ///< answers what is there, takes in what is new; the file is locked
    kReplay,  ///< answers what is there; the file is only read
    kLook,    ///< like kReplay, but the file may be absent: to see what is left to ask
  };

  /// A last line that was cut short is dropped. Throws Error: kData for a damaged line, a file that
  /// is none of these, one that another process writes (kAppend) or that is absent (kReplay);
  /// kDevice when it cannot be made.
  Record(std::filesystem::path path, Mode mode);

  [[nodiscard]] std::optional<Answer> find(const std::string& key) const;

  /// The answer that stands: when two ask the same at once, the one that came first, so that a
  /// replay finds no other. The line is with the system when it returns. Throws Error(kDevice) on a
  /// full disk.
  [[nodiscard]] Answer add(const Question& question, const Answer& answer);

  [[nodiscard]] Mode mode() const { return mode_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] int64_t num_found_at_start() const { return num_found_at_start_; }

 private:
  void take(const nlohmann::json& row, const std::string& where);
  void read();
  std::filesystem::path path_;
  Mode mode_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Answer> answers_;
  std::unique_ptr<PartialRows> rows_;
  int64_t num_found_at_start_ = 0;
};

}  // namespace stratagram::judge
