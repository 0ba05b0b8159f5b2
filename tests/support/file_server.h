// tests/support/file_server.h -- a web server on the loopback, with the faults of real ones: it
// cuts bodies short, ignores Range, answers with errors, redirects. It keeps what it was asked.
#pragma once

#include <httplib.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace stratagram {

struct ServedFile {
  std::string bytes{};
  int status = 200;      ///< anything but 200 is answered with the bytes as error text
  int num_failures = 0;  ///< so many first requests get status 503
  int num_cuts = 0;      ///< so many first requests get `cut_after` bytes, then a closed line
  size_t cut_after = 0;
  bool ignores_range = false;
  size_t announced_size = 0;  ///< Content-Length where it is to differ; 0: the true size
  std::string location{};     ///< not empty: a redirect to there
};

struct SeenRequest {
  std::string path;
  std::string range;
  std::string authorization;
};

/// Runs while the object lives. Paths are those of the URL, with the query left off.
class FileServer {
 public:
  explicit FileServer(std::map<std::string, ServedFile> files = {}) : files_(std::move(files)) {
    server_.Get(".*", [this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    if (port_ <= 0) throw std::runtime_error("no free port on the loopback");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~FileServer() {
    server_.stop();
    thread_.join();
  }
  FileServer(const FileServer&) = delete;
  FileServer& operator=(const FileServer&) = delete;

  [[nodiscard]] std::string url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  void serve(const std::string& path, ServedFile file) {
    const std::lock_guard lock(mutex_);
    files_[path] = std::move(file);
  }
  [[nodiscard]] std::vector<SeenRequest> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  void answer(const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    seen_.push_back({request.path,
                     request.get_header_value("Range"),
                     request.get_header_value("Authorization")});
    const auto found = files_.find(request.path);
    if (found == files_.end()) {
      response.status = 404;
      return;
    }
    ServedFile& file = found->second;
    if (!file.location.empty()) return response.set_redirect(file.location);
    if (file.num_failures > 0) {
      --file.num_failures;
      response.status = 503;
    } else if (file.status != 200) {
      response.status = file.status;
      response.set_content(file.bytes, "text/plain");
    } else {
      send(file, request, response);
    }
  }

  static void send(ServedFile& file, const httplib::Request& request, httplib::Response& response) {
    if (!request.ranges.empty() && file.ignores_range) {
      const_cast<httplib::Request&>(request).ranges.clear();  // httplib applies ranges by itself
    }
    if (!request.ranges.empty() &&
        request.ranges.front().first >= static_cast<ssize_t>(file.bytes.size())) {
      const_cast<httplib::Request&>(request).ranges.clear();
      response.status = 416;
      response.set_header("Content-Range", "bytes */" + std::to_string(file.bytes.size()));
      return;
    }
    const bool cuts = file.num_cuts > 0;
    if (cuts) --file.num_cuts;
    const size_t size = file.announced_size > 0 ? file.announced_size : file.bytes.size();
    size_t left = cuts ? file.cut_after : size;
    response.set_content_provider(
        size,
        "application/octet-stream",
        [bytes = file.bytes, left](size_t offset, size_t length, httplib::DataSink& sink) mutable {
          if (left == 0 || offset >= bytes.size()) return false;
          const size_t count = std::min({left, length, bytes.size() - offset});
          left -= count;
          return sink.write(bytes.data() + offset, count);
        });
  }

  mutable std::mutex mutex_;
  std::map<std::string, ServedFile> files_;
  std::vector<SeenRequest> seen_;
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
};

}  // namespace stratagram
