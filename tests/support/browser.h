// tests/support/browser.h -- a real Chromium without a window, driven over its debugging pipe: no
// driver and no socket in between.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/temp_folder.h"

namespace stratagram {

/// One page of one browser. Whatever takes longer than half a minute throws std::runtime_error.
class Browser {
 public:
  /// $STRATAGRAM_CHROMIUM, else chromium, chromium-browser or google-chrome on the PATH, or none.
  [[nodiscard]] static std::optional<std::filesystem::path> find();

  explicit Browser(const std::filesystem::path& program);
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  void set_size(int width, int height);
  void set_dark(bool dark);

  /// Returns once the page has loaded.
  void open(const std::string& url);

  /// What an expression gives; a promise is waited for. Throws what the script throws.
  nlohmann::json evaluate(const std::string& expression);

  /// Returns once the expression gives true. Throws with `expression` and the text of the page.
  void wait_until(const std::string& expression);

  /// A key as a person presses it: "a", "/", "Enter", "ArrowDown", "Escape".
  void press(const std::string& key);
  void type(const std::string& text);

  void save_screenshot(const std::filesystem::path& png);

  /// What the page complained of so far: exceptions, errors on the console, refused loads.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  nlohmann::json command(const std::string& method,
                         const nlohmann::json& parameters = nlohmann::json::object());
  nlohmann::json next_message();
  void take_event(const nlohmann::json& message);

  TempFolder profile_;
  pid_t pid_ = 0;
  int to_ = -1;
  int from_ = -1;
  std::string received_;
  std::string session_;
  int64_t last_id_ = 0;
  bool loaded_ = false;
  std::vector<std::string> complaints_;
};

}  // namespace stratagram
