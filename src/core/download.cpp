#include "core/download.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <system_error>

#include "core/digest.h"
#include "core/error.h"
#include "core/http.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/part_file.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxTextBytes = size_t{64} << 20;

std::optional<uint64_t> header_number(const HttpHead& head,
                                      const std::string& name,
                                      std::string_view before) {
  const auto found = head.headers.find(name);
  if (found == head.headers.end()) return std::nullopt;
  std::string_view text = found->second;
  if (!text.starts_with(before)) return std::nullopt;
  text.remove_prefix(before.size());
  uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{}) return std::nullopt;
  return value;
}

bool may_pass(int status) {
  return status == 0 || status == 408 || status == 429 || status >= 500;
}

[[noreturn]] void fail_status(const std::string& url, int status, const std::string& access_hint) {
  std::string advice = "see what the address shows in a browser";
  if (status == 401 || status == 403) {
    advice = access_hint.empty() ? "access was refused; a token with the right to read it is wanted"
                                 : "access was refused; " + access_hint;
  } else if (status == 404 || status == 410) {
    advice = "nothing is there; check the name and the revision";
  } else if (status == 429) {
    advice = "the server asks to slow down; wait some minutes, then try again";
  } else if (may_pass(status)) {
    advice = "the server failed each time; try again later";
  }
  fail(ErrorKind::kData, "{}: HTTP status {}: {}", url_for_display(url), status, advice);
}

/// Counts attempts without progress and waits between them.
class Attempts {
 public:
  Attempts(const RetryPolicy& policy, const std::string& url, const std::string& access_hint)
      : policy_(policy), url_(url), access_hint_(access_hint), wait_ms_(policy.first_wait_ms) {}

  /// After a reply that is not the wanted one: returns when it is time to try again, else throws.
  void next(const HttpReply& reply, bool progressed) {
    const int status = reply.head.status;
    const bool refused = reply.end == HttpEnd::kWhole || status >= 400;
    if (refused && !may_pass(status)) fail_status(url_, status, access_hint_);
    if (progressed) {
      used_ = 0;
      wait_ms_ = policy_.first_wait_ms;
    }
    if (++used_ >= policy_.max_attempts) {
      if (refused) fail_status(url_, status, access_hint_);
      fail(ErrorKind::kData,
           "{}: {} attempts failed, the last one with: {}; check the network, then run the same "
           "command again",
           url_for_display(url_),
           policy_.max_attempts,
           reply.reason);
    }
    spdlog::warn("{}: {}; trying again in {} ms",
                 url_for_display(url_),
                 refused ? fmt::format("HTTP status {}", status) : reply.reason,
                 wait_ms_);
    pause();
  }

 private:
  void pause() {
    sleep_unless_interrupted(std::chrono::milliseconds(wait_ms_));
    wait_ms_ = std::min(2 * wait_ms_, 60'000);
  }

  const RetryPolicy& policy_;
  const std::string& url_;
  const std::string& access_hint_;
  int used_ = 0;
  int wait_ms_;
};

bool has_digest(const DownloadRequest& request) {
  return !request.sha256.empty() || !request.git_sha1.empty();
}

/// What is wrong with the file's bytes, or nothing.
std::optional<std::string> fault_of(const DownloadRequest& request, const fs::path& file) {
  const uint64_t size = fs::file_size(file);
  if (request.size && size != *request.size) {
    return fmt::format("wanted {} bytes, got {}", *request.size, size);
  }
  if (!request.sha256.empty()) {
    const std::string got = sha256_file(file);
    if (got != request.sha256) {
      return fmt::format("wanted SHA-256 {}, got {}", request.sha256, got);
    }
  } else if (!request.git_sha1.empty()) {
    const std::string got = git_blob_sha1_file(file);
    if (got != request.git_sha1) {
      return fmt::format("wanted git blob {}, got {}", request.git_sha1, got);
    }
  }
  return std::nullopt;
}

/// Writes the body of one reply to the part, once its head has shown where the bytes belong.
class BodyWriter {
 public:
  BodyWriter(const DownloadRequest& request, PartFile& part, const DownloadProgress& progress)
      : request_(request), part_(part), progress_(progress), asked_from_(part.size()) {}

  void write(const HttpHead& head, std::string_view piece) {
    if (!begin(head)) return;
    part_.append(piece);
    num_bytes_ += piece.size();
    if (progress_) progress_(part_.size(), total_);
  }

