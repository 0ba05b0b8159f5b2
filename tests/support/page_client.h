// tests/support/page_client.h -- the calls that the script of a page makes, of a program that runs.
#pragma once

#include <httplib.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/support/running_program.h"

namespace stratagram {

/// Waits for the address that the program prints.
class PageOf {
 public:
  explicit PageOf(RunningProgram& program) {
    const std::string url = program.wait_for("open ");  // http://127.0.0.1:PORT/?token=TOKEN
    const size_t port = url.rfind(':');
    token_ = url.substr(url.find("token=") + 6);
    client_.emplace("127.0.0.1", std::stoi(url.substr(port + 1)));
  }

  /// The reply, or null where the page refuses.
  nlohmann::json call(const std::string& path, const nlohmann::json& request) {
    const auto answer =
        client_->Post(path, {{"X-Stratagram-Token", token_}}, request.dump(), "application/json");
    if (!answer || answer->status != 200) return {};
    return nlohmann::json::parse(answer->body);
  }

 private:
  std::optional<httplib::Client> client_;
  std::string token_;
};

}  // namespace stratagram
