#include "math/answer_parser.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "math/answer_makers.h"
#include "math/phrases.h"
#include "math/words.h"

namespace stratagram::math {
namespace {

bool is_one_of(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// Beside intervals, (1, 2) is one too.
void points_to_intervals_(std::vector<Answer>& parts) {
  const auto is_interval = [](const Answer& part) { return part.kind == AnswerKind::kInterval; };
  if (std::none_of(parts.begin(), parts.end(), is_interval)) return;
  for (Answer& part : parts) {
    const bool is_pair = part.kind == AnswerKind::kTuple && part.parts.size() == 2 &&
                         part.parts[0].kind == AnswerKind::kValue &&
                         part.parts[1].kind == AnswerKind::kValue;
    if (is_pair) {
      part = interval(std::move(part.parts[0]), std::move(part.parts[1]), false, false);
    }
  }
}

/// A label that the first part has alone, or that all have, is one of the whole.
void hoist_label_(Answer& list) {
  if (list.parts.empty() || list.parts.front().label.empty()) return;
  const std::string label = list.parts.front().label;
  for (const Answer& part : list.parts) {
    const bool is_first = &part == &list.parts.front();
    if (!is_first && !part.label.empty() && part.label != label) return;
  }
  for (Answer& part : list.parts) part.label.clear();
  list.label = label;
}

}  // namespace

std::optional<Answer> AnswerParser::parse(size_t begin, size_t end) {
  return answer({begin, end});
}

size_t AnswerParser::after(size_t index) const {
  return lexed_.partner[index] > index ? lexed_.partner[index] + 1 : index + 1;
}

/// Whether to read it the other way.
bool AnswerParser::choose(Ambiguity ambiguity) {
  const uint32_t bit = 1U << static_cast<uint32_t>(ambiguity);
  met_ |= bit;
  return (others_ & bit) != 0;
}

AnswerParser::Range AnswerParser::trimmed(Range range) const {
  const auto is_edge = [&](size_t i) {
    const TokenKind k = kind(i);
    return k == TokenKind::kFullStop || k == TokenKind::kComma || k == TokenKind::kSemicolon ||
           k == TokenKind::kRow || k == TokenKind::kCell;
  };
  const auto is_dots = [&](size_t i) {
    return kind(i) == TokenKind::kOther && token(i).text.ends_with("dots");
  };
  while (!range.empty() && (is_edge(range.begin) || kind(range.begin) == TokenKind::kEqual ||
                            kind(range.begin) == TokenKind::kApproximately ||
                            kind(range.begin) == TokenKind::kColon)) {
    ++range.begin;
  }
  const size_t end = range.end;
  size_t num_stops = 0;
  while (!range.empty() && (is_edge(range.end - 1) || is_dots(range.end - 1))) {
    const bool stop = kind(range.end - 1) == TokenKind::kFullStop;
    num_stops += stop ? 1 : (is_dots(range.end - 1) ? 3 : 0);
    --range.end;
  }
  // "3.14..." is a number cut off, "1, 2, 3, ..." says more than is there.
  const bool goes_on =
      num_stops > 1 &&
      (range.empty() || kind(range.end - 1) != TokenKind::kNumber ||
       !lexed_.numbers[static_cast<size_t>(token(range.end - 1).detail)].has_point);
  if (goes_on) range.end = end;
  return range;
}

bool AnswerParser::is_union_letter(size_t i, Range range) const {
  if (kind(i) != TokenKind::kName && kind(i) != TokenKind::kWord) return false;
  const std::string& text = token(i).text;
  if (text != "U" && text != "union") return false;
  if (i == range.begin || i + 1 >= range.end || kind(i - 1) != TokenKind::kClose ||
      kind(i + 1) != TokenKind::kOpen) {
    return false;
  }
  if (token(i + 1).text == "\\{" || token(i + 1).text == "{") return true;
  for (size_t at = i + 2; at < lexed_.partner[i + 1]; at = after(at)) {
    if (kind(at) == TokenKind::kComma) return true;
  }
  return false;
}

AnswerParser::Seams AnswerParser::seams_of(Range range) const {
  Seams seams;
  for (size_t i = range.begin; i < range.end; i = after(i)) {
    switch (kind(i)) {
      case TokenKind::kComma:
      case TokenKind::kSemicolon:
        seams.separators.push_back(i);
        break;
      case TokenKind::kWord:
      case TokenKind::kName:
        if (is_union_letter(i, range)) {
          seams.unions.push_back(i);
        } else if (is_one_of(token(i).text, {"or", "OR", "Or"})) {
          seams.separators.push_back(i);
          seams.has_or = true;
        } else if (is_one_of(token(i).text, {"and", "AND"})) {
          seams.separators.push_back(i);
          seams.has_and = true;
        }
        break;
      case TokenKind::kEqual:
      case TokenKind::kRelation:
      case TokenKind::kApproximately:
        seams.relations.push_back(i);
        break;
      case TokenKind::kUnion:
        seams.unions.push_back(i);
        break;
      case TokenKind::kIntersection:
        seams.has_intersection = true;
        break;
      case TokenKind::kColon:
        seams.colons.push_back(i);
        break;
      case TokenKind::kElement:
        if (!seams.element) seams.element = i;
        break;
      case TokenKind::kSetMinus:
        if (!seams.set_minus) seams.set_minus = i;
        break;
      case TokenKind::kSuchThat:
      case TokenKind::kBar:
        if (!seams.such_that) seams.such_that = i;
        break;
      default:
        break;
    }
  }
  return seams;
}

bool AnswerParser::is_bracketed(Range range, const char* bracket) const {
  return !range.empty() && kind(range.begin) == TokenKind::kOpen &&
         token(range.begin).text == bracket && lexed_.partner[range.begin] + 1 == range.end;
}

bool AnswerParser::is_number_set(Range range) const {
  return range.end == range.begin + 1 && kind(range.begin) == TokenKind::kNumbers;
}

std::optional<Answer> AnswerParser::answer(Range range) {
  const NestingLevel level(budget_);
  if (level.is_too_deep() || budget_.too_long || --budget_.nodes < 0) return std::nullopt;
  range = trimmed(range);
  while (is_bracketed(range, "{")) {
    const Range inner = trimmed({range.begin + 1, range.end - 1});
    // Unescaped braces around a list, or around nothing, are meant as a set.
    if (inner.empty() || !seams_of(inner).separators.empty()) return set(range);
    range = inner;
  }
  if (range.empty()) return std::nullopt;
  if (kind(range.end - 1) == TokenKind::kClose) {
    const size_t open = lexed_.partner[range.end - 1];
    if (open > range.begin && token(open).text == "(") {
      const Range aside = {open + 1, range.end - 1};
      if (!aside.empty() && is_one_of(token(aside.begin).text, {"or", "OR", "Or"})) {
        return alternatives({range.begin, open}, {aside.begin + 1, aside.end});
      }
      const TokenKind before = kind(open - 1);
      const bool is_argument = before == TokenKind::kFunction || before == TokenKind::kLogarithm;
      if (!is_argument && (is_remark(aside) || is_condition(aside))) range.end = open;
    }
  }
  return structured(range, seams_of(range));
}

/// 1/2 (or 0.5): two answers, which may be equal.
std::optional<Answer> AnswerParser::alternatives(Range first, Range aside) {
  auto one = answer(first);
  auto other = one ? answer(aside) : std::nullopt;
  if (!other) return std::nullopt;
  std::vector<Answer> parts;
  parts.push_back(std::move(*one));
  parts.push_back(std::move(*other));
  Answer both = collection(AnswerKind::kSet, std::move(parts));
  hoist_label_(both);
  return both;
}

/// (k \in \mathbb{Z})
bool AnswerParser::is_condition(Range range) const {
  const Seams seams = seams_of(range);
  return seams.element && is_number_set({*seams.element + 1, range.end});
}

/// (apples), (approximately)
bool AnswerParser::is_remark(Range range) const {
  if (range.empty() || kind(range.begin) != TokenKind::kWord) return false;
  return is_plain_word(token(range.begin).text) && are_idle_words(range);
}

std::optional<Answer> AnswerParser::structured(Range range, const Seams& seams) {
  if (seams.has_intersection) return std::nullopt;
  if (!seams.separators.empty()) return list(range, seams);
  if (seams.element) return element(range, *seams.element);
  if (!seams.relations.empty()) return relations(range, seams);
  if (!seams.unions.empty()) return union_of(range, seams);
  if (seams.set_minus) return set_minus(range, *seams.set_minus);
  if (kind(range.end - 1) == TokenKind::kEndOf) return environment(range);
  if (!seams.colons.empty()) return ratio(range, seams);
  if (kind(range.begin) == TokenKind::kEmptySet && range.end == range.begin + 1) {
    return collection(AnswerKind::kSet, {});
  }
  if (is_number_set(range) && token(range.begin).text == "R") {
    return interval(infinity(true), infinity(false), false, false);
  }
  if (kind(range.begin) == TokenKind::kOpen && lexed_.partner[range.begin] + 1 == range.end) {
    return bracketed(range);
  }
  // A(1, 2), t(0, 4]: a name before a point or interval.
  const size_t second = range.begin + 1;
  if (kind(range.begin) == TokenKind::kName && second < range.end &&
      kind(second) == TokenKind::kOpen && lexed_.partner[second] + 1 == range.end &&
      token(range.begin).text != "C" && token(range.begin).text != "f" &&
      token(range.begin).text != "g" && token(second).text != "{" &&
      !seams_of({second + 1, range.end - 1}).separators.empty()) {
    auto point = bracketed({second, range.end});
    if (point) point->label = token(range.begin).text;
    return point;
  }
  return value(range);
}

/// The parts between the separators, without conditions like k \in Z; a \pm gives several.
std::optional<std::vector<Answer>> AnswerParser::list_parts(Range range, const Seams& seams) {
  std::vector<Answer> parts;
  size_t begin = range.begin;
  for (size_t i = 0; i <= seams.separators.size(); ++i) {
    const size_t end = i < seams.separators.size() ? seams.separators[i] : range.end;
    Range piece = trimmed({begin, end});
    begin = end + 1;
    for (size_t at = piece.begin + 1; at < piece.end; at = after(at)) {
      if (is_quantifier(lexed_, at)) piece.end = at;
    }
    if (piece.empty()) continue;
    if (!parts.empty()) {
      const Seams inner = seams_of(piece);
      if (inner.element && is_number_set({*inner.element + 1, piece.end})) continue;
    }
    auto part = answer(piece);
    if (!part) return std::nullopt;
    const bool is_written_set = kind(piece.begin) == TokenKind::kOpen;
    if (part->kind == AnswerKind::kSet && !is_written_set && !part->parts.empty()) {
      if (!part->label.empty()) part->parts.front().label = part->label;
      for (Answer& one : part->parts) parts.push_back(std::move(one));
    } else {
      parts.push_back(std::move(*part));
    }
  }
  return parts;
}

/// 1, 2; 3, 4 and p = 1, q = 2; p = 3, q = 4: as many values between all semicolons, as points.
std::optional<Answer> AnswerParser::groups(Range range, const Seams& seams) {
  const auto is_semicolon = [&](size_t at) { return kind(at) == TokenKind::kSemicolon; };
  const auto num_semicolons = static_cast<size_t>(
      std::count_if(seams.separators.begin(), seams.separators.end(), is_semicolon));
  if (num_semicolons == 0 || num_semicolons == seams.separators.size()) return std::nullopt;
  std::vector<Answer> tuples;
  size_t begin = range.begin;
  for (size_t i = 0; i <= seams.separators.size(); ++i) {
    const bool is_last = i == seams.separators.size();
    const size_t end = is_last ? range.end : seams.separators[i];
    if (!is_last && !is_semicolon(end)) continue;
    const Range group = trimmed({begin, end});
    begin = end + 1;
    if (group.empty()) continue;
    auto parts = list_parts(group, seams_of(group));
    if (!parts) return std::nullopt;
    tuples.push_back(collection(AnswerKind::kTuple, std::move(*parts)));
  }
  if (tuples.size() < 2) return std::nullopt;
  const std::vector<Answer> first = tuples.front().parts;
  for (Answer& tuple : tuples) {
    if (tuple.parts.size() != first.size() || first.size() < 2) return std::nullopt;
    for (size_t i = 0; i < first.size(); ++i) {
      const Answer& part = tuple.parts[i];
      if (part.kind != AnswerKind::kValue || part.label != first[i].label) return std::nullopt;
    }
  }
  for (Answer& tuple : tuples) {
    for (Answer& part : tuple.parts) part.label.clear();
  }
  return collection(AnswerKind::kSet, std::move(tuples));
}

std::optional<Answer> AnswerParser::list(Range range, const Seams& seams) {
  if (context_ == Context::kAlone) {
    auto points = groups(range, seams);
    if (points && !choose(Ambiguity::kGroups)) return points;
  }
  const Context context = context_;
  if (context == Context::kAlone) context_ = Context::kList;
  auto parts = list_parts(range, seams);
  context_ = context;
  if (!parts || parts->empty()) return std::nullopt;
  points_to_intervals_(*parts);
  if (parts->size() == 1) return std::move(parts->front());
  if (!seams.has_or) {
    if (auto sum = sum_of_units(*parts)) return sum;
  }
  const bool regions = std::all_of(parts->begin(), parts->end(), is_region);
  // "x < 1 and x > 0" is no union.
  Answer result = collection(regions && !seams.has_and ? AnswerKind::kUnion : AnswerKind::kSet,
                             std::move(*parts));
  hoist_label_(result);
  return result;
}

std::optional<Answer> AnswerParser::element(Range range, size_t at) {
  const auto label = label_of({range.begin, at});
  if (!label) return std::nullopt;
  const Context context = std::exchange(context_, Context::kUnion);
  auto result = answer({at + 1, range.end});
  context_ = context;
  if (result) result->label = *label;
  return result;
}

std::optional<Answer> AnswerParser::union_of(Range range, const Seams& seams) {
  const Context context = std::exchange(context_, Context::kUnion);
  std::vector<Answer> parts;
  size_t begin = range.begin;
  bool complete = true;
  for (size_t i = 0; complete && i <= seams.unions.size(); ++i) {
    const size_t end = i < seams.unions.size() ? seams.unions[i] : range.end;
    auto part = answer({begin, end});
    begin = end + 1;
    complete = part.has_value();
    if (complete) parts.push_back(std::move(*part));
  }
  context_ = context;
  if (!complete) return std::nullopt;
  return collection(AnswerKind::kUnion, std::move(parts));
}

/// R without some rational numbers, as the intervals between them.
std::optional<Answer> AnswerParser::set_minus(Range range, size_t at) {
  if (!is_number_set({range.begin, at}) || token(range.begin).text != "R") return std::nullopt;
  auto taken = answer({at + 1, range.end});
  if (!taken || taken->kind != AnswerKind::kSet) return std::nullopt;
  std::vector<Rational> points;
  for (const Answer& part : taken->parts) {
    if (part.kind != AnswerKind::kValue || part.expression->op != Op::kNumber) return std::nullopt;
    points.push_back(part.expression->value);
  }
  std::sort(points.begin(), points.end());
  std::vector<Answer> parts;
  Answer low = infinity(true);
  for (const Rational& point : points) {
    const Answer high = value_of(number(point));
    parts.push_back(interval(std::move(low), high, false, false));
    low = high;
  }
  parts.push_back(interval(std::move(low), infinity(false), false, false));
  if (parts.size() == 1) return std::move(parts.front());
  return collection(AnswerKind::kUnion, std::move(parts));
}

}  // namespace stratagram::math
