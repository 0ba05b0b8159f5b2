// tests/support/hostile_answers.h -- answers that cost a careless verifier its time, memory or
// stack. Shared by tests, fuzz seeds and bench.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace stratagram {

struct HostileAnswer {
  const char* name;
  std::string gold;
  std::string answer;
};

inline std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

inline std::string nested(const std::string& open, const std::string& close, int depth) {
  return repeated(open, depth) + "2" + repeated(close, depth);
}

// sqrt(2 + sqrt(3 + sqrt(4 + ...))).
inline std::string nested_radicals(int depth) {
  std::string text = "7";
  for (int i = 0; i < depth; ++i) {
    text.insert(0, "\\sqrt{" + std::to_string(2 + i % 9) + "+");
    text += '}';
  }
  return text;
}

// x1 + x2 + ... as a power.
inline std::string sum_of_symbols(int count) {
  std::string sum;
  for (int i = 0; i < count; ++i) sum += std::string(i > 0 ? "+" : "") + static_cast<char>('a' + i);
  return sum;
}

// One table: NOLINTNEXTLINE(readability-function-size)
inline std::vector<HostileAnswer> hostile_answers() {
  const std::string long_integer = "7" + std::string(9999, '3');
  std::string other_integer = long_integer;
  other_integer.back() = '4';
  const std::string symbols = sum_of_symbols(12);
  std::vector<HostileAnswer> all = {
      {"tower of powers", "9^{9^{9^9}}", "9^{9^{9^8}}"},
      {"tower with itself, spelled apart", "9^{9^{9^9}}", "9^{9^{9^{9}}} + 0"},
      {"high tower", nested("9^{", "}", 150), nested("9^{", "}", 149)},
      {"tower of small differences", "2^{2^{2^{2^{2}}}}", "2^{2^{2^{2^{2}}}}+1"},
      {"power of a power", "(((7^{1000})^{1000})^{1000})^{1000}", "5"},
      {"negative tower", "2^{-9^{9^9}}", "0"},
      {"huge factorial", "10^{1000000}!", "(10^{1000000})!+1"},
      {"factorial of factorials", "9!!!!!!!!", "((((9!)!)!)!)!"},
      {"large factorial", "100000!", "99999! \\cdot 100000"},
      {"factorials that differ by one", "3000!", "3000!+1"},
      {"huge binomial",
       "\\binom{10^{18}}{5 \\cdot 10^{17}}",
       "\\binom{10^{18}}{5 \\cdot 10^{17}+1}"},
      {"integer of 10,000 digits", long_integer, other_integer},
      {"product of integers of 10,000 digits",
       long_integer + "\\cdot" + other_integer,
       other_integer + "\\cdot" + long_integer},
      {"fraction of integers of 10,000 digits",
       "\\frac{" + long_integer + "}{" + other_integer + "}",
       "\\frac{" + other_integer + "}{" + long_integer + "}"},
      {"decimal of 10,000 digits", "0." + long_integer, "0." + other_integer},
      {"exponent of ten digits", "1e9999999999", "1e9999999998"},
      {"exponent of 400 digits", "1e" + std::string(400, '9'), "0"},
      {"negative exponent of ten digits", "1e-9999999999", "0"},
      {"nested radicals", nested_radicals(120), nested_radicals(121)},
      {"nested radicals with themselves", nested_radicals(120), "0+" + nested_radicals(120)},
      {"difference of nested radicals",
       nested_radicals(40) + "-" + nested_radicals(40) + "+1",
       "1"},
      {"power of a long sum", "(" + symbols + ")^{60}", "(" + symbols + ")^{59}"},
      {"power of a long sum in two spellings",
       "(" + symbols + ")^{40}",
       "(" + symbols + ")^{20} \\cdot (" + symbols + ")^{20}"},
      {"power of a long sum of high degree", "(a+b)^{100000}", "(b+a)^{100000}"},
      {"product of many sums", repeated("(x+1)(y-2)", 400), repeated("(y-2)(x+1)", 400)},
      {"deep braces", nested("{", "}", 30000), "2"},
      {"deep brackets", nested("(", ")", 30000), "2"},
      {"brackets within the limit", nested("(", ")", 150), nested("[", "]", 150)},
      {"deep fractions", nested("\\frac{1}{1+", "}", 150), nested("\\frac{1}{1+", "}", 151)},
      {"deep boxes", nested("\\boxed{", "}", 20000), "2"},
      {"deep text", nested("\\text{", "}", 20000), "2"},
      {"open braces", std::string(60000, '{'), std::string(59999, '{')},
      {"many minus signs", std::string(50000, '-') + "1", "1"},
      {"many plus-minus signs", repeated("\\pm 1 ", 60), "0"},
      {"plus-minus of symbols", repeated("\\pm x ", 30), repeated("\\pm y ", 30)},
      {"long set", repeated("1,2,", 8000) + "3", repeated("2,1,", 8000) + "3"},
      {"long set of radicals",
       "\\sqrt{2}" + repeated(",\\sqrt{2}+\\sqrt{3}", 300),
       "\\sqrt{3}" + repeated(",\\sqrt{3}+\\sqrt{2}", 300)},
      {"long tuple", "(" + repeated("x,", 8000) + "1)", "(" + repeated("x,", 8000) + "2)"},
      {"many unions",
       repeated("(0,1)\\cup", 3000) + "(2,3)",
       repeated("(2,3)\\cup", 3000) + "(0,1)"},
      {"long chain", repeated("1=", 20000) + "1", "1"},
      {"long matrix",
       "\\begin{pmatrix}" + repeated("1&2\\\\", 4000) + "3&4\\end{pmatrix}",
       "\\begin{pmatrix}" + repeated("1&2\\\\", 4000) + "4&3\\end{pmatrix}"},
      {"sine of a huge number", "\\sin(10^{100000})", "\\sin(10^{100000}+1)"},
      {"sine of a tower", "\\sin(9^{9^{9}})", "\\cos(9^{9^{9}})"},
      {"exponential of exponentials", "e^{e^{e^{e^{e}}}}", "e^{e^{e^{e^{e}}}}+1"},
      {"identity that needs digits", "\\sin(\\pi \\cdot 10^{50} + 1)", "\\sin(1)+10^{-60}"},
      {"floor at a jump", "\\lfloor \\sqrt{2}^2 \\rfloor", "2"},
      {"greatest common divisor", "\\gcd(" + long_integer + "," + other_integer + ")", "1"},
      {"base of many digits", repeated("12", 4000) + "_3", "5"},
      {"many symbols", repeated("x_{1}y_{2}", 4000), repeated("y_{2}x_{1}", 4000)},
      {"megabyte of digits", std::string(1 << 20, '7'), std::string(1 << 20, '8')},
      {"megabyte of letters", std::string(1 << 20, 'a'), "5"},
      {"megabyte of commands", repeated("\\frac", (1 << 20) / 5), "5"},
      {"megabyte of spaces", std::string(1 << 20, ' ') + "5", "5"},
      {"megabyte of words", repeated("the ", 1 << 18), repeated("an ", 1 << 18)},
      {"sixty thousand words", repeated("word ", 12000), repeated("word ", 11999) + "world"},
      {"bytes outside UTF-8", std::string(30000, '\xff'), std::string(30000, '\xfe')},
      {"zero bytes", std::string(30000, '\0'), std::string(29999, '\0')},
      {"division by zero in disguise", "\\frac{1}{\\sqrt{2}^2-2}", "\\frac{2}{\\sqrt{2}^2-2}"},
      {"zero to the zero", "0^0", "1"},
      {"logarithm of zero", "\\ln 0", "-\\infty"},
      {"tangent at its pole", "\\tan \\frac{\\pi}{2}", "\\infty"},
      {"infinity less infinity", "\\infty-\\infty", "0"},
      {"subscript that closes behind a condition", "2A_{ = 3 \\text{ for all } x", "7"},
      {"set of inequalities", repeated("x^2<3,", 1300) + "x>1", repeated("x^2<3,", 1300) + "x>2"},
      {"set of roots", repeated("\\sqrt{2}+\\sqrt{3},", 400) + "1", "\\{1, 2\\}"},
  };
  return all;
}

}  // namespace stratagram
