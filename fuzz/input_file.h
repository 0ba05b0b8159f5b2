// fuzz/input_file.h -- an input as a file, for parsers that take a path. It lies in memory only.
#pragma once

#include <filesystem>
#include <string_view>

namespace stratagram::fuzz {

/// One file whose content is replaced at each write(). A child process sees it under the same path.
class InputFile {
 public:
  /// Throws Error(kInternal) when the system gives no such file.
  InputFile();
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// Returns the path of a file that holds just these bytes until the next call. Throws
  /// Error(kInternal) when memory runs out.
  [[nodiscard]] std::filesystem::path write(std::string_view bytes) const;

 private:
  int descriptor_;
};

}  // namespace stratagram::fuzz
