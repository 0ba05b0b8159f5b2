// judge/endpoint.h -- where a server is reached, and the key that opens it. The key comes from the
// environment alone and is never written anywhere.
#pragma once

#include <chrono>
#include <string>

namespace stratagram::judge {

/// What a command calls the parts of an endpoint, for messages.
struct EndpointFlags {
  std::string url = "--judge";
  std::string model = "--model";
  std::string key = "--key-env";
  std::string pace = "--requests-per-minute";  ///< empty: the command has none
};

struct Endpoint {
  std::string url;    ///< base address as base_url() gives it
  std::string key{};  ///< sent as a bearer token; empty: none
  std::chrono::milliseconds timeout = std::chrono::seconds(300);  ///< of one request
  EndpointFlags flags{};
};

/// The base address of an OpenAI-compatible server, to which "/chat/completions" is appended:
/// without a final slash or a path of a single call, with "/v1" where `text` names a host alone.
/// Throws Error(kConfig) for another scheme, and for user, password, query or fragment, which
/// would end up in messages.
[[nodiscard]] std::string base_url(const std::string& text, const EndpointFlags& flags = {});

/// The key in that variable of the environment, without surrounding white space; empty for an empty
/// name. Throws Error(kConfig) when the variable is unset or empty.
[[nodiscard]] std::string key_from_environment(const std::string& variable,
                                               const EndpointFlags& flags = {});

/// The text with every occurrence of the key replaced, as servers repeat it in their errors.
[[nodiscard]] std::string without_key(std::string text, const std::string& key);

}  // namespace stratagram::judge
