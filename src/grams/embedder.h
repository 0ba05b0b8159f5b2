// grams/embedder.h -- texts to vectors: what clustering and the selector ask of whatever makes
// them. Implementations: a sentence encoder and a policy's own hidden states in embed/, an HTTP
// service in judge/.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

namespace stratagram::grams {

/// One vector a text, row-major: that of text i is values[i * width] to values[(i + 1) * width -
/// 1].
struct Embeddings {
  std::vector<float> values{};
  int64_t width = 0;

  [[nodiscard]] int64_t num_rows() const {
    return width == 0 ? 0 : static_cast<int64_t>(values.size()) / width;
  }
  [[nodiscard]] std::span<const float> row(int64_t index) const {
    return std::span(values).subspan(static_cast<size_t>(index * width),
                                     static_cast<size_t>(width));
  }
};

class Embedder {
 public:
  virtual ~Embedder() = default;

  /// A text's vector is finite and does not depend on the other texts of the call. `progress` is
  /// told, now and then, how many texts are done. Throws Error(kInterrupted) after a signal,
  /// and what the implementation says.
  [[nodiscard]] virtual Embeddings embed(std::span<const std::string> texts,
                                         const std::function<void(int64_t)>& progress) const = 0;

  /// What decides the vectors besides the texts, for the record of a result: kind, model, digest.
  [[nodiscard]] virtual nlohmann::json description() const = 0;

 protected:
  Embedder() = default;
  Embedder(const Embedder&) = default;
  Embedder& operator=(const Embedder&) = default;
};

}  // namespace stratagram::grams
