// cli/embedder_option.h -- the options of every command that asks for vectors of grams.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "grams/embedder.h"
#include "judge/http_embedder.h"

namespace stratagram::cli {

struct EmbedderOption {
  std::string encoder{};  ///< folder of a sentence encoder
  std::string policy{};   ///< model whose hidden states are taken instead
  std::string url{};      ///< server that is asked instead
  std::string key_variable{};
  judge::HttpEmbedderSettings server{};

  /// Declares --encoder, --policy and --embed-url, of which at most one may be given, and what
  /// belongs to the server.
  void add_to(CLI::App& command);

  [[nodiscard]] bool given() const { return !encoder.empty() || !policy.empty() || !url.empty(); }

  /// Loads what was asked for. Throws Error(kConfig) when nothing was, and like the loaders.
  [[nodiscard]] std::unique_ptr<grams::Embedder> open() const;
};

/// The vectors of texts, with a line of progress.
[[nodiscard]] grams::Embeddings embed_with_progress(const grams::Embedder& embedder,
                                                    const std::vector<std::string>& texts);

}  // namespace stratagram::cli
