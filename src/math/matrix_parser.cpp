// Environments and ratios of AnswerParser.
#include <utility>

#include "math/answer_parser.h"

namespace stratagram::math {

/// \begin{pmatrix} ..., perhaps with a factor before it.
std::optional<Answer> AnswerParser::environment(Range range) {
  const size_t begin = lexed_.partner[range.end - 1];
  auto result = matrix({begin, range.end});
  if (!result || begin == range.begin) return result;
  if (result->kind != AnswerKind::kMatrix) return std::nullopt;
  const Expression factor = matrix_factor({range.begin, begin});
  if (factor == nullptr) return std::nullopt;
  for (Answer& part : result->parts) {
    if (part.kind != AnswerKind::kValue) return std::nullopt;
    part.expression = make(Op::kMultiply, {factor, part.expression});
    part.precision.reset();
  }
  return result;
}

/// Of -, 2, -\frac12 \cdot before a matrix. Null for anything else.
Expression AnswerParser::matrix_factor(Range range) {
  if (range.end == range.begin + 1 && kind(range.begin) == TokenKind::kMinus) return number(-1);
  if (kind(range.end - 1) == TokenKind::kTimes) --range.end;
  const auto factor = value(range);
  const bool is_factor = factor && factor->kind == AnswerKind::kValue && factor->unit.empty();
  return is_factor ? factor->expression : nullptr;
}

std::optional<Answer> AnswerParser::matrix(Range range) {
  const std::string& name = token(range.begin).text;
  const bool is_matrix = name.ends_with("matrix") || name == "array";
  const bool is_list = name.starts_with("case") || name.starts_with("align") ||
                       name.starts_with("gather") || name == "split";
  if (!is_matrix && !is_list) return std::nullopt;
  const Range inner = trimmed({range.begin + 1, range.end - 1});
  std::vector<Answer> parts;
  size_t num_rows = 0;
  size_t begin = inner.begin;
  for (size_t i = inner.begin; i <= inner.end; i = i < inner.end ? after(i) : i + 1) {
    const bool ends_row = i == inner.end || kind(i) == TokenKind::kRow;
    const bool ends_cell = is_matrix && i < inner.end && kind(i) == TokenKind::kCell;
    if (!ends_row && !ends_cell) continue;
    auto part = answer({begin, i});
    begin = i + 1;
    if (!part) return std::nullopt;
    parts.push_back(std::move(*part));
    if (ends_row) ++num_rows;
  }
  if (num_rows == 0 || parts.size() % num_rows != 0) return std::nullopt;
  Answer result;
  result.kind = is_matrix ? AnswerKind::kMatrix : AnswerKind::kSet;
  result.parts = std::move(parts);
  if (is_matrix) result.columns = static_cast<int64_t>(result.parts.size() / num_rows);
  return result;
}

std::optional<Answer> AnswerParser::ratio(Range range, const Seams& seams) {
  if (seams.colons.size() == 1) {
    const auto label = label_of({range.begin, seams.colons[0]});
    if (label) return labelled({range.begin, seams.colons[0]}, {seams.colons[0] + 1, range.end});
  }
  Answer result;
  result.kind = AnswerKind::kRatio;
  size_t begin = range.begin;
  for (size_t i = 0; i <= seams.colons.size(); ++i) {
    const size_t end = i < seams.colons.size() ? seams.colons[i] : range.end;
    auto part = begin < end ? value({begin, end}) : std::nullopt;
    begin = end + 1;
    if (!part || part->kind != AnswerKind::kValue) return std::nullopt;
    result.parts.push_back(std::move(*part));
  }
  return result;
}

}  // namespace stratagram::math
