#include "core/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <exception>
#include <memory>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"

namespace stratagram {
namespace {

constexpr long kConnectTimeoutS = 30;
constexpr long kSilenceTimeoutS = 60;
constexpr long kMaxRedirects = 10;
constexpr long kBufferBytes = 256L * 1024;

struct Transfer {
  const HttpBody& on_body;
  HttpHead head;
  std::exception_ptr thrown;  // carried past curl, which is C and must not be unwound
  bool stopped = false;
};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return result;
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

int status_of(std::string_view line) {
  const size_t space = line.find(' ');
  int status = 0;
  if (space != std::string_view::npos) {
    std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
  }
  return status;
}

size_t on_header(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) {  // each redirect starts a new head
    transfer.head = {.status = status_of(line), .headers = {}};
  } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
    transfer.head.headers[lower(trim(line.substr(0, colon)))] = trim(line.substr(colon + 1));
  }
  return size * count;
}

size_t on_piece(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    transfer.on_body(transfer.head, std::string_view(data, size * count));
  } catch (const std::exception&) {
    transfer.thrown = std::current_exception();
    return 0;
  }
  // A fast line may bring megabytes between two calls of on_progress.
  transfer.stopped = interrupted();
  return transfer.stopped ? 0 : size * count;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.stopped = interrupted();
  return transfer.stopped ? 1 : 0;
}

struct CloseEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, CloseEasy>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

template <typename Value>
void set(const Easy& easy, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy.get(), option, value);
  STRATAGRAM_CHECK(
      code == CURLE_OK, "curl option {}: {}", static_cast<int>(option), curl_easy_strerror(code));
}

void check_request(const std::string& url, const std::string& bearer_token) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    fail(ErrorKind::kConfig,
         "{}: wanted an address that starts with http:// or https://",
         url_for_display(url));
  }
  const auto unprintable = [](unsigned char c) { return c <= ' ' || c >= 0x7F; };
  if (std::any_of(bearer_token.begin(), bearer_token.end(), unprintable)) {
    fail(ErrorKind::kConfig,
         "{}: the access token holds a space, a line break or another character that no token "
         "has; set it anew",
         url_for_display(url));
  }
}

// What a GET and a POST share.
Easy prepare(const std::string& url,
             const std::string& bearer_token,
             Transfer& transfer,
             char* error_text) {
  check_request(url, bearer_token);
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  STRATAGRAM_CHECK(global == CURLE_OK, "curl does not start: {}", curl_easy_strerror(global));
  Easy easy(curl_easy_init());
  STRATAGRAM_CHECK(easy != nullptr, "curl gives no handle");
  set(easy, CURLOPT_URL, url.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_CONNECTTIMEOUT, kConnectTimeoutS);
  set(easy, CURLOPT_BUFFERSIZE, kBufferBytes);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_USERAGENT, "stratagram");
  set(easy, CURLOPT_ERRORBUFFER, error_text);
  set(easy, CURLOPT_HEADERFUNCTION, &on_header);
  set(easy, CURLOPT_HEADERDATA, &transfer);
  set(easy, CURLOPT_WRITEFUNCTION, &on_piece);
  set(easy, CURLOPT_WRITEDATA, &transfer);
  set(easy, CURLOPT_NOPROGRESS, 0L);
  set(easy, CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(easy, CURLOPT_XFERINFODATA, &transfer);
  if (!bearer_token.empty()) {
    // As an authentication method, not as a header: curl then keeps it from other hosts.
    set(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    set(easy, CURLOPT_XOAUTH2_BEARER, bearer_token.c_str());
    set(easy, CURLOPT_UNRESTRICTED_AUTH, 0L);
  }
  return easy;
}

HeaderList header_list(const std::vector<std::string>& lines) {
  HeaderList list;
  for (const std::string& line : lines) {
    list.reset(curl_slist_append(list.release(), line.c_str()));
  }
  return list;
}

HttpReply perform(const Easy& easy, const Transfer& transfer, const char* error_text) {
  const CURLcode code = curl_easy_perform(easy.get());
  if (transfer.thrown) std::rethrow_exception(transfer.thrown);
  if (transfer.stopped) return {.head = transfer.head, .end = HttpEnd::kInterrupted, .reason = {}};
  if (code == CURLE_OK) return {.head = transfer.head, .end = HttpEnd::kWhole, .reason = {}};
  const std::string reason = *error_text != '\0' ? error_text : curl_easy_strerror(code);
  return {.head = transfer.head, .end = HttpEnd::kBroken, .reason = reason};
}

}  // namespace

HttpReply http_get(const HttpGet& request, const HttpBody& on_body) {
  Transfer transfer{.on_body = on_body, .head = {}, .thrown = nullptr};
  char error_text[CURL_ERROR_SIZE] = "";
  const Easy easy = prepare(request.url, request.bearer_token, transfer, error_text);
  const bool secure = request.url.starts_with("https://");
  set(easy, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 1L);
  set(easy, CURLOPT_MAXREDIRS, kMaxRedirects);
  set(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(easy, CURLOPT_LOW_SPEED_TIME, kSilenceTimeoutS);
  const HeaderList headers = header_list(request.headers);
  set(easy, CURLOPT_HTTPHEADER, headers.get());
  return perform(easy, transfer, error_text);
}

HttpText http_post(const HttpPost& request) {
  HttpText text;
  const HttpBody on_body = [&](const HttpHead&, std::string_view piece) {
    if (text.body.size() + piece.size() > request.max_reply_bytes) {
      fail(ErrorKind::kData,
           "{}: wanted a reply of at most {} bytes, more came",
           url_for_display(request.url),
           request.max_reply_bytes);
    }
    text.body += piece;
  };
  Transfer transfer{.on_body = on_body, .head = {}, .thrown = nullptr};
  char error_text[CURL_ERROR_SIZE] = "";
  const Easy easy = prepare(request.url, request.bearer_token, transfer, error_text);
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  set(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  // Without "Expect:" curl waits up to a second for servers that do not know "100-continue".
  const HeaderList headers = header_list({"Content-Type: application/json", "Expect:"});
  set(easy, CURLOPT_HTTPHEADER, headers.get());

  HttpReply reply = perform(easy, transfer, error_text);

  text.head = std::move(reply.head);
  text.end = reply.end;
  text.reason = std::move(reply.reason);
  return text;
}

std::optional<std::chrono::seconds> retry_after(const HttpHead& head,
                                                std::chrono::system_clock::time_point now) {
  const auto found = head.headers.find("retry-after");
  if (found == head.headers.end()) return std::nullopt;
  const std::string& value = found->second;
  int64_t number = 0;
  const char* const last = value.data() + value.size();
  const auto [end, fault] = std::from_chars(value.data(), last, number);
  if (fault == std::errc() && end == last) {
    if (number < 0) return std::nullopt;
    return std::chrono::seconds(number);
  }
  const time_t date = curl_getdate(value.c_str(), nullptr);
  if (date < 0) return std::nullopt;
  const int64_t wait = int64_t{date} - std::chrono::system_clock::to_time_t(now);
  return std::chrono::seconds(std::max<int64_t>(wait, 0));
}

std::string url_for_display(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t scheme = url.find("://");
  const size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::string_view authority = url.substr(host, url.find('/', host) - host);
  const size_t at = authority.rfind('@');
  const size_t skip = at == std::string_view::npos ? 0 : at + 1;
  return std::string(url.substr(0, host)) + std::string(url.substr(host + skip));
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string result;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos || keep.find(c) != std::string_view::npos) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

}  // namespace stratagram