  /// False for a status whose body is not the file's.
  bool begin(const HttpHead& head) {
    if (head.status != 200 && head.status != 206) return false;
    if (begun_) return true;
    begun_ = true;
    if (head.status == 200) {
      part_.clear();
    } else if (header_number(head, "content-range", "bytes ") != asked_from_) {
      part_.clear();
      fail(ErrorKind::kData,
           "{}: asked for the bytes from {} on, the server's Content-Range does not start there; "
           "the part was emptied, try again",
           url_for_display(request_.url),
           asked_from_);
    }
    const std::optional<uint64_t> coming = header_number(head, "content-length", "");
    total_ = coming ? std::optional(part_.size() + *coming) : request_.size;
    if (coming) part_.want_space(*coming);
    return true;
  }

  [[nodiscard]] uint64_t num_bytes() const { return num_bytes_; }

 private:
  const DownloadRequest& request_;
  PartFile& part_;
  const DownloadProgress& progress_;
  uint64_t asked_from_;
  uint64_t num_bytes_ = 0;
  std::optional<uint64_t> total_;
  bool begun_ = false;
};

[[noreturn]] void fail_interrupted(const DownloadRequest& request, const PartFile& part) {
  fail(ErrorKind::kInterrupted,
       "{}: stopped after {} bytes, kept in {}; run the same command again to go on",
       url_for_display(request.url),
       part.size(),
       part.path().string());
}

/// Fetches until the part is whole.
void fill(const DownloadRequest& request, PartFile& part, const DownloadProgress& progress) {
  if (!has_digest(request) || (request.size && part.size() > *request.size)) part.clear();
  Attempts attempts(request.retry, request.url, request.access_hint);
  while (!request.size || part.size() != *request.size || part.size() == 0) {
    if (interrupted()) fail_interrupted(request, part);
    if (!has_digest(request)) part.clear();
    HttpGet get{.url = request.url, .bearer_token = request.bearer_token};
    if (part.size() > 0) get.headers.push_back(fmt::format("Range: bytes={}-", part.size()));
    BodyWriter writer(request, part, progress);
    const HttpReply reply = http_get(
        get, [&](const HttpHead& head, std::string_view piece) { writer.write(head, piece); });
    if (reply.end == HttpEnd::kInterrupted) fail_interrupted(request, part);
    if (reply.end == HttpEnd::kWhole && writer.begin(reply.head)) return;
    if (reply.end == HttpEnd::kWhole && reply.head.status == 416 && part.size() > 0) {
      // No byte lies beyond the part: it is whole already, or it is not of this file.
      if (header_number(reply.head, "content-range", "bytes */") == part.size()) return;
      part.clear();
      continue;
    }
    attempts.next(reply, writer.num_bytes() > 0);
  }
}

}  // namespace

void download(const DownloadRequest& request, const DownloadProgress& progress) {
  if (has_digest(request) && fs::is_regular_file(request.path) &&
      !fault_of(request, request.path)) {
    return;
  }
  std::error_code code;
  if (request.path.has_parent_path()) fs::create_directories(request.path.parent_path(), code);
  if (code) {
    fail(ErrorKind::kDevice,
         "{}: its folder cannot be made: {}",
         request.path.string(),
         code.message());
  }
  PartFile part(fs::path(request.path) += ".part");
  const bool resumed = part.size() > 0;
  fill(request, part, progress);
  std::optional<std::string> fault = fault_of(request, part.path());
  if (fault && resumed && has_digest(request)) {
    // The bytes that were there before may be of an older version: once more from the start.
    spdlog::warn("{}: {}; the resumed part did not fit, starting over",
                 url_for_display(request.url),
                 *fault);
    part.clear();
    fill(request, part, progress);
    fault = fault_of(request, part.path());
  }
  if (fault) {
    part.remove();
    fail(ErrorKind::kData,
         "{}: the file that came is not the one that was asked for: {}; it was removed; try again, "
         "and if it happens twice the origin has changed or the connection alters files",
         url_for_display(request.url),
         *fault);
  }
  part.finish(request.path);
}

std::string fetch_text(const TextRequest& request) {
  Attempts attempts(request.retry, request.url, request.access_hint);
  for (;;) {
    throw_if_interrupted("stopped before the answer of a server came");
    std::string text;
    const HttpGet get{.url = request.url, .bearer_token = request.bearer_token};
    const HttpReply reply = http_get(get, [&](const HttpHead&, std::string_view piece) {
      if (text.size() + piece.size() > kMaxTextBytes) {
        fail(ErrorKind::kData,
             "{}: wanted a document of at most {} bytes, more came",
             url_for_display(request.url),
             kMaxTextBytes);
      }
      text += piece;
    });
    if (reply.end == HttpEnd::kWhole && reply.head.status == 200) return text;
    if (reply.end != HttpEnd::kInterrupted) attempts.next(reply, false);
  }
}

}  // namespace stratagram
