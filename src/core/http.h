// core/http.h -- one exchange over libcurl: a GET whose body is handed on piece by piece, or a POST
// whose reply is a text of bounded size.
//
// No retries, no files: those of a GET are in core/download.h. Proxies are taken from the
// environment as curl does (https_proxy, no_proxy).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stratagram {

struct HttpGet {
  std::string url;             ///< http:// or https://, nothing else
  std::string bearer_token{};  ///< sent to the host, port and scheme of `url` only; empty: none
  std::vector<std::string> headers{};  ///< whole lines, "Range: bytes=5-"; follow every redirect
};

/// Status and headers of the reply that carries the body, after redirects.
struct HttpHead {
  int status = 0;                              ///< 0 until a reply came
  std::map<std::string, std::string> headers;  ///< names in lower case
};

enum class HttpEnd {
  kWhole,        ///< the body came to its announced end
  kBroken,       ///< no connection, or it broke; `reason` says how
  kInterrupted,  ///< interrupted() became true
};

struct HttpReply {
  HttpHead head;
  HttpEnd end = HttpEnd::kWhole;
  std::string reason;  ///< curl's words when broken; never holds the token
};

using HttpBody = std::function<void(const HttpHead& head, std::string_view piece)>;

/// Follows up to 10 redirects, never from https to http. Gives up on a connection after 30 s, on
/// a silent one after 60 s. Throws what `on_body` throws, and Error(kConfig) for a URL or a token
/// that cannot be sent. Safe from any thread.
[[nodiscard]] HttpReply http_get(const HttpGet& request, const HttpBody& on_body);

struct HttpPost {
  std::string url;                     ///< http:// or https://, nothing else
  std::string body;                    ///< sent as application/json
  std::string bearer_token{};          ///< sent to `url` only; empty: none
  std::chrono::milliseconds timeout;   ///< of the whole exchange; a silent server may be at work
  size_t max_reply_bytes = 64U << 20;  ///< what is longer is an error
};

struct HttpText {
  HttpHead head;
  HttpEnd end = HttpEnd::kWhole;
  std::string reason;  ///< curl's words when broken; never holds the token
  std::string body;    ///< all of it when whole, else what came
};

/// Follows no redirect: the reply then has a status of 300 to 399. Gives up on a connection after
/// 30 s (or the timeout). Throws Error: kData for a reply that is too long; kConfig like
/// http_get(). Safe from any thread.
[[nodiscard]] HttpText http_post(const HttpPost& request);

/// What a Retry-After header asks for, as seconds or as a date after `now`; none without one, and
/// for one that cannot be read. A date that has passed asks for 0.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(
    const HttpHead& head, std::chrono::system_clock::time_point now);

/// The URL without user, password, query and fragment, which may hold secrets.
[[nodiscard]] std::string url_for_display(std::string_view url);

/// Everything outside letters, digits and -._~ as %XX; `keep` names further bytes to leave.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view keep = "");

}  // namespace stratagram
