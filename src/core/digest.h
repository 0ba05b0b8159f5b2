// core/digest.h -- SHA-256 of bytes and files, as 64 lower-case hexadecimal digits; git blob ids.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace stratagram {

/// Incremental SHA-256. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  /// Ends the digest; the object must not be used afterwards.
  [[nodiscard]] std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

[[nodiscard]] std::string sha256(std::string_view bytes);

/// Throws Error(kData) with the path when the file cannot be read.
[[nodiscard]] std::string sha256_file(const std::filesystem::path& path);

/// The id that git gives a file of these bytes: SHA-1 of "blob SIZE", a zero byte and the content,
/// as 40 hexadecimal digits. Model hubs name small files by it. Throws like sha256_file.
[[nodiscard]] std::string git_blob_sha1_file(const std::filesystem::path& path);

}  // namespace stratagram
