// review/page_server.h -- a page for one person on this machine, and the calls that it makes.
//
// Knows nothing of what the page is about. Guards: it listens on the loopback unless told; its
// address holds a secret of this run, which every call must bring; requests that name another host
// are refused, so that no page of the web can reach it under a name of its own; the page may load
// nothing from elsewhere.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace stratagram::review {

struct PageFile {
  std::string_view text{};
  const char* type = "text/plain";  ///< media type
};

/// Answers a call. Throws Error(kData) and Error(kConfig) for what the page asked wrongly.
using PageCall = std::function<nlohmann::ordered_json(const nlohmann::json& request)>;

struct Page {
  std::string_view html{};
  std::map<std::string, PageFile> files{};  ///< by path, as "/frame.css"; they hold no secret
  std::map<std::string, PageCall> calls{};  ///< by path, as "/api/rows"; made one at a time
};

struct PageAddress {
  std::string host = "127.0.0.1";
  int port = 0;  ///< 0: any free one
};

/// Answers while the object lives, on threads of its own.
///   GET  /?token=SECRET   the page; 403 for another secret
///   GET  FILE             a file of the page
///   POST CALL             JSON object in, JSON out; wants the header X-Stratagram-Token. 400 with
///                         {"error": "..."} for a request that is wrong, 403 for another secret,
///                         500 for what failed here
class PageServer {
 public:
  /// Throws Error(kConfig) where it cannot listen.
  PageServer(Page page, const PageAddress& address);
  ~PageServer();
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

  /// With the secret; what a person opens.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] int port() const;
  [[nodiscard]] const std::string& token() const;

  /// Returns once interrupted().
  void serve() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stratagram::review
