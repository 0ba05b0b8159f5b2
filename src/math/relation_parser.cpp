// Equations, labels and inequalities of AnswerParser.
#include <fmt/format.h>

#include <utility>

#include "math/answer_parser.h"
#include "math/words.h"

namespace stratagram::math {
namespace {

bool denies(const std::string& text) {
  // NO may be a segment.
  if (text == "NO") return false;
  const std::string word = lower_case(text);
  return word == "not" || word == "never" || word == "no" || word == "cannot" || word == "neither";
}

}  // namespace

/// The name that a value is given: x, x_1, f(x), AB, (x, y), "Area". None for anything to compute.
std::optional<std::string> AnswerParser::label_of(Range range) {
  range = trimmed(range);
  if (range.empty() || kind(range.begin) == TokenKind::kNumber) return std::nullopt;
  if (kind(range.begin) == TokenKind::kBar || kind(range.begin) == TokenKind::kFraction) {
    return segment_label(range);
  }
  std::string label;
  for (size_t i = range.begin; i < range.end; ++i) {
    const Token& one = token(i);
    switch (one.kind) {
      case TokenKind::kName:
      case TokenKind::kWord:
      case TokenKind::kAccent:
        if (denies(one.text)) return std::nullopt;
        if (!label.empty() && one.kind == TokenKind::kWord && one.spaced) label += ' ';
        label += one.text;
        break;
      case TokenKind::kFunction:
        // m_{\max}
        if (i < range.begin + 2) return std::nullopt;
        if (kind(i - 1) != TokenKind::kSubscript && kind(i - 2) != TokenKind::kSubscript) {
          return std::nullopt;
        }
        label += function_name(static_cast<Function>(one.detail));
        break;
      case TokenKind::kConstant: {
        const Op op = static_cast<Op>(one.detail);
        if (op != Op::kE && op != Op::kI) return std::nullopt;
        label += op == Op::kE ? "e" : "i";
        break;
      }
      case TokenKind::kSubscript:
        label += '_';
        break;
      case TokenKind::kPower:
        // f^{-1}(x)
        if (i + 5 >= range.end || kind(i + 2) != TokenKind::kMinus ||
            kind(i + 3) != TokenKind::kNumber || kind(i + 4) != TokenKind::kClose ||
            kind(i + 5) != TokenKind::kOpen || token(i + 4).end - token(i + 1).begin != 4) {
          return std::nullopt;
        }
        label += "^-1";
        i += 4;
        break;
      case TokenKind::kPrime:
        label += '\'';
        break;
      case TokenKind::kNumber: {
        const TokenKind before = kind(i - 1);
        const bool below = before == TokenKind::kSubscript || before == TokenKind::kOpen;
        if (!below && !(i >= 2 && kind(i - 2) == TokenKind::kSubscript)) return std::nullopt;
        label += lexed_.numbers[static_cast<size_t>(one.detail)].whole;
        break;
      }
      case TokenKind::kComma:
        label += ", ";
        break;
      case TokenKind::kColon:
        label += ':';
        break;
      case TokenKind::kOpen:
      case TokenKind::kClose:
        if (one.text != "{" && one.text != "(") return std::nullopt;
        if (one.text == "(") label += one.kind == TokenKind::kOpen ? '(' : ')';
        break;
      default:
        return std::nullopt;
    }
  }
  if (label.empty()) return std::nullopt;
  return label;
}

/// Two or more capitals, as a segment between points is named.
bool AnswerParser::is_segment(Range range) const {
  size_t num_letters = 0;
  for (size_t i = range.begin; i < range.end; ++i) {
    const bool is_word = kind(i) == TokenKind::kName || kind(i) == TokenKind::kWord;
    for (const char c : token(i).text) {
      if (!is_word || c < 'A' || c > 'Z') return false;
      ++num_letters;
    }
    if (!is_word) return false;
  }
  return num_letters >= 2;
}

/// |AB| and \frac{AB}{CD}, which are lengths and ratios to be found, and no expressions.
std::optional<std::string> AnswerParser::segment_label(Range range) const {
  const auto spelled = [&](Range letters) {
    std::string text;
    for (size_t i = letters.begin; i < letters.end; ++i) text += token(i).text;
    return text;
  };
  if (kind(range.begin) == TokenKind::kBar) {
    const Range inner = {range.begin + 1, range.end - 1};
    if (inner.empty() || kind(inner.end) != TokenKind::kBar || !is_segment(inner)) {
      return std::nullopt;
    }
    return fmt::format("|{}|", spelled(inner));
  }
  const size_t above = range.begin + 1;
  if (above >= range.end || !is_group(above)) return std::nullopt;
  const size_t below = after(above);
  if (below >= range.end || !is_group(below) || after(below) != range.end) return std::nullopt;
  const Range top = {above + 1, below - 1};
  const Range bottom = {below + 1, range.end - 1};
  if (!is_segment(top) || !is_segment(bottom)) return std::nullopt;
  return fmt::format("{}/{}", spelled(top), spelled(bottom));
}

std::optional<Answer> AnswerParser::labelled(Range label, Range value_range) {
  const auto name = label_of(label);
  auto result = answer(value_range);
  if (name && result) result->label = *name;
  return result;
}

std::optional<Answer> AnswerParser::relations(Range range, const Seams& seams) {
  // "1/3 \approx 0.333": the first is meant, the rest explains, unless the first is but a name.
  for (const size_t at : seams.relations) {
    if (kind(at) != TokenKind::kApproximately) continue;
    const Range first = {range.begin, at};
    const bool is_name = at == seams.relations.front() && !first.empty() &&
                         kind(range.begin) != TokenKind::kConstant && label_of(first);
    return is_name ? labelled(first, {at + 1, range.end}) : answer(first);
  }
  std::vector<Range> sides;
  size_t begin = range.begin;
  size_t num_equal = 0;
  for (size_t i = 0; i <= seams.relations.size(); ++i) {
    const size_t end = i < seams.relations.size() ? seams.relations[i] : range.end;
    if (end < range.end && kind(end) == TokenKind::kEqual) ++num_equal;
    sides.push_back({begin, end});
    if (sides.back().empty()) return std::nullopt;
    begin = end + 1;
  }
  if (num_equal == seams.relations.size()) return equation(sides);
  return num_equal == 0 ? inequality(sides, seams) : std::nullopt;
}

/// A limit, sum, integral or determinant.
bool AnswerParser::is_computation(Range range) const {
  const std::string& text = token(range.begin).text;
  if (kind(range.begin) == TokenKind::kBegin) return text == "vmatrix" || text == "vmatrix*";
  return kind(range.begin) == TokenKind::kOther &&
         (text == "lim" || text == "sum" || text == "prod" || text == "int" || text == "iint" ||
          text == "iiint" || text == "oint" || text == "det");
}

std::optional<Answer> AnswerParser::equation(const std::vector<Range>& sides) {
  const auto whole = [&]() -> std::optional<Answer> {
    Answer result;
    result.kind = AnswerKind::kEquation;
    for (const Range& side : sides) {
      auto part = answer(side);
      if (!part || part->kind == AnswerKind::kText) return std::nullopt;
      result.parts.push_back(std::move(*part));
    }
    return result;
  };
  // "\lim ... = 1": what is computed on the left comes to what stands on the right.
  if (is_computation(sides.front())) return answer(sides.back());
  const bool first_names = label_of(sides.front()).has_value();
  const bool last_names = sides.size() == 2 && label_of(sides.back()).has_value();
  if (first_names || last_names) {
    if (choose(Ambiguity::kEquation)) return whole();
    return first_names ? labelled(sides.front(), sides.back())
                       : labelled(sides.back(), sides.front());
  }
  auto result = whole();
  if (!result) {
    // "(what cannot be read) = x = 0"
    const size_t last = sides.size() - 1;
    return last > 1 && label_of(sides[last - 1]) ? labelled(sides[last - 1], sides[last])
                                                 : std::nullopt;
  }
  for (const Answer& part : result->parts) {
    if (part.kind != AnswerKind::kValue || !symbols_of(part.expression).empty()) return result;
  }
  // "2 + 3 = 5": nothing to solve, so the last is what it comes to.
  if (choose(Ambiguity::kEquation)) return result;
  return std::move(result->parts.back());
}

std::optional<Answer> AnswerParser::inequality(const std::vector<Range>& sides,
                                               const Seams& seams) {
  Answer result;
  result.kind = AnswerKind::kInequality;
  for (const Range& side : sides) {
    auto part = value(side);
    if (!part || part->kind != AnswerKind::kValue) return std::nullopt;
    result.parts.push_back(std::move(*part));
  }
  for (const size_t at : seams.relations) {
    result.relations.push_back(static_cast<Relation>(token(at).detail));
  }
  return result;
}

}  // namespace stratagram::math
