#include "judge/reply.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "core/jsonl.h"
#include "judge/excerpt.h"

namespace stratagram::judge {
namespace {

using nlohmann::json;

constexpr size_t kMaxWords = 240;

bool may_pass(int64_t status) {
  return status == 408 || status == 409 || status == 429 || (status >= 500 && status <= 599);
}

bool is_html(const HttpText& text) {
  const auto type = text.head.headers.find("content-type");
  if (type != text.head.headers.end() && type->second.find("html") != std::string::npos) {
    return true;
  }
  const size_t first = text.body.find_first_not_of(" \t\r\n");
  return first != std::string::npos && text.body[first] == '<';
}

// The words of an error in the forms that servers have for it; empty when there are none.
std::string words_of(const json& body) {
  if (!body.is_object()) return "";
  for (const char* name : {"error", "message", "detail"}) {
    const auto found = body.find(name);
    if (found == body.end() || found->is_null()) continue;
    if (found->is_string()) return found->get<std::string>();
    if (found->is_object() && found->contains("message") && found->at("message").is_string()) {
      return found->at("message").get<std::string>();
    }
    return to_json_line(*found);
  }
  return "";
}

std::string advice_for(int64_t status, const Endpoint& endpoint) {
  if (status == 401 || status == 403) {
    return endpoint.key.empty() ? "access was refused, and no key was sent: name the variable that "
                                  "holds it with " +
                                      endpoint.flags.key
                                : "access was refused: see that the key is of this server and may "
                                  "use this model";
  }
  if (status == 404 || status == 405) {
    return fmt::format("the server knows no such address or no such model: see {} and {}",
                       endpoint.flags.url,
                       endpoint.flags.model);
  }
  if (status == 429) {
    return "the server asks to slow down: " +
           (endpoint.flags.pace.empty() ? "try again later" : "lower " + endpoint.flags.pace);
  }
  if (may_pass(status)) return "the server failed each time: try again later";
  if (status >= 300 && status <= 399) return "name the final address with " + endpoint.flags.url;
  return "the server cannot serve this request: its words should say why";
}

Reply read_status(const HttpText& text,
                  const json& body,
                  int64_t status,
                  const Endpoint& endpoint) {
  std::string words = is_html(text) ? "an HTML page" : words_of(body);
  if (words.empty()) words = text.body;
  if (status >= 300 && status <= 399) {
    const auto location = text.head.headers.find("location");
    words = location == text.head.headers.end() ? "" : "to " + url_for_display(location->second);
  }
  words = one_line(without_key(words, endpoint.key), kMaxWords);
  const bool is_config = status < 400 || status == 401 || status == 403 || status == 404;
  return {.outcome = may_pass(status) ? Outcome::kPassing : Outcome::kRefused,
          .fault = fmt::format("HTTP status {}{}{}", status, words.empty() ? "" : ": ", words),
          .advice = advice_for(status, endpoint),
          .kind = is_config ? ErrorKind::kConfig : ErrorKind::kData};
}

// The status that {"error": {"code": 429}} names, or that of a request nobody can serve.
int64_t status_in(const json& error) {
  if (!error.is_object() || !error.contains("code")) return 400;
  const json& code = error.at("code");
  const bool is_status = code.is_number_integer() && code >= 400 && code <= 599;
  return is_status ? code.get<int64_t>() : 400;
}

}  // namespace

std::string no_such_server(const Endpoint& endpoint) {
  return fmt::format("see that {} names an OpenAI-compatible server", endpoint.flags.url);
}

Reply read_reply(const HttpText& text,
                 const Endpoint& endpoint,
                 std::chrono::system_clock::time_point now) {
  if (text.end == HttpEnd::kBroken && text.head.status < 400) {
    return {
        .outcome = Outcome::kPassing,
        .fault = without_key(text.reason, endpoint.key),
        .advice = fmt::format("see that the server runs and that {} names it", endpoint.flags.url)};
  }
  json body = json::parse(text.body, nullptr, /*allow_exceptions=*/false);
  Reply reply;
  if (const int status = text.head.status; status < 200 || status > 299) {
    reply = read_status(text, body, status, endpoint);
  } else if (is_html(text)) {
    reply = {
        .outcome = Outcome::kRefused,
        .fault = "wanted JSON, got an HTML page",
        .advice = "this is the address of a web page, not of an API: see " + endpoint.flags.url,
        .kind = ErrorKind::kConfig};
  } else if (!body.is_object()) {
    reply = {.outcome = Outcome::kPassing,
             .fault = fmt::format("wanted a JSON object, got '{}'",
                                  one_line(without_key(text.body, endpoint.key), 60)),
             .advice = no_such_server(endpoint)};
  } else if (body.contains("error") && !body.at("error").is_null()) {
    reply = read_status(text, body, status_in(body.at("error")), endpoint);
  } else {
    return {.outcome = Outcome::kAnswer, .body = std::move(body)};
  }
  reply.wait = retry_after(text.head, now);
  return reply;
}

}  // namespace stratagram::judge
