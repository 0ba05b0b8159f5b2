// tests/support/post_server.h -- a server on the loopback that answers POST requests as a test
// says: late, cut short, with any status, header and body. It keeps what it was asked.
#pragma once

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace stratagram {

struct SeenPost {
  std::string path;
  std::string body;
  std::string authorization;
  std::string content_type;
  size_t number = 0;  ///< requests that came before this one
  std::chrono::steady_clock::time_point at{};
};

struct PostAnswer {
  std::string body{};
  int status = 200;
  std::string type = "application/json";
  std::map<std::string, std::string> headers{};
  std::chrono::milliseconds delay{0};  ///< before the first byte; ends early with the server
  size_t cut_after = 0;  ///< so many bytes of the body, then a closed line; 0: all of them
};

/// Runs while the object lives. `answer` is called from several threads at once.
class PostServer {
 public:
  using Answer = std::function<PostAnswer(const SeenPost&)>;

  explicit PostServer(Answer answer) : answer_(std::move(answer)) {
    server_.Post(".*", [this](const httplib::Request& request, httplib::Response& response) {
      reply(request, response);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    if (port_ <= 0) throw std::runtime_error("no free port on the loopback");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~PostServer() {
    ending_ = true;
    server_.stop();
    thread_.join();
  }
  PostServer(const PostServer&) = delete;
  PostServer& operator=(const PostServer&) = delete;

  [[nodiscard]] std::string url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] std::vector<SeenPost> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  [[nodiscard]] size_t most_at_once() const { return most_at_once_; }

 private:
  SeenPost keep(const httplib::Request& request) {
    const std::lock_guard lock(mutex_);
    seen_.push_back({.path = request.path,
                     .body = request.body,
                     .authorization = request.get_header_value("Authorization"),
                     .content_type = request.get_header_value("Content-Type"),
                     .number = seen_.size(),
                     .at = std::chrono::steady_clock::now()});
    most_at_once_ = std::max<size_t>(most_at_once_, ++num_at_work_);
    return seen_.back();
  }

  void reply(const httplib::Request& request, httplib::Response& response) {
    const PostAnswer answer = answer_(keep(request));
    const auto end = std::chrono::steady_clock::now() + answer.delay;
    while (!ending_ && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    --num_at_work_;
    response.status = answer.status;
    for (const auto& [name, value] : answer.headers) response.set_header(name, value);
    if (answer.cut_after == 0) return response.set_content(answer.body, answer.type);
    response.set_content_provider(answer.body.size(),
                                  answer.type,
                                  [piece = answer.body.substr(0, answer.cut_after)](
                                      size_t offset, size_t /*length*/, httplib::DataSink& sink) {
                                    return offset == 0 && sink.write(piece.data(), piece.size());
                                  });
  }

  Answer answer_;
  mutable std::mutex mutex_;
  std::vector<SeenPost> seen_;
  std::atomic<size_t> num_at_work_{0};
  std::atomic<size_t> most_at_once_{0};
  std::atomic<bool> ending_{false};
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
};

}  // namespace stratagram
