// Sets, points, vectors and intervals of AnswerParser: what stands in brackets.
#include <algorithm>
#include <utility>

#include "math/answer_makers.h"
#include "math/answer_parser.h"

namespace stratagram::math {
namespace {

constexpr size_t kMaxSignedTuples = 16;

bool is_infinite(const Answer& answer) {
  if (answer.kind != AnswerKind::kValue) return false;
  const Node* node = answer.expression.get();
  if (node->op == Op::kNegate) node = node->arguments[0].get();
  return node->op == Op::kInfinity;
}

bool are_rows(const std::vector<Answer>& parts) {
  return std::all_of(parts.begin(), parts.end(), [&](const Answer& part) {
    return part.kind == AnswerKind::kTuple && part.parts.size() == parts.front().parts.size();
  });
}

Answer matrix_of_rows(std::vector<Answer> rows) {
  Answer matrix;
  matrix.kind = AnswerKind::kMatrix;
  matrix.columns = static_cast<int64_t>(rows.front().parts.size());
  for (Answer& row : rows) {
    for (Answer& part : row.parts) matrix.parts.push_back(std::move(part));
  }
  return matrix;
}

}  // namespace

std::optional<Answer> AnswerParser::bracketed(Range range) {
  const std::string& open = token(range.begin).text;
  if (open == "\\{") return set(range);
  if (open == "|_" || open == "|^") return value(range);
  const Range inner = {range.begin + 1, range.end - 1};
  if (inner.empty()) return std::nullopt;
  const Seams seams = seams_of(inner);
  if (seams.separators.empty()) {
    const bool holds_more =
        !seams.relations.empty() || !seams.unions.empty() || !seams.colons.empty() ||
        kind(inner.end - 1) == TokenKind::kEndOf ||
        (kind(inner.begin) == TokenKind::kOpen && lexed_.partner[inner.begin] + 1 == inner.end);
    if (holds_more && open != "<") return answer(inner);
    auto whole = value(range);
    // (864 square inches), [45 degrees]
    return whole || open == "<" ? whole : answer(inner);
  }
  if (seams.has_or || seams.has_and) return std::nullopt;
  const Context context = std::exchange(context_, Context::kNested);
  std::vector<Answer> parts;
  size_t begin = inner.begin;
  bool complete = true;
  for (size_t i = 0; complete && i <= seams.separators.size(); ++i) {
    const size_t end = i < seams.separators.size() ? seams.separators[i] : inner.end;
    auto part = begin < end ? answer({begin, end}) : std::nullopt;
    begin = end + 1;
    complete = part.has_value();
    if (complete) parts.push_back(std::move(*part));
  }
  context_ = context;
  if (!complete) return std::nullopt;
  const bool has_signs =
      std::any_of(lexed_.tokens.begin() + static_cast<std::ptrdiff_t>(inner.begin),
                  lexed_.tokens.begin() + static_cast<std::ptrdiff_t>(inner.end),
                  [](const Token& one) { return one.kind == TokenKind::kPlusMinus; });
  if (has_signs && token(range.begin).text == "(") return signed_tuples(inner, parts);
  return pair_or_tuple(range, std::move(parts));
}

/// (\pm 1, \pm 2): a point for each choice of signs, which \mp links.
std::optional<Answer> AnswerParser::signed_tuples(Range inner, const std::vector<Answer>& parts) {
  bool linked = false;
  for (size_t i = inner.begin; i < inner.end; ++i) {
    linked = linked || (kind(i) == TokenKind::kPlusMinus && token(i).detail < 0);
  }
  std::vector<Answer> tuples = {collection(AnswerKind::kTuple, {})};
  if (linked) tuples.push_back(tuples.front());
  for (const Answer& part : parts) {
    const std::vector<Answer> one = {part};
    const std::vector<Answer>& values = part.kind == AnswerKind::kSet ? part.parts : one;
    if (values.empty() || (linked && values.size() > 2)) return std::nullopt;
    std::vector<Answer> longer;
    for (size_t i = 0; i < tuples.size(); ++i) {
      for (size_t j = 0; j < values.size(); ++j) {
        if (linked && values.size() == 2 && i != j) continue;
        longer.push_back(tuples[i]);
        longer.back().parts.push_back(values[j]);
      }
    }
    tuples = std::move(longer);
    if (tuples.size() > kMaxSignedTuples) return std::nullopt;
  }
  return collection(AnswerKind::kSet, std::move(tuples));
}

std::optional<Answer> AnswerParser::pair_or_tuple(Range range, std::vector<Answer> parts) {
  const bool left_closed = token(range.begin).text == "[";
  const bool right_closed = token(range.end - 1).text == "[";
  const bool is_turned = token(range.begin).text == "]" || token(range.end - 1).text == "]";
  const bool is_round = left_closed || is_turned || token(range.begin).text == "(";
  const bool are_values = std::all_of(parts.begin(), parts.end(), [](const Answer& part) {
    return part.kind == AnswerKind::kValue && part.label.empty();
  });
  bool is_interval = false;
  if (parts.size() == 2 && are_values && is_round) {
    is_interval = is_turned || context_ == Context::kUnion || left_closed != right_closed ||
                  is_infinite(parts[0]) || is_infinite(parts[1]);
    if (!is_interval && context_ == Context::kAlone) {
      is_interval = choose(Ambiguity::kPair) != left_closed;
    } else if (!is_interval && context_ == Context::kList) {
      is_interval = left_closed;
    }
  }
  if (is_interval) {
    return interval(std::move(parts[0]), std::move(parts[1]), left_closed, right_closed);
  }
  if (is_turned || left_closed != right_closed) return std::nullopt;
  Answer tuple = collection(AnswerKind::kTuple, std::move(parts));
  // What might be a closed interval is never a point in round brackets.
  tuple.left_closed = tuple.right_closed =
      left_closed && context_ == Context::kAlone && are_values && tuple.parts.size() == 2;
  if (left_closed && context_ == Context::kAlone && are_rows(tuple.parts) &&
      choose(Ambiguity::kPair)) {
    return matrix_of_rows(std::move(tuple.parts));
  }
  return tuple;
}

std::optional<Answer> AnswerParser::set(Range range) {
  const Range inner = trimmed({range.begin + 1, range.end - 1});
  if (inner.empty()) return collection(AnswerKind::kSet, {});
  const Seams seams = seams_of(inner);
  const Context context = std::exchange(context_, Context::kList);
  std::optional<Answer> result;
  // {x | x > 2}, {x : x > 2}: what the condition says.
  std::optional<size_t> bar = seams.such_that;
  if (!bar && seams.colons.size() == 1) bar = seams.colons[0];
  if (bar && *bar > inner.begin && *bar + 1 < inner.end && label_of({inner.begin, *bar})) {
    result = answer({*bar + 1, inner.end});
    if (result && !is_region(*result) && result->kind != AnswerKind::kSet) {
      result = collection(AnswerKind::kSet, {std::move(*result)});
    }
  } else if (auto parts = list_parts(inner, seams)) {
    result = collection(AnswerKind::kSet, std::move(*parts));
  }
  context_ = context;
  return result;
}

}  // namespace stratagram::math
