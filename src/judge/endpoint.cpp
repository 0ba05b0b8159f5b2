#include "judge/endpoint.h"

#include <cstdlib>
#include <string_view>

#include "core/error.h"
#include "core/http.h"

namespace stratagram::judge {

std::string base_url(const std::string& text, const EndpointFlags& flags) {
  std::string url = text;
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    fail(ErrorKind::kConfig,
         "{} '{}': wanted an address that starts with http:// or https://",
         flags.url,
         url_for_display(url));
  }
  if (url_for_display(url) != url) {
    fail(ErrorKind::kConfig,
         "{} {}: wanted an address without user, password, '?' and '#'; a key goes through the "
         "environment, and {} names the variable",
         flags.url,
         url_for_display(url),
         flags.key);
  }
  const size_t host = url.find("://") + 3;
  if (host == url.size() || url[host] == '/') {
    fail(ErrorKind::kConfig, "{} '{}': wanted the address of a host", flags.url, text);
  }
  while (url.ends_with('/')) url.pop_back();
  for (const std::string_view call : {"/chat/completions", "/embeddings"}) {
    if (url.ends_with(call)) url.resize(url.size() - call.size());
  }
  if (url.find('/', host) == std::string::npos) url += "/v1";
  return url;
}

std::string key_from_environment(const std::string& variable, const EndpointFlags& flags) {
  if (variable.empty()) return "";
  const char* value = std::getenv(variable.c_str());
  const std::string_view text = value == nullptr ? "" : value;
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) {
    fail(ErrorKind::kConfig,
         "the variable {} is to hold the server's key, but it is {}; set it, or leave {} out for a "
         "server that wants none",
         variable,
         value == nullptr ? "not set" : "empty",
         flags.key);
  }
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

std::string without_key(std::string text, const std::string& key) {
  if (key.empty()) return text;
  constexpr std::string_view kInstead = "[key]";
  for (size_t at = text.find(key); at != std::string::npos; at = text.find(key, at)) {
    text.replace(at, key.size(), kInstead);
    at += kInstead.size();
  }
  return text;
}

}  // namespace stratagram::judge
