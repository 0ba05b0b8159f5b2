// judge/reply.h -- what an HTTP exchange with a judge came to: an answer, a fault that may pass, or
// one that asking again does not mend.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/error.h"
#include "core/http.h"
#include "judge/endpoint.h"

namespace stratagram::judge {

enum class Outcome {
  kAnswer,   ///< `body` is a JSON object
  kPassing,  ///< broken connection or JSON, status 408, 409, 429 or 5xx: worth another try
  kRefused,  ///< anything else: another try would end the same
};

struct Reply {
  Outcome outcome = Outcome::kRefused;
  nlohmann::json body{};
  std::string fault{};                         ///< one clause, without the key
  std::string advice{};                        ///< what to do about it
  std::optional<std::chrono::seconds> wait{};  ///< what the server asked for
  ErrorKind kind = ErrorKind::kData;           ///< of the error that the fault becomes
};

/// What to do about a server that answers, but not as one of that kind does.
[[nodiscard]] std::string no_such_server(const Endpoint& endpoint);

/// Reads an exchange that was not interrupted. An object {"error": ...} with status 200, as proxies
/// send it, counts as the error that it is.
[[nodiscard]] Reply read_reply(const HttpText& text,
                               const Endpoint& endpoint,
                               std::chrono::system_clock::time_point now);

}  // namespace stratagram::judge
