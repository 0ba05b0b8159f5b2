// core/download.h -- files from the web onto the disk: resumed, retried, verified, then renamed, so
// that a file under its final name is always whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace stratagram {

/// Broken connections and the statuses 408, 429 and 5xx are tried again, with twice the wait each
/// time. An attempt that brought bytes starts the count anew.
struct RetryPolicy {
  int max_attempts = 5;
  int first_wait_ms = 1000;
};

struct DownloadRequest {
  std::string url;
  std::filesystem::path path;      ///< final name; its folder is made if absent
  std::string sha256{};            ///< 64 hexadecimal digits, or empty: not known
  std::string git_sha1{};          ///< the git blob id, where no SHA-256 is known; or empty
  std::optional<uint64_t> size{};  ///< bytes, where known
  std::string bearer_token{};      ///< sent to the host of `url` only
  std::string access_hint{};       ///< what to do about a 401 or 403; one clause
  RetryPolicy retry{};
};

/// Bytes on the disk so far, and in all where the server says so.
using DownloadProgress = std::function<void(uint64_t received, std::optional<uint64_t> total)>;

/// Writes to `path`.part and renames once size and digest agree. A part that is there already is
/// resumed when the request has a digest (which would show a mix of two versions), else replaced.
/// A file at `path` with the right digest is kept and nothing is fetched.
/// Throws Error: kData naming URL and status for a refusal, a broken connection, a wrong size or
/// digest (the part is removed then), and for a part that another process is writing; kDevice for
/// a full disk and kInterrupted (the part stays for the next call in both).
void download(const DownloadRequest& request, const DownloadProgress& progress = {});

struct TextRequest {
  std::string url;
  std::string bearer_token{};
  std::string access_hint{};
  RetryPolicy retry{};
};

/// The body of a small document, at most 64 MiB. Throws Error(kData) like download().
[[nodiscard]] std::string fetch_text(const TextRequest& request);

}  // namespace stratagram
