#include "review/page_server.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/jsonl.h"
#include "core/log.h"

namespace stratagram::review {
namespace {

using nlohmann::ordered_json;

constexpr size_t kMaxRequestBytes = 1 << 20;
constexpr const char* kTokenHeader = "X-Stratagram-Token";
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'";

// 128 bits from the system: it keeps others out, so no stream that is keyed will do.
std::string make_token() {
  std::random_device device;
  std::string token;
  for (int i = 0; i < 4; ++i) token += fmt::format("{:08x}", device());
  return token;
}

// Its time does not tell how much of a guess was right.
bool is_same(std::string_view given, std::string_view wanted) {
  if (given.size() != wanted.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(wanted[i]);
  }
  return difference == 0;
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// "[::1]:80" and "a.b:80" without the port.
std::string name_of(const std::string& host_header) {
  if (host_header.starts_with('[')) return host_header.substr(0, host_header.find(']') + 1);
  return host_header.substr(0, host_header.find(':'));
}

bool is_address(const std::string& name) {
  if (name.starts_with('[')) return true;
  return !name.empty() && name.find_first_not_of("0123456789.") == std::string::npos;
}

void answer_error(httplib::Response& response, int status, const std::string& message) {
  ordered_json body;
  body["error"] = message;
  response.status = status;
  response.set_content(body.dump(-1, ' ', false, ordered_json::error_handler_t::replace),
                       "application/json");
}

// Two programs may not answer on one port, which the library's default would let them.
void set_reuse_address(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

}  // namespace

class PageServer::Impl {
 public:
  Impl(Page page, const PageAddress& address)
      : page_(std::move(page)), host_(address.host), token_(make_token()) {
    server_.set_socket_options(set_reuse_address);
    server_.set_payload_max_length(kMaxRequestBytes);
    server_.set_keep_alive_timeout(1);  // what stopping waits for
    server_.set_pre_routing_handler(
        [this](const auto& request, auto& response) { return check_host(request, response); });
    add_routes();
    if (address.port == 0) {
      port_ = server_.bind_to_any_port(host_);
    } else if (server_.bind_to_port(host_, address.port)) {
      port_ = address.port;
    }
    if (port_ <= 0) {
      fail(ErrorKind::kConfig,
           "cannot listen on {}:{}: another program has the port or the address is not of this "
           "machine; choose another --port, or leave it out to take a free one",
           bracketed(host_),
           address.port);
    }
    if (!is_loopback(host_)) {
      spdlog::warn(
          "{} is not of this machine alone: whoever reaches it and has the page's address "
          "can decide",
          host_);
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Impl() {
    server_.stop();
    thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] std::string url() const {
    return fmt::format("http://{}:{}/?token={}", bracketed(host_), port_, token_);
  }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& token() const { return token_; }

 private:
  httplib::Server::HandlerResponse check_host(const httplib::Request& request,
                                              httplib::Response& response) const {
    response.set_header("Content-Security-Policy", kPolicy);
    response.set_header("X-Content-Type-Options", "nosniff");
    response.set_header("Referrer-Policy", "no-referrer");
    response.set_header("Cross-Origin-Resource-Policy", "same-origin");
    response.set_header("Cache-Control", "no-store");
    const std::string name = name_of(request.get_header_value("Host"));
    const bool is_known = name == "localhost" || name == "127.0.0.1" || name == "[::1]" ||
                          name == bracketed(host_) || (!is_loopback(host_) && is_address(name));
    if (is_known) return httplib::Server::HandlerResponse::Unhandled;
    answer_error(response,
                 403,
                 fmt::format("'{}' is no name of this page; open the address that the program "
                             "printed",
                             name));
    return httplib::Server::HandlerResponse::Handled;
  }

  void add_routes() {
    server_.Get("/", [this](const httplib::Request& request, httplib::Response& response) {
      if (is_same(request.get_param_value("token"), token_)) {
        response.set_content(page_.html.data(), page_.html.size(), "text/html; charset=utf-8");
        return;
      }
      response.status = 403;
      response.set_content(
          "Open the address that the program printed: it holds a token of this "
          "run.\n",
          "text/plain");
    });
    for (const auto& [path, file] : page_.files) {
      server_.Get(path, [&file = file](const httplib::Request&, httplib::Response& response) {
        response.set_content(
            file.text.data(), file.text.size(), std::string(file.type) + "; charset=utf-8");
      });
    }
    server_.Get("/favicon.ico", [](const httplib::Request&, httplib::Response& response) {
      response.status = 204;
    });
    for (const auto& [path, call] : page_.calls) {
      server_.Post(
          path, [this, &call = call](const httplib::Request& request, httplib::Response& response) {
            answer(call, request, response);
          });
    }
  }

  void answer(const PageCall& call, const httplib::Request& request, httplib::Response& response) {
    if (!is_same(request.get_header_value(kTokenHeader), token_)) {
      answer_error(
          response, 403, "the token is of another run; open the address that the program printed");
      return;
    }
    try {
      const nlohmann::json body = parse_json_object(request.body, "request");
      const std::lock_guard lock(mutex_);
      response.set_content(call(body).dump(-1, ' ', false, ordered_json::error_handler_t::replace),
                           "application/json");
    } catch (const Error& error) {
      const bool is_request =
          error.kind() == ErrorKind::kData || error.kind() == ErrorKind::kConfig;
      if (!is_request) spdlog::error("{}", error.what());
      answer_error(response, is_request ? 400 : 500, error.what());
    } catch (const std::exception& error) {
      spdlog::error("{}", error.what());
      answer_error(response, 500, error.what());
    }
  }

  Page page_;
  std::string host_;
  std::string token_;
  httplib::Server server_;
  std::mutex mutex_;  // calls are made one at a time
  std::thread thread_;
  int port_ = 0;
};

PageServer::PageServer(Page page, const PageAddress& address)
    : impl_(std::make_unique<Impl>(std::move(page), address)) {}

PageServer::~PageServer() = default;

std::string PageServer::url() const {
  return impl_->url();
}

int PageServer::port() const {
  return impl_->port();
}

const std::string& PageServer::token() const {
  return impl_->token();
}

// A member so that only a server that listens can be waited for.
void PageServer::serve() const {
  while (!interrupted()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

}  // namespace stratagram::review
