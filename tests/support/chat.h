// tests/support/chat.h -- both sides of /v1/chat/completions, for judges that a test makes up.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/post_server.h"

namespace stratagram {

/// A whole reply of a chat server.
inline std::string chat_reply(const std::string& text, int64_t completion_tokens = 2) {
  return nlohmann::json(
             {{"id", "x"},
              {"object", "chat.completion"},
              {"choices",
               {{{"index", 0},
                 {"finish_reason", "stop"},
                 {"message", {{"role", "assistant"}, {"content", text}}}}}},
              {"usage", {{"prompt_tokens", 100}, {"completion_tokens", completion_tokens}}}})
      .dump();
}

/// What the user says in a request.
inline std::string user_text(const SeenPost& seen) {
  return nlohmann::json::parse(seen.body).at("messages").at(1).at("content").get<std::string>();
}

/// The letter under which the text shows the option that begins with `start`; '?' without one.
inline char letter_of(const std::string& user, const std::string& start) {
  const size_t at = user.find(") " + start);
  return at == std::string::npos || at == 0 ? '?' : user[at - 1];
}

}  // namespace stratagram
