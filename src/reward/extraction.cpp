#include "reward/extraction.h"

#include <algorithm>
#include <array>
#include <utility>

#include "reward/boxes.h"
#include "reward/characters.h"
#include "reward/numbers_in_text.h"
#include "reward/phrases.h"
#include "reward/sentence.h"

namespace stratagram::reward {
namespace {

// Boxes that are read together; a response with more lists no answer but its steps.
constexpr size_t kMaxParts = 64;

// What a rule looks at: a stretch of the response.
struct Stretch {
  std::string_view text;
  bool cut_off = false;  ///< more was to come after its end
};

struct Found {
  std::vector<Range> parts{};
  std::vector<Range> nearby{};
  bool alternatives = false;
};

using Finder = std::optional<Found> (*)(const Stretch&);

Range range_of(size_t begin, size_t end) {
  return {static_cast<int64_t>(begin), static_cast<int64_t>(end)};
}

Piece piece_of(const Range& range) {
  return {static_cast<size_t>(range.begin), static_cast<size_t>(range.end)};
}

std::string_view text_of(std::string_view text, const Range& range) {
  return text.substr(static_cast<size_t>(range.begin),
                     static_cast<size_t>(range.end - range.begin));
}

std::optional<Found> one(std::string_view text, size_t begin, size_t end) {
  while (begin < end && is_space(text[begin])) ++begin;
  while (end > begin && is_space(text[end - 1])) --end;
  if (begin == end) return std::nullopt;
  return Found{.parts = {range_of(begin, end)}};
}

// Equal texts count once: a box that is repeated is no list.
void add_part(std::string_view text, std::vector<Range>& parts, const Range& part) {
  const auto same = [&](const Range& other) { return text_of(text, other) == text_of(text, part); };
  if (parts.size() < kMaxParts && std::none_of(parts.begin(), parts.end(), same)) {
    parts.push_back(part);
  }
}

std::optional<Found> find_boxed(const Stretch& stretch) {
  const std::string_view text = stretch.text;
  const Boxes boxes = find_boxes(text);
  if (boxes.closed.empty() || (stretch.cut_off && boxes.last_is_open)) return std::nullopt;
  if (stretch.cut_off && boxes.closed.back().after == text.size() && text.back() != '}') {
    return std::nullopt;
  }
  Found found;
  bool together = true;
  std::vector<Range> nearby;
  for (size_t i = boxes.closed.size(); i-- > 0;) {
    const Box& box = boxes.closed[i];
    add_part(text, nearby, range_of(box.begin, box.end));
    if (together) add_part(text, found.parts, range_of(box.begin, box.end));
    if (i == 0) break;
    const Link link = link_between(text, boxes.closed[i - 1], box);
    if (link == Link::kNone || nearby.size() == kMaxParts) break;
    together = together && link != Link::kNear;
    if (together && link == Link::kOr) found.alternatives = true;
  }
  std::reverse(found.parts.begin(), found.parts.end());
  if (nearby.size() > found.parts.size()) {
    found.nearby.assign(nearby.rbegin(), nearby.rend());
  }
  return found;
}

std::optional<Found> find_answer_tag(const Stretch& stretch) {
  const size_t close = stretch.text.rfind("</answer>");
  if (close == std::string_view::npos) return std::nullopt;
  const size_t open = stretch.text.substr(0, close).rfind("<answer>");
  if (open == std::string_view::npos) return std::nullopt;
  return one(stretch.text, open + 8, close);
}

std::optional<Found> announced(const Stretch& stretch, Announcement kind) {
  const auto value = find_announced(stretch.text, kind);
  if (!value || (stretch.cut_off && !value->is_whole)) return std::nullopt;
  return Found{.parts = {value->bytes}};
}

std::optional<Found> find_final_answer(const Stretch& stretch) {
  return announced(stretch, Announcement::kFinalAnswer);
}

std::optional<Found> find_phrase(const Stretch& stretch) {
  return announced(stretch, Announcement::kAnswer);
}

std::optional<Found> find_hashes(const Stretch& stretch) {
  const std::string_view text = stretch.text;
  const size_t at = text.rfind("####");
  if (at == std::string_view::npos) return std::nullopt;
  const size_t end = std::min(text.find('\n', at), text.size());
  if (stretch.cut_off && end == text.size()) return std::nullopt;
  const auto found = one(text, at + 4, end);
  if (!found) return std::nullopt;
  const std::string_view line = text_of(text, found->parts.front());
  const std::string_view below = text.substr(end);
  const bool starts_with_word = line.size() > 1 && is_letter(line[0]) && is_letter(line[1]);
  const bool is_last = std::all_of(below.begin(), below.end(), is_space);
  return starts_with_word && !is_last ? std::nullopt : found;
}

// The opening $ of the formula that the $ at `close` ends: on the same line or the one before, no
// space after it. The closing one has none before it and no digit after it, or it is a currency.
size_t opening_dollar(std::string_view text, size_t close) {
  const bool digit_after = close + 1 < text.size() && is_digit(text[close + 1]);
  if (close == 0 || text[close - 1] == '\\' || digit_after) return std::string_view::npos;
  const bool spaced = is_space(text[close - 1]);
  for (size_t at = close; at-- > 0;) {
    if (text[at] == '\n' && at > 0 && text[at - 1] == '\n') break;
    if (text[at] != '$' || (at > 0 && text[at - 1] == '\\')) continue;
    // "$ \frac12 $": no price has a command in it.
    const bool is_latex = text.substr(at, close - at).find('\\') != std::string_view::npos;
    const bool fits = spaced || is_space(text[at + 1]) ? is_latex : true;
    return fits ? at : std::string_view::npos;
  }
  return std::string_view::npos;
}

std::optional<Found> find_last_formula(const Stretch& stretch) {
  const std::string_view text = stretch.text;
  const size_t last_digit = text.find_last_of("0123456789");
  const size_t first = last_digit == std::string_view::npos ? 0 : last_digit;
  // The closing sign stands after the last digit, so each kind is searched from the end once.
  size_t best_end = 0;
  std::optional<Found> best;
  const auto consider = [&](size_t begin, size_t end, size_t after) {
    if (after <= best_end || after <= first) return;
    if (auto found = one(text, begin, end)) {
      best = std::move(found);
      best_end = after;
    }
  };
  for (const auto& [open, close] : {std::pair<std::string_view, std::string_view>{"\\(", "\\)"},
                                    {"\\[", "\\]"},
                                    {"$$", "$$"}}) {
    const size_t end = text.rfind(close);
    if (end == std::string_view::npos || end == 0) continue;
    const size_t begin = text.substr(0, end).rfind(open);
    if (begin != std::string_view::npos) consider(begin + 2, end, end + 2);
  }
  const size_t close = text.rfind('$');
  const bool doubled = close != std::string_view::npos && close > 0 && text[close - 1] == '$';
  if (close != std::string_view::npos && !doubled) {
    const size_t open = opening_dollar(text, close);
    if (open != std::string_view::npos) consider(open + 1, close, close + 1);
  }
  return best;
}

std::optional<Found> find_last_number(const Stretch& stretch) {
  const auto number = last_value(stretch.text);
  if (!number) return std::nullopt;
  return Found{.parts = {*number}};
}

struct Rule {
  const char* name;
  Finder find;
  bool is_guess;  ///< takes what was not called the answer
};

constexpr std::array<Rule, 7> kRules = {{
    {"boxed", find_boxed, false},
    {"answer_tag", find_answer_tag, false},
    {"final_answer", find_final_answer, false},
    {"phrase", find_phrase, false},
    {"hashes", find_hashes, false},
    {"last_formula", find_last_formula, true},
    {"last_number", find_last_number, true},
}};

std::string joined(std::string_view text, const std::vector<Range>& parts, const char* between) {
  std::string all;
  for (const Range& part : parts) {
    if (!all.empty()) all += between;
    all += text_of(text, part);
  }
  return all;
}

void shift(std::vector<Range>& ranges, size_t by) {
  for (Range& range : ranges) {
    range.begin += static_cast<int64_t>(by);
    range.end += static_cast<int64_t>(by);
  }
}

// A tag or a sentence may hold the answer in a box of its own.
void narrow_to_box(std::string_view text, Found& found) {
  const Range& part = found.parts.front();
  const std::string_view inside = text_of(text, part);
  if (inside.find("box") == std::string_view::npos) return;
  auto boxed = find_boxed({.text = inside});
  if (!boxed) return;
  shift(boxed->parts, static_cast<size_t>(part.begin));
  shift(boxed->nearby, static_cast<size_t>(part.begin));
  found = std::move(*boxed);
}

// "\\boxed{255} ... The final answer is $10,455$.": a box before it was a step. Nothing where the
// words name no value.
std::optional<Found> final_after_box(const Stretch& stretch, const Found& boxed) {
  constexpr size_t kMaxValue = 80;
  const auto after = static_cast<size_t>(boxed.parts.back().end);
  auto found = find_final_answer(stretch);
  if (!found || static_cast<size_t>(found->parts.front().begin) < after) return std::nullopt;
  const std::string_view value = text_of(stretch.text, found->parts.front());
  const bool has_value = std::any_of(
      value.begin(), value.end(), [](char c) { return is_digit(c) || c == '\\' || c == '$'; });
  const bool is_list =
      value.find(" and ") != std::string_view::npos || value.find(" or ") != std::string_view::npos;
  if (!has_value || is_list || value.size() > kMaxValue) return std::nullopt;
  return found;
}

std::optional<Extraction> extract_from(const Stretch& stretch,
                                       const std::vector<std::string>& rules,
                                       bool may_guess) {
  for (const std::string& name : rules) {
    const auto* rule = std::find_if(
        kRules.begin(), kRules.end(), [&](const Rule& known) { return name == known.name; });
    if (rule == kRules.end() || (rule->is_guess && !may_guess)) continue;
    auto found = rule->find(stretch);
    if (!found || (rule->is_guess && is_doubted(stretch.text, piece_of(found->parts.front())))) {
      continue;
    }
    if (name == "boxed" && std::find(rules.begin(), rules.end(), "final_answer") != rules.end()) {
      if (auto later = final_after_box(stretch, *found)) {
        return Extraction{.answer = joined(stretch.text, later->parts, ", "),
                          .bytes = {later->parts.front().begin, later->parts.back().end},
                          .rule = "final_answer",
                          .parts = later->parts};
      }
    }
    if (found->parts.size() == 1 && name != "boxed") narrow_to_box(stretch.text, *found);
    return Extraction{
        .answer = joined(stretch.text, found->parts, found->alternatives ? " or " : ", "),
        .bytes = {found->parts.front().begin, found->parts.back().end},
        .rule = name,
        .parts = found->parts,
        .nearby = found->nearby};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Extraction> extract(std::string_view response,
                                  const std::vector<std::string>& rules,
                                  Finish finish) {
  constexpr std::string_view kEndOfThought = "</think>";
  const bool cut_off = finish != Finish::kStop;
  const size_t thought = response.rfind(kEndOfThought);
  if (thought == std::string_view::npos) {
    return extract_from({.text = response, .cut_off = cut_off}, rules, !cut_off);
  }
  const size_t begin = thought + kEndOfThought.size();
  auto found = extract_from({.text = response.substr(begin), .cut_off = cut_off}, rules, !cut_off);
  if (!found) {
    // Cut off after the thought, the response was still about to answer.
    if (cut_off) return std::nullopt;
    return extract_from({.text = response.substr(0, thought)}, rules, false);
  }
  shift(found->parts, begin);
  shift(found->nearby, begin);
  found->bytes = {found->parts.front().begin, found->parts.back().end};
  return found;
}

std::vector<std::string> extraction_rules() {
  std::vector<std::string> names;
  names.reserve(kRules.size());
  for (const Rule& rule : kRules) names.emplace_back(rule.name);
  return names;
}

std::string joined_texts(std::string_view response, const std::vector<Range>& ranges) {
  return joined(response, ranges, ", ");
}

}  // namespace stratagram::reward
