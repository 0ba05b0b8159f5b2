// tests/math/reader.h -- answers for tests from a plain spelling that has one meaning only, so that
// equality is tested without the parser of answers: "2*x^2 - sin(x)/3", "1.50", "n!".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "math/answer.h"

namespace stratagram::math::testing {

/// Throws std::invalid_argument for anything else, as tests should.
[[nodiscard]] Expression read(std::string_view text);

/// A kValue; one that is a single written number has its precision, as of the parser.
[[nodiscard]] Answer value(std::string_view text);
[[nodiscard]] Answer value_in(std::string_view text, std::string unit);
[[nodiscard]] Answer labelled(std::string label, std::string_view text);
[[nodiscard]] Answer of_parts(AnswerKind kind, const std::vector<std::string>& parts);
[[nodiscard]] Answer of_answers(AnswerKind kind, std::vector<Answer> parts);
[[nodiscard]] Answer words(AnswerKind kind, std::string text);
/// "(0, 1]", "[-oo, pi)".
[[nodiscard]] Answer interval(std::string_view text);
[[nodiscard]] Answer inequality(const std::vector<std::string>& parts,
                                std::vector<Relation> relations);
[[nodiscard]] Answer matrix(int64_t columns, const std::vector<std::string>& parts);

}  // namespace stratagram::math::testing
