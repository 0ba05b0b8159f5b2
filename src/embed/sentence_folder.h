// embed/sentence_folder.h -- what the files of a sentence-transformers folder say of the way from
// token vectors to one vector: modules.json, the pooling's config.json, sentence_bert_config.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace stratagram::embed {

enum class Pooling {
  kMean,        ///< over all tokens, special ones too
  kFirstToken,  ///< [CLS]
};

struct SentenceSettings {
  Pooling pooling = Pooling::kMean;
  bool normalize = false;               ///< to length 1
  std::optional<int64_t> max_tokens{};  ///< special ones included; none: what the model takes
};

/// Throws Error(kData) naming the file, the module or key and what it holds: modules other than
/// Transformer, Pooling and Normalize in this order, a pooling other than mean or [CLS] alone, and
/// texts that want to be made small before tokenizing.
[[nodiscard]] SentenceSettings read_sentence_settings(const std::filesystem::path& folder);

}  // namespace stratagram::embed
