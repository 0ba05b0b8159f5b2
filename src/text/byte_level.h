// text/byte_level.h -- the alphabet of byte-level BPE: each of the 256 bytes is spelt as one
// printable character in vocabulary files (as GPT-2's encoder introduced it).
#pragma once

#include <string>
#include <string_view>

namespace stratagram::text {

/// The bytes that a token's spelling stands for. A spelling with any character outside the alphabet
/// stands for its own UTF-8 bytes, as an added token may.
[[nodiscard]] std::string bytes_of_spelling(std::string_view spelling);

/// The spelling of some bytes.
[[nodiscard]] std::string spelling_of_bytes(std::string_view bytes);

}  // namespace stratagram::text
