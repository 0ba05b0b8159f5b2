#include "tests/math/reader.h"

#include <cctype>
#include <stdexcept>

namespace stratagram::math::testing {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Expression whole() {
    Expression result = sum();
    skip_space();
    if (at_ != text_.size()) refuse();
    return result;
  }

 private:
  [[noreturn]] void refuse() const {
    throw std::invalid_argument("reader: '" + std::string(text_) + "' at " + std::to_string(at_));
  }
  void skip_space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  char peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  Expression sum() {
    std::vector<Expression> terms = {product()};
    while (peek() == '+' || peek() == '-') {
      const bool minus = text_[at_++] == '-';
      Expression term = product();
      terms.push_back(minus ? make(Op::kNegate, {term}) : term);
    }
    return terms.size() == 1 ? terms[0] : make(Op::kAdd, terms);
  }

  Expression product() {
    Expression result = factor();
    while (peek() == '*' || peek() == '/') {
      const bool divided = text_[at_++] == '/';
      result = make(divided ? Op::kDivide : Op::kMultiply, {result, factor()});
    }
    return result;
  }

  Expression factor() {
    if (take('-')) return make(Op::kNegate, {factor()});
    Expression base = atom();
    while (take('!')) base = call(Function::kFactorial, {base});
    if (take('^')) return make(Op::kPower, {base, factor()});
    return base;
  }

  Expression atom() {
    if (take('(')) {
      Expression inner = sum();
      if (!take(')')) refuse();
      return inner;
    }
    const char c = peek();
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) return digits();
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) return word();
    refuse();
  }

  Expression digits() {
    std::string all;
    int64_t decimals = 0;
    bool point = false;
    while (at_ < text_.size() && (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 ||
                                  (text_[at_] == '.' && !point))) {
      if (text_[at_] == '.') {
        point = true;
      } else {
        all += text_[at_];
        if (point) ++decimals;
      }
      ++at_;
    }
    return number(*Rational::of_digits(all) / Rational(10).to_the(decimals));
  }

  Expression word() {
    std::string name;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
      name += text_[at_++];
    }
    if (peek() != '(') return named(name);
    take('(');
    std::vector<Expression> arguments = {sum()};
    while (take(',')) arguments.push_back(sum());
    if (!take(')')) refuse();
    if (name == "sqrt") return call(Function::kRoot, {arguments[0], number(2)});
    for (int f = 0; f < static_cast<int>(Function::kOther); ++f) {
      const auto function = static_cast<Function>(f);
      if (name == function_name(function)) return call(function, arguments);
    }
    throw std::invalid_argument("reader: no function '" + name + "'");
  }

  static Expression named(const std::string& name) {
    if (name == "pi") return constant(Op::kPi);
    if (name == "e") return constant(Op::kE);
    if (name == "i") return constant(Op::kI);
    if (name == "oo") return constant(Op::kInfinity);
    return symbol(name);
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Expression read(std::string_view text) {
  return Reader(text).whole();
}

Answer value(std::string_view text) {
  Answer answer;
  answer.kind = AnswerKind::kValue;
  answer.expression = read(text);
  const size_t start = text.find_first_not_of(" -");
  const std::string_view written = start == std::string_view::npos ? text : text.substr(start);
  if (written.find_first_not_of("0123456789.") == std::string_view::npos) {
    Precision precision;
    const size_t point = written.find('.');
    precision.is_decimal = point != std::string_view::npos;
    bool leading = true;
    for (const char c : written) {
      if (c == '.') continue;
      leading = leading && c == '0';
      if (!leading) ++precision.significant_digits;
    }
    if (precision.is_decimal) precision.decimals = static_cast<int32_t>(written.size() - point - 1);
    answer.precision = precision;
  }
  return answer;
}

Answer value_in(std::string_view text, std::string unit) {
  Answer answer = value(text);
  answer.unit = std::move(unit);
  return answer;
}

Answer labelled(std::string label, std::string_view text) {
  Answer answer = value(text);
  answer.label = std::move(label);
  return answer;
}

Answer of_answers(AnswerKind kind, std::vector<Answer> parts) {
  Answer answer;
  answer.kind = kind;
  answer.parts = std::move(parts);
  return answer;
}

Answer of_parts(AnswerKind kind, const std::vector<std::string>& parts) {
  std::vector<Answer> values;
  for (const std::string& part : parts) values.push_back(value(part));
  return of_answers(kind, std::move(values));
}

Answer words(AnswerKind kind, std::string text) {
  Answer answer;
  answer.kind = kind;
  answer.text = std::move(text);
  return answer;
}

Answer interval(std::string_view text) {
  const size_t comma = text.find(',');
  Answer answer = of_parts(AnswerKind::kInterval,
                           {std::string(text.substr(1, comma - 1)),
                            std::string(text.substr(comma + 1, text.size() - comma - 2))});
  answer.left_closed = text.front() == '[';
  answer.right_closed = text.back() == ']';
  return answer;
}

Answer inequality(const std::vector<std::string>& parts, std::vector<Relation> relations) {
  Answer answer = of_parts(AnswerKind::kInequality, parts);
  answer.relations = std::move(relations);
  return answer;
}

Answer matrix(int64_t columns, const std::vector<std::string>& parts) {
  Answer answer = of_parts(AnswerKind::kMatrix, parts);
  answer.columns = columns;
  return answer;
}

}  // namespace stratagram::math::testing
