#include "math/brackets.h"

#include <utility>

namespace stratagram::math {
namespace {

constexpr size_t kMaxForgotten = 2;

bool opens(TokenKind kind) {
  return kind == TokenKind::kOpen || kind == TokenKind::kBegin;
}
bool closes(TokenKind kind) {
  return kind == TokenKind::kClose || kind == TokenKind::kEndOf;
}

bool match(const Token& open, const Token& close) {
  if ((open.kind == TokenKind::kBegin) != (close.kind == TokenKind::kEndOf)) return false;
  const auto is_round = [](const Token& token) { return token.text == "(" || token.text == "["; };
  return open.text == close.text || (is_round(open) && is_round(close));
}

/// Whether from `first` on there is nothing but braces that close and full stops.
bool is_stray_end(const std::vector<Token>& tokens, size_t first) {
  for (size_t i = first; i < tokens.size(); ++i) {
    const bool is_brace = tokens[i].kind == TokenKind::kClose && tokens[i].text == "{";
    if (!is_brace && tokens[i].kind != TokenKind::kFullStop) return false;
  }
  return true;
}

}  // namespace

void pair_brackets_(Lexed& lexed) {
  std::vector<Token>& tokens = lexed.tokens;
  Token end = std::move(tokens.back());
  tokens.pop_back();
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens.size() && lexed.is_balanced; ++i) {
    lexed.partner.push_back(i);
    if (opens(tokens[i].kind)) {
      open.push_back(i);
    } else if (closes(tokens[i].kind)) {
      if (open.empty() && is_stray_end(tokens, i)) {
        tokens.resize(i);
        lexed.partner.resize(i);
      } else if (open.empty() || !match(tokens[open.back()], tokens[i])) {
        lexed.is_balanced = false;
      } else {
        lexed.partner[i] = open.back();
        lexed.partner[open.back()] = i;
        open.pop_back();
      }
    }
  }
  if (open.size() > kMaxForgotten) lexed.is_balanced = false;
  for (; lexed.is_balanced && !open.empty(); open.pop_back()) {
    Token close = tokens[open.back()];
    if (close.text != "{" && close.text != "(") lexed.is_balanced = false;
    close.kind = TokenKind::kClose;
    close.begin = close.end = end.begin;
    lexed.partner[open.back()] = tokens.size();
    lexed.partner.push_back(open.back());
    tokens.push_back(std::move(close));
  }
  lexed.partner.push_back(tokens.size());
  tokens.push_back(std::move(end));
}

}  // namespace stratagram::math
