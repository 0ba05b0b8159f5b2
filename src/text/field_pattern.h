// text/field_pattern.h -- how a text of ours is made of the fields of somebody else's row.
//
//   aime-{year}-{problem_number}   texts stay as they are, numbers are written as JSON writes them,
//                                  whole ones without ".0" (27.0 gives 27)
//   {#}                            the number of the row, from 0
//   {answer|before: (|trim}        filters, from left to right:
//     after:S    what follows the last S, trimmed; a text without S is an error
//     before:S   what stands before the first S, or the whole text if there is none; trimmed
//     boxed      what stands in the braces of the last \boxed{...}; a text without is an error
//     only       the element of a list that has exactly one
//     trim       the text without white space at its ends
//
// There is nothing else: no conditions, no defaults, no escapes (S holds neither | nor }).
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace stratagram::text {

/// Where a row stands: for its number and for error messages.
struct RowPlace {
  int64_t number = 0;  ///< from 0, over all files of a set
  std::string where;   ///< "FILE:LINE"
};

/// A parsed pattern. Immutable, so safe from any thread.
class FieldPattern {
 public:
  /// Throws Error(kConfig) "WHERE: ..." for a brace without its partner, a place without a field
  /// and a filter that is unknown (with the nearest one) or has no argument where it wants one.
  FieldPattern(std::string_view pattern, const std::string& where);

  /// The text for one row. Throws Error(kData) "WHERE: field 'f': wanted ..., got ..." for a field
  /// that is absent or of another type, and for a text in which a filter does not find its mark.
  [[nodiscard]] std::string fill(const nlohmann::json& row, const RowPlace& place) const;

  /// True when the row has every field that the pattern names, and none of them is null.
  [[nodiscard]] bool is_covered_by(const nlohmann::json& row) const;

 private:
  enum class FilterKind { kAfter, kBefore, kBoxed, kOnly, kTrim };
  struct Filter {
    FilterKind kind;
    std::string argument;
  };
  struct Piece {
    std::string literal;  ///< stands before the field
    std::string field;    ///< empty: none, only at the end of a pattern
    std::vector<Filter> filters;
  };
  static Filter filter_of(std::string_view text, const std::string& where);
  static Piece piece_of(std::string_view inside, const std::string& where);
  static std::string value_of(const Piece& piece,
                              const nlohmann::json& row,
                              const std::string& where);

  std::vector<Piece> pieces_;
};

}  // namespace stratagram::text
