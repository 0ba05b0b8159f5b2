// judge/http_embedder.h -- texts to vectors by a server's OpenAI-compatible /v1/embeddings.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "grams/embedder.h"
#include "judge/transport.h"

namespace stratagram::judge {

struct HttpEmbedderSettings {
  std::string model{};
  int64_t batch_texts = 64;  ///< texts of one request, at least 1
};

class HttpEmbedder : public grams::Embedder {
 public:
  /// Throws Error(kConfig) for no model and a batch below 1.
  HttpEmbedder(HttpEmbedderSettings settings, TransportOptions transport);

  /// One request after another; whether a vector depends on the others of its request is up to the
  /// server. Throws Error: like Transport::post(); kData, naming the texts, for a reply without a
  /// vector for each text, vectors of several widths or without numbers, and numbers that are not
  /// finite in float32.
  [[nodiscard]] grams::Embeddings embed(
      std::span<const std::string> texts,
      const std::function<void(int64_t)>& progress) const override;

  /// Names the model and the server's address; what weights stand behind them it cannot know.
  [[nodiscard]] nlohmann::json description() const override;

 private:
  [[nodiscard]] nlohmann::json asked(std::span<const std::string> texts, int64_t first) const;

  HttpEmbedderSettings settings_;
  std::unique_ptr<Transport> transport_;
};

}  // namespace stratagram::judge
