#include <string>
#include <utility>
#include <vector>

#include "math/expression.h"

namespace stratagram::math {
namespace {

/// How tightly the spelling of a node holds together, loosest first.
enum Strength { kSum, kProduct, kPowerOperand, kAtom };

bool has_subscript(const Node& node) {
  return node.op == Op::kSymbol && node.name.find('_') != std::string::npos;
}

/// Writes with a stack of its own: the depth of a tree is the caller's affair.
class Writer {
 public:
  explicit Writer(size_t max_bytes) : max_bytes_(max_bytes) {}

  std::string write(const Expression& root) {
    pending_.push_back({root.get(), kSum, {}});
    while (!pending_.empty() && text_.size() <= max_bytes_) {
      Item item = std::move(pending_.back());
      pending_.pop_back();
      if (item.node == nullptr) {
        text_ += item.text;
      } else {
        expand(*item.node, item.least);
      }
    }
    if (text_.size() > max_bytes_) {
      text_.resize(max_bytes_);
      text_ += "...";
    }
    return std::move(text_);
  }

 private:
  struct Item {
    const Node* node = nullptr;
    Strength least = kSum;
    std::string text{};
  };

  static Strength strength_of(const Node& node) {
    switch (node.op) {
      case Op::kNumber:
        if (!node.value.is_integer()) return node.value.sign() < 0 ? kSum : kProduct;
        return node.value.sign() < 0 ? kSum : kAtom;
      case Op::kAdd:
      case Op::kNegate:
        return kSum;
      case Op::kMultiply:
      case Op::kDivide:
        return kProduct;
      case Op::kPower:
        return kPowerOperand;
      default:
        return kAtom;
    }
  }

  void expand(const Node& node, Strength least) {
    std::vector<Item> items;
    const bool parenthesised = strength_of(node) < least;
    if (parenthesised) items.push_back({nullptr, kSum, "("});
    spell(node, items);
    if (parenthesised) items.push_back({nullptr, kSum, ")"});
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
      pending_.push_back(std::move(*item));
    }
  }

  static void spell(const Node& node, std::vector<Item>& items) {
    const auto text = [&](std::string part) { items.push_back({nullptr, kSum, std::move(part)}); };
    const auto child = [&](size_t index, Strength least) {
      items.push_back({node.arguments[index].get(), least, {}});
    };
    switch (node.op) {
      case Op::kNumber:
        return text(node.value.text());
      case Op::kSymbol:
        return text(node.name);
      case Op::kPi:
        return text("pi");
      case Op::kE:
        return text("e");
      case Op::kI:
        return text("i");
      case Op::kInfinity:
        return text("oo");
      case Op::kAdd:
        return spell_sum(node, items);
      case Op::kMultiply:
        for (size_t i = 0; i < node.arguments.size(); ++i) {
          if (i > 0) text("*");
          // A quotient in front needs no brackets, a product there would be one with this.
          const bool front = i == 0 && node.arguments[0]->op != Op::kMultiply;
          child(i, front ? kProduct : kPowerOperand);
        }
        return;
      case Op::kDivide:
        child(0, kProduct);
        text("/");
        return child(1, kPowerOperand);
      case Op::kPower:
        child(0, kAtom);
        // In x^a_1 the subscript would be that of x.
        text(has_subscript(*node.arguments[1]) ? "^(" : "^");
        child(1, kAtom);
        if (has_subscript(*node.arguments[1])) text(")");
        return;
      case Op::kNegate:
        text("-");
        return child(0, kProduct);
      case Op::kFunction:
        return spell_call(node, items);
    }
  }

  static void spell_sum(const Node& node, std::vector<Item>& items) {
    for (size_t i = 0; i < node.arguments.size(); ++i) {
      const Node& term = *node.arguments[i];
      const bool negated = term.op == Op::kNegate;
      const bool negative = term.op == Op::kNumber && term.value.sign() < 0;
      if (i == 0 || !(negated || negative)) {
        if (i > 0) items.push_back({nullptr, kSum, " + "});
        // A leading minus needs no brackets; a nested sum does.
        const bool bare = i == 0 && (negated || negative);
        items.push_back({&term, bare ? kSum : kProduct, {}});
      } else if (negated) {
        items.push_back({nullptr, kSum, " - "});
        items.push_back({term.arguments[0].get(), kProduct, {}});
      } else {
        items.push_back({nullptr, kSum, " - " + (-term.value).text()});
      }
    }
  }

  static void spell_call(const Node& node, std::vector<Item>& items) {
    const bool is_sqrt = node.function == Function::kRoot && node.arguments[1]->op == Op::kNumber &&
                         node.arguments[1]->value == Rational(2);
    std::string name = node.function == Function::kOther ? node.name : function_name(node.function);
    items.push_back({nullptr, kSum, (is_sqrt ? "sqrt" : name) + "("});
    const size_t shown = is_sqrt ? 1 : node.arguments.size();
    for (size_t i = 0; i < shown; ++i) {
      if (i > 0) items.push_back({nullptr, kSum, ", "});
      items.push_back({node.arguments[i].get(), kSum, {}});
    }
    items.push_back({nullptr, kSum, ")"});
  }

  size_t max_bytes_;
  std::string text_;
  std::vector<Item> pending_;
};

}  // namespace

std::string to_text(const Expression& expression, size_t max_bytes) {
  return Writer(max_bytes).write(expression);
}

}  // namespace stratagram::math
