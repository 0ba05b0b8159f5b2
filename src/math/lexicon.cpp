#include "math/lexicon.h"

#include <unordered_map>

namespace stratagram::math {
namespace {

using Table = std::unordered_map<std::string_view, Meaning>;

constexpr Meaning emit(TokenKind kind, int32_t detail = 0, std::string_view text = {}) {
  return {CommandAction::kEmit, kind, detail, text};
}

constexpr Meaning of(Function function) {
  return emit(TokenKind::kFunction, static_cast<int32_t>(function));
}

constexpr Meaning of(Op op) {
  return emit(TokenKind::kConstant, static_cast<int32_t>(op));
}

constexpr Meaning of(Relation relation) {
  return emit(TokenKind::kRelation, static_cast<int32_t>(relation));
}

constexpr Meaning act(CommandAction action) {
  return {action, TokenKind::kOther, 0, {}};
}

/// Names that are functions with a backslash and without.
void add_functions(Table& table) {
  constexpr std::pair<std::string_view, Function> kNames[] = {
      {"exp", Function::kExp},
      {"sin", Function::kSin},
      {"cos", Function::kCos},
      {"tan", Function::kTan},
      {"tg", Function::kTan},
      {"cot", Function::kCot},
      {"ctg", Function::kCot},
      {"sec", Function::kSec},
      {"csc", Function::kCsc},
      {"cosec", Function::kCsc},
      {"arcsin", Function::kArcsin},
      {"asin", Function::kArcsin},
      {"arccos", Function::kArccos},
      {"acos", Function::kArccos},
      {"arctan", Function::kArctan},
      {"atan", Function::kArctan},
      {"arctg", Function::kArctan},
      {"arccot", Function::kArccot},
      {"acot", Function::kArccot},
      {"arcsec", Function::kArcsec},
      {"asec", Function::kArcsec},
      {"arccsc", Function::kArccsc},
      {"acsc", Function::kArccsc},
      {"sinh", Function::kSinh},
      {"cosh", Function::kCosh},
      {"tanh", Function::kTanh},
      {"coth", Function::kCoth},
      {"sech", Function::kSech},
      {"csch", Function::kCsch},
      {"arcsinh", Function::kArcsinh},
      {"arsinh", Function::kArcsinh},
      {"asinh", Function::kArcsinh},
      {"arccosh", Function::kArccosh},
      {"arcosh", Function::kArccosh},
      {"acosh", Function::kArccosh},
      {"arctanh", Function::kArctanh},
      {"artanh", Function::kArctanh},
      {"atanh", Function::kArctanh},
      {"abs", Function::kAbs},
      {"floor", Function::kFloor},
      {"ceil", Function::kCeiling},
      {"ceiling", Function::kCeiling},
      {"sign", Function::kSign},
      {"sgn", Function::kSign},
      {"factorial", Function::kFactorial},
      {"doublefactorial", Function::kDoubleFactorial},
      {"binomial", Function::kBinomial},
      {"binom", Function::kBinomial},
      {"comb", Function::kBinomial},
      {"permutations", Function::kPermutations},
      {"perm", Function::kPermutations},
      {"gcd", Function::kGcd},
      {"lcm", Function::kLcm},
      {"max", Function::kMax},
      {"min", Function::kMin},
      {"re", Function::kRe},
      {"Re", Function::kRe},
      {"im", Function::kIm},
      {"Im", Function::kIm},
      {"conjugate", Function::kConjugate},
      {"root", Function::kRoot},
  };
  for (const auto& [name, function] : kNames) table[name] = of(function);
  table["ln"] = emit(TokenKind::kLogarithm, 1);
  table["log"] = emit(TokenKind::kLogarithm, 0);
  table["lg"] = emit(TokenKind::kLogarithm, 10);
}

void add_greek(Table& table) {
  for (const std::string_view name :
       {"alpha",   "beta",   "gamma",   "delta", "epsilon", "zeta",    "eta",   "theta", "iota",
        "kappa",   "lambda", "mu",      "nu",    "xi",      "omicron", "rho",   "sigma", "tau",
        "upsilon", "phi",    "chi",     "psi",   "omega",   "Gamma",   "Delta", "Theta", "Lambda",
        "Xi",      "Sigma",  "Upsilon", "Phi",   "Psi",     "Omega",   "Pi"}) {
    table[name] = emit(TokenKind::kName, 0, name);
  }
}

void add_relations(Table& table) {
  for (const std::string_view name : {"le", "leq", "leqslant", "leqq"}) {
    table[name] = of(Relation::kLessEqual);
  }
  for (const std::string_view name : {"ge", "geq", "geqslant", "geqq"}) {
    table[name] = of(Relation::kGreaterEqual);
  }
  table["lt"] = of(Relation::kLess);
  table["gt"] = of(Relation::kGreater);
  for (const std::string_view name : {"ne", "neq"}) table[name] = of(Relation::kNotEqual);
  for (const std::string_view name :
       {"approx", "approxeq", "simeq", "cong", "thickapprox", "sim"}) {
    table[name] = emit(TokenKind::kApproximately);
  }
  for (const std::string_view name : {"equiv", "coloneqq"}) table[name] = emit(TokenKind::kEqual);
  table["in"] = emit(TokenKind::kElement);
  table["cup"] = table["bigcup"] = emit(TokenKind::kUnion);
  table["cap"] = table["bigcap"] = emit(TokenKind::kIntersection);
  table["setminus"] = table["backslash"] = emit(TokenKind::kSetMinus);
  table["mid"] = emit(TokenKind::kSuchThat);
  table["emptyset"] = table["varnothing"] = emit(TokenKind::kEmptySet);
  table["lor"] = table["vee"] = emit(TokenKind::kWord, 0, "or");
  table["land"] = table["wedge"] = emit(TokenKind::kWord, 0, "and");
}

void add_layout(Table& table) {
  for (const std::string_view name :
       {"left",        "right",    "mleft",      "mright",    "big",          "Big",
        "bigg",        "Bigg",     "bigl",       "bigr",      "Bigl",         "Bigr",
        "biggl",       "biggr",    "middle",     "limits",    "displaystyle", "textstyle",
        "scriptstyle", "boxed",    "fbox",       "nolimits",  "ensuremath",   "mathbf",
        "boldsymbol",  "mathit",   "mathcal",    "mathsf",    "bm",           "pmb",
        "mathscr",     "mathfrak", "underline",  "bf",        "it",           "rm",
        "small",       "large",    "normalsize", "!",         "mathopen",     "mathclose",
        "mathord",     "mathbin",  "underbrace", "overbrace", "Large",        "hline",
        "nonumber",    "notag",    "itshape"}) {
    table[name] = act(CommandAction::kSkip);
  }
  for (const std::string_view name :
       {"quad", "qquad", "thinspace", "enspace", "space", "medspace", "thickspace",
        ",",    ";",     ":",         ">",       " ",     "\n",       "newline",
        "par",  "(",     ")",         "[",       "]",     "hfill",    "negthinspace"}) {
    table[name] = act(CommandAction::kSpace);
  }
  for (const std::string_view name : {"phantom",
                                      "hphantom",
                                      "vphantom",
                                      "hspace",
                                      "vspace",
                                      "color",
                                      "label",
                                      "tag",
                                      "textcolor",
                                      "kern",
                                      "hspace*"}) {
    table[name] = act(CommandAction::kSkipGroup);
  }
  for (const std::string_view name : {"text",
                                      "mbox",
                                      "textbf",
                                      "textit",
                                      "textnormal",
                                      "textrm",
                                      "textsf",
                                      "texttt",
                                      "textsc",
                                      "hbox",
                                      "emph",
                                      "intertext",
                                      "textup"}) {
    table[name] = act(CommandAction::kText);
  }
  for (const std::string_view name : {"mathrm", "operatorname", "operatorname*", "rm", "unit"}) {
    table[name] = act(CommandAction::kRoman);
  }
  table["|"] = emit(TokenKind::kBar);
  table["mathbb"] = table["Bbb"] = act(CommandAction::kBlackboard);
  table["begin"] = act(CommandAction::kBegin);
  table["end"] = act(CommandAction::kEndOf);
}

void add_brackets(Table& table) {
  const auto pair = [&](std::string_view open, std::string_view close, std::string_view sign) {
    table[open] = emit(TokenKind::kOpen, 0, sign);
    table[close] = emit(TokenKind::kClose, 0, sign);
  };
  pair("{", "}", "\\{");
  pair("lbrace", "rbrace", "\\{");
  pair("langle", "rangle", "<");
  pair("lfloor", "rfloor", "|_");
  pair("lceil", "rceil", "|^");
  pair("lbrack", "rbrack", "[");
  pair("lparen", "rparen", "(");
  pair("lgroup", "rgroup", "(");
  pair("llcorner", "lrcorner", "|_");
  pair("ulcorner", "urcorner", "|^");
  for (const std::string_view name : {"vert", "lvert", "rvert"})
    table[name] = emit(TokenKind::kBar);
}

Table make_commands() {
  Table table;
  add_functions(table);
  add_greek(table);
  add_relations(table);
  add_layout(table);
  add_brackets(table);
  for (const std::string_view name : {"frac", "dfrac", "tfrac", "cfrac", "sfrac", "nicefrac"}) {
    table[name] = emit(TokenKind::kFraction);
  }
  for (const std::string_view name : {"binom", "dbinom", "tbinom"}) {
    table[name] = emit(TokenKind::kBinomial);
  }
  table["choose"] = emit(TokenKind::kChoose);
  table["over"] = emit(TokenKind::kOver);
  table["sqrt"] = emit(TokenKind::kSquareRoot);
  table["pi"] = of(Op::kPi);
  table["infty"] = table["infin"] = of(Op::kInfinity);
  table["imath"] = of(Op::kI);
  table["cdot"] = table["times"] = table["ast"] = table["bullet"] = emit(TokenKind::kTimes);
  table["div"] = emit(TokenKind::kDivide);
  table["bmod"] = table["mod"] = emit(TokenKind::kModulo);
  table["pm"] = emit(TokenKind::kPlusMinus, 1);
  table["mp"] = emit(TokenKind::kPlusMinus, -1);
  table["colon"] = emit(TokenKind::kColon);
  table["circ"] = table["degree"] = table["textdegree"] = emit(TokenKind::kDegree);
  table["prime"] = emit(TokenKind::kPrime);
  table["%"] = emit(TokenKind::kPercent);
  table["$"] = table["textdollar"] = emit(TokenKind::kCurrency, 0, "USD");
  table["pounds"] = table["textsterling"] = emit(TokenKind::kCurrency, 0, "GBP");
  table["euro"] = table["texteuro"] = emit(TokenKind::kCurrency, 0, "EUR");
  table["lbrack"] = emit(TokenKind::kOpen, 0, "[");
  for (const std::string_view name : {"vec",
                                      "overrightarrow",
                                      "overline",
                                      "bar",
                                      "hat",
                                      "widehat",
                                      "tilde",
                                      "widetilde",
                                      "dot",
                                      "ddot",
                                      "overleftrightarrow"}) {
    table[name] = emit(TokenKind::kAccent, 0, name);
  }
  for (const std::string_view name : {"angle",
                                      "triangle",
                                      "ell",
                                      "hbar",
                                      "odot",
                                      "oplus",
                                      "star",
                                      "partial",
                                      "nabla",
                                      "measuredangle",
                                      "square"}) {
    table[name] = emit(TokenKind::kName, 0, name);
  }
  constexpr std::pair<std::string_view, std::string_view> kVariants[] = {{"varepsilon", "epsilon"},
                                                                         {"vartheta", "theta"},
                                                                         {"varphi", "phi"},
                                                                         {"varrho", "rho"},
                                                                         {"varsigma", "sigma"},
                                                                         {"varpi", "varpi"}};
  for (const auto& [name, plain] : kVariants) table[name] = emit(TokenKind::kName, 0, plain);
  return table;
}

Table make_names() {
  Table table;
  add_functions(table);
  add_greek(table);
  table["sqrt"] = emit(TokenKind::kSquareRoot);
  table["cbrt"] = emit(TokenKind::kSquareRoot, 3);
  table["pi"] = of(Op::kPi);
  table["e"] = of(Op::kE);
  table["i"] = of(Op::kI);
  for (const std::string_view name : {"oo", "inf", "infty", "infinity", "Infinity", "Inf"}) {
    table[name] = of(Op::kInfinity);
  }
  table["mod"] = emit(TokenKind::kModulo);
  for (const std::string_view name : {"emptyset", "EmptySet"}) {
    table[name] = emit(TokenKind::kEmptySet);
  }
  table["choose"] = emit(TokenKind::kChoose);
  table["USD"] = emit(TokenKind::kCurrency, 0, "USD");
  table["EUR"] = emit(TokenKind::kCurrency, 0, "EUR");
  table["GBP"] = emit(TokenKind::kCurrency, 0, "GBP");
  return table;
}

std::unordered_map<char32_t, Meaning> make_signs() {
  std::unordered_map<char32_t, Meaning> table;
  for (const char32_t sign : {0x2212, 0x2013, 0x2014, 0xfe63, 0x2010, 0x2011}) {
    table[sign] = emit(TokenKind::kMinus);
  }
  for (const char32_t sign : {0xd7, 0xb7, 0x22c5, 0x2219, 0x2217, 0x2022, 0x2a2f}) {
    table[sign] = emit(TokenKind::kTimes);
  }
  table[0xf7] = table[0x2215] = table[0x2044] = emit(TokenKind::kDivide);
  table[0xb1] = emit(TokenKind::kPlusMinus, 1);
  table[0x2213] = emit(TokenKind::kPlusMinus, -1);
  table[0x2264] = table[0x2a7d] = table[0x2266] = of(Relation::kLessEqual);
  table[0x2265] = table[0x2a7e] = table[0x2267] = of(Relation::kGreaterEqual);
  table[0x2260] = of(Relation::kNotEqual);
  table[0x2248] = table[0x2243] = table[0x2245] = emit(TokenKind::kApproximately);
  table[0x2261] = emit(TokenKind::kEqual);
  table[0x2208] = emit(TokenKind::kElement);
  table[0x222a] = emit(TokenKind::kUnion);
  table[0x2229] = emit(TokenKind::kIntersection);
  table[0x2216] = emit(TokenKind::kSetMinus);
  table[0x2205] = emit(TokenKind::kEmptySet);
  table[0x2223] = emit(TokenKind::kSuchThat);
  table[0x221e] = of(Op::kInfinity);
  table[0x3c0] = table[0x1d70b] = of(Op::kPi);
  table[0x221a] = emit(TokenKind::kSquareRoot);
  table[0x221b] = emit(TokenKind::kSquareRoot, 3);
  table[0x221c] = emit(TokenKind::kSquareRoot, 4);
  table[0xb0] = table[0xba] = table[0x2218] = emit(TokenKind::kDegree);
  table[0x2032] = table[0x2019] = emit(TokenKind::kPrime);
  table[0x20ac] = emit(TokenKind::kCurrency, 0, "EUR");
  table[0xa3] = emit(TokenKind::kCurrency, 0, "GBP");
  table[0xa5] = emit(TokenKind::kCurrency, 0, "JPY");
  table[0x20b9] = emit(TokenKind::kCurrency, 0, "INR");
  table[0x27e8] = table[0x2329] = emit(TokenKind::kOpen, 0, "<");
  table[0x27e9] = table[0x232a] = emit(TokenKind::kClose, 0, "<");
  table[0x230a] = emit(TokenKind::kOpen, 0, "|_");
  table[0x230b] = emit(TokenKind::kClose, 0, "|_");
  table[0x2308] = emit(TokenKind::kOpen, 0, "|^");
  table[0x2309] = emit(TokenKind::kClose, 0, "|^");
  table[0x211d] = emit(TokenKind::kNumbers, 0, "R");
  table[0x2124] = emit(TokenKind::kNumbers, 0, "Z");
  table[0x2115] = emit(TokenKind::kNumbers, 0, "N");
  table[0x211a] = emit(TokenKind::kNumbers, 0, "Q");
  table[0x2102] = emit(TokenKind::kNumbers, 0, "C");
  table[0x2026] = emit(TokenKind::kOther, 0, "dots");
  table[0x2220] = emit(TokenKind::kName, 0, "angle");
  table[0x25b3] = emit(TokenKind::kName, 0, "triangle");
  constexpr std::string_view kGreek[] = {
      "alpha", "beta",   "gamma",   "delta", "epsilon", "zeta",    "eta",  "theta", "iota",
      "kappa", "lambda", "mu",      "nu",    "xi",      "omicron", "",     "rho",   "sigma",
      "sigma", "tau",    "upsilon", "phi",   "chi",     "psi",     "omega"};
  for (char32_t i = 0; i < std::size(kGreek); ++i) {
    if (!kGreek[i].empty()) table[0x3b1 + i] = emit(TokenKind::kName, 0, kGreek[i]);
  }
  constexpr std::pair<char32_t, std::string_view> kCapitals[] = {{0x393, "Gamma"},
                                                                 {0x394, "Delta"},
                                                                 {0x398, "Theta"},
                                                                 {0x39b, "Lambda"},
                                                                 {0x3a0, "Pi"},
                                                                 {0x3a3, "Sigma"},
                                                                 {0x3a6, "Phi"},
                                                                 {0x3a8, "Psi"},
                                                                 {0x3a9, "Omega"},
                                                                 {0x3d5, "phi"},
                                                                 {0x3f5, "epsilon"},
                                                                 {0xb5, "mu"}};
  for (const auto& [sign, name] : kCapitals) table[sign] = emit(TokenKind::kName, 0, name);
  return table;
}

template <typename Map, typename Key>
std::optional<Meaning> found(const Map& table, const Key& key) {
  const auto entry = table.find(key);
  if (entry == table.end()) return std::nullopt;
  return entry->second;
}

}  // namespace

std::optional<Meaning> command_meaning(std::string_view name) {
  static const Table kTable = make_commands();
  return found(kTable, name);
}

std::optional<Meaning> name_meaning(std::string_view name) {
  static const Table kTable = make_names();
  return found(kTable, name);
}

size_t function_prefix(std::string_view run) {
  for (size_t rest = 1; rest <= 2 && rest + 2 <= run.size(); ++rest) {
    const auto meaning = name_meaning(run.substr(0, run.size() - rest));
    if (meaning &&
        (meaning->kind == TokenKind::kFunction || meaning->kind == TokenKind::kLogarithm)) {
      return run.size() - rest;
    }
  }
  return 0;
}

std::optional<Meaning> sign_meaning(char32_t sign) {
  static const auto kTable = make_signs();
  return found(kTable, sign);
}

std::optional<std::pair<char, char>> fraction_of_sign(char32_t sign) {
  static const std::unordered_map<char32_t, std::pair<char, char>> kFractions = {
      {0xbc, {'1', '4'}},
      {0xbd, {'1', '2'}},
      {0xbe, {'3', '4'}},
      {0x2150, {'1', '7'}},
      {0x2151, {'1', '9'}},
      {0x2153, {'1', '3'}},
      {0x2154, {'2', '3'}},
      {0x2155, {'1', '5'}},
      {0x2156, {'2', '5'}},
      {0x2157, {'3', '5'}},
      {0x2158, {'4', '5'}},
      {0x2159, {'1', '6'}},
      {0x215a, {'5', '6'}},
      {0x215b, {'1', '8'}},
      {0x215c, {'3', '8'}},
      {0x215d, {'5', '8'}},
      {0x215e, {'7', '8'}}};
  const auto entry = kFractions.find(sign);
  if (entry == kFractions.end()) return std::nullopt;
  return entry->second;
}

int raised_digit(char32_t sign) {
  if (sign == 0x2070) return 0;
  if (sign == 0xb9) return 1;
  if (sign == 0xb2 || sign == 0xb3) return static_cast<int>(sign - 0xb0);
  if (sign >= 0x2074 && sign <= 0x2079) return static_cast<int>(sign - 0x2070);
  if (sign >= 0x2080 && sign <= 0x2089) return static_cast<int>(sign - 0x2080);
  return -1;
}

}  // namespace stratagram::math
