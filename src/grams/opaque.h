// grams/opaque.h -- where mathematics and code lie in a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace stratagram::grams {

/// Finds the end of an opaque stretch. Remembers what a search found out, so that all searches of
/// one text together take linear time. The text must outlive it.
class OpaqueFinder {
 public:
  explicit OpaqueFinder(std::string_view text) : text_(text) {}

  /// The end of the formula, command or fence that starts at `at`, or `at` when none does.
  /// Positions must not go back between calls.
  [[nodiscard]] size_t end_of(size_t at);

 private:
  [[nodiscard]] size_t end_of_dollars(size_t at);
  [[nodiscard]] size_t end_of_delimited(size_t at, std::string_view closing, size_t& none_before);
  [[nodiscard]] size_t end_of_command(size_t at);
  [[nodiscard]] size_t matching_brace(size_t at);
  [[nodiscard]] size_t paragraph_end(size_t at);

  std::string_view text_;
  size_t paragraph_end_ = 0;  ///< of the paragraph that was asked for last
  size_t no_dollar_before_ = 0;
  size_t no_double_dollar_before_ = 0;
  size_t no_round_before_ = 0;
  size_t no_square_before_ = 0;
  std::vector<int32_t> braces_;  ///< for each '{' its '}', or 0; filled when first needed
};

}  // namespace stratagram::grams
