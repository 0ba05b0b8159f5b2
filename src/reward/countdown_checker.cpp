#include "reward/countdown_checker.h"

#include <algorithm>
#include <array>
#include <utility>

namespace stratagram::reward {
namespace {

using math::Rational;

constexpr int kMaxDepth = 64;
constexpr int64_t kMaxBits = 127;  // of numerator and denominator
constexpr size_t kMaxDigits = 18;

constexpr std::array<std::pair<std::string_view, char>, 12> kSigns = {{
    {"\\times", '*'},
    {"\\cdot", '*'},
    {"\\div", '/'},
    {"\\left", ' '},
    {"\\right", ' '},
    {"\\,", ' '},
    {"$", ' '},
    {"\xc3\x97", '*'},      // multiplication sign
    {"\xc2\xb7", '*'},      // middle dot
    {"\xc3\xb7", '/'},      // division sign
    {"\xe2\x88\x92", '-'},  // minus sign
    {"x", '*'},
}};

// The text in plain signs: one character each.
std::string plain_signs(std::string_view text) {
  std::string plain;
  for (size_t at = 0; at < text.size();) {
    bool matched = false;
    for (const auto& [spelling, sign] : kSigns) {
      if (text.substr(at, spelling.size()) != spelling) continue;
      plain += sign;
      at += spelling.size();
      matched = true;
      break;
    }
    if (!matched) plain += text[at++];
  }
  return plain;
}

// Recursive descent over sums, products and factors.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Evaluation run() {
    result_.value = sum(0);
    skip_spaces();
    if (result_.fault.empty() && at_ < text_.size()) stop("syntax");
    if (!result_.fault.empty()) result_.value.reset();
    return std::move(result_);
  }

 private:
  std::optional<Rational> stop(const char* fault) {
    if (result_.fault.empty()) result_.fault = fault;
    return std::nullopt;
  }

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  char take_one_of(std::string_view signs) {
    skip_spaces();
    if (at_ >= text_.size() || signs.find(text_[at_]) == std::string_view::npos) return '\0';
    return text_[at_++];
  }

  std::optional<Rational> checked(Rational value) {
    if (value.bits() > kMaxBits) return stop("division_by_zero_or_overflow");
    return value;
  }

  std::optional<Rational> sum(int depth) {
    std::optional<Rational> left = product(depth);
    while (left) {
      const char sign = take_one_of("+-");
      if (sign == '\0') break;
      const std::optional<Rational> right = product(depth);
      if (!right) return std::nullopt;
      left = checked(sign == '+' ? *left + *right : *left - *right);
    }
    return left;
  }

  std::optional<Rational> product(int depth) {
    std::optional<Rational> left = factor(depth);
    while (left) {
      const char sign = take_one_of("*/");
      if (sign == '\0') break;
      const std::optional<Rational> right = factor(depth);
      if (!right) return std::nullopt;
      if (sign == '/' && right->is_zero()) return stop("division_by_zero_or_overflow");
      left = checked(sign == '*' ? *left * *right : *left / *right);
    }
    return left;
  }

  std::optional<Rational> factor(int depth) {
    if (depth > kMaxDepth) return stop("too_deep");
    const char sign = take_one_of("(-");
    if (sign == '-') {
      const std::optional<Rational> value = factor(depth + 1);
      if (!value) return std::nullopt;
      return -*value;
    }
    if (sign == '(') {
      std::optional<Rational> value = sum(depth + 1);
      if (!value) return std::nullopt;
      return take_one_of(")") == ')' ? value : stop("syntax");
    }
    int64_t number = 0;
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      if (at_ - begin >= kMaxDigits) return stop("division_by_zero_or_overflow");
      number = number * 10 + (text_[at_++] - '0');
    }
    if (at_ == begin) return stop("syntax");
    result_.numbers.push_back(number);
    return Rational(number);
  }

  std::string_view text_;
  size_t at_ = 0;
  Evaluation result_;
};

CountdownCheck wrong(std::string reason) {
  return {.verdict = Verdict::kWrong, .reason = std::move(reason)};
}

}  // namespace

Evaluation evaluate(std::string_view expression) {
  const std::string plain = plain_signs(expression);
  return Parser(plain).run();
}

CountdownCheck check_countdown(std::string_view answer,
                               std::span<const int64_t> numbers,
                               int64_t target) {
  const size_t equals = answer.find('=');
  const Evaluation left = evaluate(answer.substr(0, equals));
  if (!left.value) return wrong(left.fault);
  if (equals != std::string_view::npos) {
    const Evaluation right = evaluate(answer.substr(equals + 1));
    if (!right.value) return wrong(right.fault);
    if (!(*right.value == *left.value)) return wrong("wrong_equation");
  }
  std::vector<int64_t> unused(numbers.begin(), numbers.end());
  for (const int64_t number : left.numbers) {
    const auto found = std::find(unused.begin(), unused.end(), number);
    if (found == unused.end()) {
      const bool given = std::find(numbers.begin(), numbers.end(), number) != numbers.end();
      return wrong(given ? "number_used_twice" : "number_not_given");
    }
    unused.erase(found);
  }
  if (!(*left.value == Rational(target))) return wrong("other_value");
  return {.verdict = Verdict::kCorrect, .reason = "reaches_target"};
}

}  // namespace stratagram::reward
