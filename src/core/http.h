// core/http.h -- one HTTP GET over libcurl, its body handed on piece by piece.
//
// No retries, no files: those are in core/download.h. Proxies are taken from the environment as
// curl does (https_proxy, no_proxy).
#pragma once

#include <functional>
#include <map>
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

/// The URL without user, password, query and fragment, which may hold secrets.
[[nodiscard]] std::string url_for_display(std::string_view url);

/// Everything outside letters, digits and -._~ as %XX; `keep` names further bytes to leave.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view keep = "");

}  // namespace stratagram
