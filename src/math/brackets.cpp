#include "math/brackets.h"

#include <algorithm>
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
  const auto is_round = [](const Token& token) {
    return token.text == "(" || token.text == "[" || token.text == "]";
  };
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

bool is_square(const Token& token) {
  return (token.kind == TokenKind::kOpen || token.kind == TokenKind::kClose) && token.text == "[";
}

/// ]1, 4[: square brackets taken in turn; those that look away get the text "]". Whether any does.
bool turn_brackets_(std::vector<Token>& tokens) {
  bool any = false;
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens.size(); ++i) {
    Token& token = tokens[i];
    if (is_square(token)) {
      const bool is_end =
          !open.empty() && (is_square(tokens[open.back()]) || tokens[open.back()].text == "]");
      const TokenKind kind = is_end ? TokenKind::kClose : TokenKind::kOpen;
      if (kind != token.kind) token.text = "]";
      any = any || kind != token.kind;
      token.kind = kind;
    }
    if (opens(token.kind)) open.push_back(i);
    if (closes(token.kind) && !open.empty()) open.pop_back();
  }
  return any;
}

/// "[1, 4[ \cup ]5, 6]" pairs well and says nothing: no bracket opens before a union.
bool is_turned(const std::vector<Token>& tokens) {
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    const bool opens_square = tokens[i].kind == TokenKind::kOpen && is_square(tokens[i]);
    if (opens_square && tokens[i + 1].kind == TokenKind::kUnion) return true;
  }
  return false;
}

/// Finds all partners; tells by is_balanced whether it could.
void pair_(Lexed& lexed) {
  std::vector<Token>& tokens = lexed.tokens;
  lexed.partner.clear();
  lexed.is_balanced = true;
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens.size() && lexed.is_balanced; ++i) {
    lexed.partner.push_back(i);
    if (opens(tokens[i].kind)) {
      open.push_back(i);
      lexed.depth = std::max(lexed.depth, open.size());
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
    if (close.text != "{" && close.text != "(") {
      lexed.is_balanced = false;
      return;
    }
    close.kind = TokenKind::kClose;
    close.begin = close.end = tokens.back().end;
    lexed.partner[open.back()] = tokens.size();
    lexed.partner.push_back(open.back());
    tokens.push_back(std::move(close));
  }
}

}  // namespace

void pair_brackets_(Lexed& lexed) {
  Token end = std::move(lexed.tokens.back());
  lexed.tokens.pop_back();
  if (is_turned(lexed.tokens)) turn_brackets_(lexed.tokens);
  pair_(lexed);
  if (!lexed.is_balanced && turn_brackets_(lexed.tokens)) pair_(lexed);
  lexed.partner.push_back(lexed.tokens.size());
  lexed.tokens.push_back(std::move(end));
}

}  // namespace stratagram::math
