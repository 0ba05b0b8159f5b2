// Environments and ratios of AnswerParser.
#include <utility>

#include "math/answer_parser.h"

namespace stratagram::math {
namespace {

/// What one entry may grow to by a chain of products stays small.
constexpr int64_t kMaxMatrixProducts = 64;
constexpr int kMaxMatrices = 4;

}  // namespace

/// \begin{pmatrix} ..., perhaps with a factor before it.
std::optional<Answer> AnswerParser::environment(Range range) {
  const size_t begin = lexed_.partner[range.end - 1];
  for (size_t i = range.begin; i < begin; i = after(i)) {
    if (kind(i) == TokenKind::kBegin) return matrix_sum(range);
  }
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

/// A + 2B - C D of written matrices.
std::optional<Answer> AnswerParser::matrix_sum(Range range) {
  std::optional<Answer> sum;
  size_t begin = range.begin;
  for (size_t i = range.begin; i <= range.end; i = i < range.end ? after(i) : i + 1) {
    // A sign in front belongs to its term.
    if (i < range.end && (!is_sign(kind(i)) || i == begin)) continue;
    auto term = matrix_product({begin, i});
    begin = i;
    if (!term) return std::nullopt;
    if (!sum) {
      sum = std::move(term);
      continue;
    }
    if (sum->columns != term->columns || sum->parts.size() != term->parts.size())
      return std::nullopt;
    for (size_t at = 0; at < sum->parts.size(); ++at) {
      Answer& part = sum->parts[at];
      part.expression = make(Op::kAdd, {part.expression, term->parts[at].expression});
      part.precision.reset();
    }
  }
  return sum;
}

/// +A, -2 A B: a factor, maybe, and then nothing but matrices.
std::optional<Answer> AnswerParser::matrix_product(Range range) {
  if (!range.empty() && kind(range.begin) == TokenKind::kPlus) ++range.begin;
  std::optional<Answer> product;
  int num_matrices = 0;
  size_t at = range.begin;
  while (at < range.end && kind(at) != TokenKind::kBegin) at = after(at);
  const Range factor_range = {range.begin, at};
  while (at < range.end) {
    if (kind(at) == TokenKind::kTimes && product) {
      ++at;
      continue;
    }
    if (kind(at) != TokenKind::kBegin || ++num_matrices > kMaxMatrices) return std::nullopt;
    auto next = matrix({at, after(at)});
    at = after(at);
    if (!next || next->kind != AnswerKind::kMatrix) return std::nullopt;
    product = product ? multiplied(*product, *next) : std::move(next);
    if (!product) return std::nullopt;
  }
  if (!product) return std::nullopt;
  const Expression factor = factor_range.empty() ? number(1) : matrix_factor(factor_range);
  if (factor == nullptr) return std::nullopt;
  for (Answer& part : product->parts) {
    if (part.kind != AnswerKind::kValue || !part.unit.empty()) return std::nullopt;
    if (factor_range.empty()) continue;
    part.expression = make(Op::kMultiply, {factor, part.expression});
    part.precision.reset();
  }
  return product;
}

/// Of a matrix of values by another; none where their shapes do not fit, or are large.
std::optional<Answer> AnswerParser::multiplied(const Answer& a, const Answer& b) {
  const auto rows = static_cast<int64_t>(a.parts.size()) / a.columns;
  const auto inner = static_cast<int64_t>(b.parts.size()) / b.columns;
  if (a.columns != inner || rows * inner * b.columns > kMaxMatrixProducts) return std::nullopt;
  budget_.nodes -= 2 * rows * inner * b.columns;
  if (budget_.nodes < 0) return std::nullopt;
  Answer result;
  result.kind = AnswerKind::kMatrix;
  result.columns = b.columns;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < b.columns; ++column) {
      std::vector<Expression> terms;
      for (int64_t i = 0; i < inner; ++i) {
        const Answer& left = a.parts[static_cast<size_t>(row * inner + i)];
        const Answer& right = b.parts[static_cast<size_t>(i * b.columns + column)];
        if (left.kind != AnswerKind::kValue || right.kind != AnswerKind::kValue)
          return std::nullopt;
        terms.push_back(make(Op::kMultiply, {left.expression, right.expression}));
      }
      Answer part;
      part.kind = AnswerKind::kValue;
      part.expression = terms.size() == 1 ? terms.front() : make(Op::kAdd, std::move(terms));
      result.parts.push_back(std::move(part));
    }
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
