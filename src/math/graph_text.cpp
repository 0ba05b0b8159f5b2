// math/graph_text.cpp -- nodes of a graph for people to read.
#include <fmt/format.h>

#include "math/graph.h"

namespace stratagram::math {
namespace {

/// How tightly what stands around binds: parentheses go where it binds more.
enum Context { kAnything = 0, kOfProduct = 1, kOfPower = 2 };

std::string number_text(const Rational& value) {
  // Digits of huge numbers take long to find, and nobody reads them.
  if (value.bits() <= 4096) return value.text();
  const auto digits = static_cast<int64_t>(static_cast<double>(value.bits()) * 0.30103);
  return fmt::format("<about {} digits>", digits);
}

std::string exact_text(const Exact& value) {
  if (value.is_real()) return number_text(value.re);
  if (value.re.is_zero() && value.im == Rational(1)) return "i";
  const std::string imaginary = number_text(value.im) + "*i";
  return value.re.is_zero() ? imaginary : number_text(value.re) + " + " + imaginary;
}

bool is_atom(const std::string& number) {
  return number.find_first_not_of("0123456789") == std::string::npos || number == "i";
}

}  // namespace

void Graph::write(NodeId id, int context, size_t max_bytes, std::string& out) const {
  if (out.size() > max_bytes) return;
  const GraphNode& it = node(id);
  const auto list = [&](const char* separator, int inner) {
    bool first = true;
    for (const NodeId argument : it.arguments) {
      if (!first) out += separator;
      first = false;
      write(argument, inner, max_bytes, out);
      if (out.size() > max_bytes) return;
    }
  };
  const auto in_parentheses = [&](bool wanted, const char* separator, int inner) {
    if (wanted) out += "(";
    list(separator, inner);
    if (wanted) out += ")";
  };
  switch (it.term) {
    case Term::kNumber: {
      const std::string text = exact_text(value(id));
      const bool wrap = context >= kOfProduct && !is_atom(text);
      out += wrap ? "(" + text + ")" : text;
      return;
    }
    case Term::kSymbol:
      out += name(id);
      return;
    case Term::kPi:
      out += "pi";
      return;
    case Term::kE:
      out += "e";
      return;
    case Term::kInfinity:
      out += "oo";
      return;
    case Term::kSum:
      return in_parentheses(context >= kOfProduct, " + ", kAnything);
    case Term::kProduct:
      return in_parentheses(context >= kOfPower, "*", kOfProduct);
    case Term::kPower:
      return in_parentheses(context >= kOfPower, "^", kOfPower);
    case Term::kFunction:
      if (it.function == Function::kRoot && is_number(it.arguments[1]) &&
          value(it.arguments[1]).re == Rational(2)) {
        out += "sqrt(";
        write(it.arguments[0], kAnything, max_bytes, out);
        out += ")";
        return;
      }
      out += it.function == Function::kOther ? name(id) : function_name(it.function);
      return in_parentheses(true, ", ", kAnything);
    case Term::kUndefined:
      out += "undefined";
      return;
  }
}

std::string Graph::text(NodeId id, size_t max_bytes) const {
  std::string out;
  if (infinity_sign(id) < 0) return "-oo";
  write(id, kAnything, max_bytes, out);
  if (out.size() > max_bytes) out.replace(max_bytes, std::string::npos, "...");
  return out;
}

}  // namespace stratagram::math
