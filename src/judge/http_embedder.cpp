#include "judge/http_embedder.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "core/error.h"

namespace stratagram::judge {
namespace {

using nlohmann::json;

constexpr const char* kPath = "/embeddings";

// Where a reply belongs to, for messages.
struct Batch {
  std::string where;
  int64_t first = 0;  // number of its first text
  int64_t size = 0;

  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorKind::kData,
         "{}: texts {} to {}: {}; this is no OpenAI-compatible server for embeddings, or the model "
         "is none",
         where,
         first,
         first + size - 1,
         fmt::format(format, std::forward<Args>(args)...));
  }
};

// By text: the list of numbers. Servers may answer in any order, each with its index.
std::vector<const json*> vectors_of(const json& reply, const Batch& batch) {
  const auto data = reply.find("data");
  if (data == reply.end() || !data->is_array()) batch.refuse("wanted a list 'data', got none");
  if (static_cast<int64_t>(data->size()) != batch.size) {
    batch.refuse("wanted {} vectors, got {}", batch.size, data->size());
  }
  std::vector<const json*> vectors(data->size(), nullptr);
  for (size_t i = 0; i < data->size(); ++i) {
    const json& item = (*data)[i];
    if (!item.is_object() || !item.contains("embedding") || !item["embedding"].is_array()) {
      batch.refuse("vector {}: wanted a list of numbers 'embedding', got none", i);
    }
    const json index = item.value("index", json(i));
    if (!index.is_number_integer() || index < 0 || index >= batch.size ||
        vectors[index.get<size_t>()] != nullptr) {
      batch.refuse("vector {}: wanted an index of its own below {}, got {}",
                   i,
                   batch.size,
                   index.dump().substr(0, 20));
    }
    vectors[index.get<size_t>()] = &item["embedding"];
  }
  return vectors;
}

void append_(const json& vector, int64_t number, const Batch& batch, grams::Embeddings& made) {
  const auto width = static_cast<int64_t>(vector.size());
  if (made.width == 0) made.width = width;
  if (width == 0 || width != made.width) {
    batch.refuse("vector {}: wanted {} numbers, got {}",
                 number,
                 made.width == 0 ? "some" : std::to_string(made.width),
                 width);
  }
  if (vector.front().is_array()) {
    batch.refuse(
        "vector {}: wanted one vector a text, got {}, one a token: the model at the server "
        "does not pool them; serve a sentence encoder, or set the server's pooling",
        number,
        vector.size());
  }
  for (const json& x : vector) {
    const auto value = x.is_number() ? static_cast<float>(x.get<double>()) : std::nanf("");
    if (!std::isfinite(value)) {
      batch.refuse("vector {}: wanted numbers that are finite in float32, got {}",
                   number,
                   x.dump().substr(0, 20));
    }
    made.values.push_back(value);
  }
}

Transport::Reading reading_of(const json& reply) {
  Transport::Reading reading;
  const auto usage = reply.find("usage");
  if (usage == reply.end() || !usage->is_object()) return reading;
  const auto tokens = usage->find("prompt_tokens");
  if (tokens != usage->end() && tokens->is_number_unsigned()) {
    reading.tokens = TokenUse{.prompt = tokens->get<int64_t>()};
  }
  return reading;
}

}  // namespace

HttpEmbedder::HttpEmbedder(HttpEmbedderSettings settings, TransportOptions transport)
    : settings_(std::move(settings)),
      transport_(std::make_unique<Transport>(std::move(transport))) {
  if (settings_.model.empty()) {
    fail(ErrorKind::kConfig,
         "embeddings: wanted the name of a model, got none; {} gives it",
         transport_->options().endpoint.flags.model);
  }
  if (settings_.batch_texts < 1) {
    fail(ErrorKind::kConfig,
         "embeddings: wanted 1 text a request or more, got {}",
         settings_.batch_texts);
  }
}

json HttpEmbedder::asked(std::span<const std::string> texts, int64_t first) const {
  int64_t num_bytes = 0;
  for (const std::string& text : texts) num_bytes += static_cast<int64_t>(text.size());
  return transport_->post({.path = kPath,
                           .body = {{"model", settings_.model},
                                    {"input", std::vector(texts.begin(), texts.end())},
                                    {"encoding_format", "float"}},
                           .name = fmt::format("embeddings {}", first),
                           .estimated_tokens = (num_bytes + 3) / 4},
                          reading_of);
}

grams::Embeddings HttpEmbedder::embed(std::span<const std::string> texts,
                                      const std::function<void(int64_t)>& progress) const {
  grams::Embeddings made;
  const auto num_texts = static_cast<int64_t>(texts.size());
  for (int64_t first = 0; first < num_texts; first += settings_.batch_texts) {
    const Batch batch{.where = transport_->options().endpoint.url + kPath,
                      .first = first,
                      .size = std::min(settings_.batch_texts, num_texts - first)};
    const auto part = texts.subspan(static_cast<size_t>(first), static_cast<size_t>(batch.size));
    const json reply = asked(part, first);
    const std::vector<const json*> vectors = vectors_of(reply, batch);
    for (size_t i = 0; i < vectors.size(); ++i) {
      append_(*vectors[i], static_cast<int64_t>(i), batch, made);
    }
    progress(first + batch.size);
  }
  return made;
}

json HttpEmbedder::description() const {
  return {
      {"kind", "server"}, {"model", settings_.model}, {"url", transport_->options().endpoint.url}};
}

}  // namespace stratagram::judge
