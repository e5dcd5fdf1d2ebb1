#include "scale/formula/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "scale/formula/functions.h"
#include "scale/formula/lexer.h"
#include "scale/formula/limits.h"
#include "scale/formula/literal.h"

namespace scale::formula {
namespace {

struct Binary {
  std::string_view symbol;
  Operator op;
  int precedence;
  bool right = false;
};

constexpr Binary binaries[] = {
    {"|", Operator::pipe, 0},
    {"or", Operator::logical_or, 10},
    {"||", Operator::logical_or, 10},
    {"and", Operator::logical_and, 15},
    {"&&", Operator::logical_and, 15},
    {"==", Operator::equal, 20},
    {"!=", Operator::unequal, 20},
    {"<", Operator::less, 20},
    {">", Operator::greater, 20},
    {"<=", Operator::less_equal, 20},
    {">=", Operator::greater_equal, 20},
    {"in", Operator::in, 20},
    {"..", Operator::range, 25},
    {"+", Operator::add, 30},
    {"-", Operator::subtract, 30},
    {"*", Operator::multiply, 60},
    {"/", Operator::divide, 60},
    {"%", Operator::modulo, 60},
    {"**", Operator::power, 100, true},
    {"^", Operator::power, 100, true},
    {"??", Operator::coalesce, 500},
};

struct Unary {
  std::string_view symbol;
  Operator op;
  int precedence;
};

constexpr Unary unaries[] = {{"not", Operator::logical_not, 50},
                             {"!", Operator::logical_not, 50},
                             {"-", Operator::minus, 90},
                             {"+", Operator::plus, 90}};

constexpr std::array<std::string_view, 4> string_operators = {"matches", "contains", "startsWith",
                                                              "endsWith"};

template <class Row>
const Row* row_of(const Token& token, std::span<const Row> rows) {
  if (token.kind != TokenKind::symbol) return nullptr;
  const auto row = std::ranges::find(rows, token.text, &Row::symbol);
  return row == rows.end() ? nullptr : &*row;
}

const Binary* binary_of(const Token& token) {
  return row_of<Binary>(token, binaries);
}

bool is_order(Operator op) {
  return op >= Operator::less && op <= Operator::greater_equal;
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens)
      : text_(text), tokens_(std::move(tokens)) {}

  Result<Tree> run() {
    TRY(tree_.root, sequence());
    if (now().kind != TokenKind::end) return unexpected();
    return std::move(tree_);
  }

 private:
  // Reading tokens.

  const Token& now() const { return tokens_[next_]; }
  const Token& ahead() const { return tokens_[std::min(next_ + 1, tokens_.size() - 1)]; }
  void advance() { next_ = std::min(next_ + 1, tokens_.size() - 1); }

  bool at(std::string_view symbol) const {
    return now().kind == TokenKind::symbol && now().text == symbol;
  }

  bool accept(std::string_view symbol) {
    if (!at(symbol)) return false;
    advance();
    return true;
  }

  Result<void> expect(std::string_view symbol) {
    if (accept(symbol)) return {};
    return error(now(), fmt::format("{} instead of {}", described(now()), symbol));
  }

  Result<std::string> expect_name(std::string_view what) {
    if (now().kind != TokenKind::name)
      return error(now(), fmt::format("{} instead of {}", described(now()), what));
    std::string name = now().text;
    advance();
    return name;
  }

  static std::string described(const Token& token) {
    if (token.kind == TokenKind::end) return "the formula ends";
    return fmt::format("unexpected {}", token.kind == TokenKind::string ? "string" : token.text);
  }

  std::unexpected<Error> error(const Token& token, std::string_view what) const {
    return fail_at(text_, token.at, what);
  }

  std::unexpected<Error> unexpected() const {
    if (now().kind == TokenKind::symbol && now().text.starts_with('#'))
      return error(now(), "# is only known inside a predicate");
    return error(now(),
                 now().kind == TokenKind::end ? "the formula ends too soon" : described(now()));
  }

  // Making nodes.

  Result<NodeId> add(Node node) {
    if (tree_.nodes.size() >= nodes_max)
      return fail_at(text_, node.at, fmt::format("more than {} terms", nodes_max));
    for (const NodeId child : node.children)
      if (child != no_node) node.height = std::max(node.height, tree_[child].height + 1);
    if (node.height > height_max)
      return fail_at(text_, node.at, fmt::format("more than {} operations in a row", height_max));
    tree_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(tree_.nodes.size() - 1);
  }

  // One level deeper until the end of the scope.
  class Level {
   public:
    explicit Level(std::uint32_t& depth) : depth_(++depth) {}
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    std::uint32_t& depth_;
  };

  Result<void> check_depth() const {
    if (depth_ <= nesting_max) return {};
    return error(now(), fmt::format("nested deeper than {} levels", nesting_max));
  }

  // The grammar, loosest first.

  Result<NodeId> sequence() {
    const std::uint32_t start = now().at;
    std::vector<NodeId> parts;
    do {
      TRY(parts.emplace_back(), expression(0));
    } while (accept(";") && now().kind != TokenKind::end);
    if (parts.size() == 1) return parts.front();
    return add({.kind = NodeKind::sequence, .at = start, .children = std::move(parts)});
  }

  Result<NodeId> expression(int precedence) {
    const Level level(depth_);
    TRY_VOID(check_depth());
    if (precedence == 0 && accept("let")) return let();
    if (precedence == 0 && at("if")) return branches();
    TRY(NodeId left, primary());
    TRY(left, operations(left, precedence));
    return precedence == 0 ? ternaries(left) : left;
  }

  Result<NodeId> let() {
    const std::uint32_t start = now().at;
    TRY(auto name, expect_name("a name after let"));
    TRY_VOID(expect("="));
    TRY(const NodeId value, expression(0));
    TRY_VOID(expect(";"));
    TRY(const NodeId body, sequence());
    return add(
        {.kind = NodeKind::let, .at = start, .text = std::move(name), .children = {value, body}});
  }

  Result<NodeId> branches() {
    const Level level(depth_);
    TRY_VOID(check_depth());
    const std::uint32_t start = now().at;
    advance();
    TRY(const NodeId condition, expression(0));
    TRY(const NodeId then, block());
    TRY_VOID(expect("else"));
    TRY(const NodeId otherwise, at("if") ? branches() : block());
    return add(
        {.kind = NodeKind::conditional, .at = start, .children = {condition, then, otherwise}});
  }

  Result<NodeId> block() {
    TRY_VOID(expect("{"));
    TRY(const NodeId body, sequence());
    TRY_VOID(expect("}"));
    return body;
  }

  Result<NodeId> ternaries(NodeId condition) {
    while (at("?")) {
      const std::uint32_t start = now().at;
      advance();
      std::vector<NodeId> parts{condition};
      if (!at(":")) {
        TRY(parts.emplace_back(), expression(0));
      }
      TRY_VOID(expect(":"));
      TRY(parts.emplace_back(), expression(0));
      TRY(condition,
          add({.kind = NodeKind::conditional, .at = start, .children = std::move(parts)}));
    }
    return condition;
  }

  Result<NodeId> operations(NodeId left, int precedence) {
    for (;;) {
      const Token& token = now();
      TRY_VOID(refuse_strings(negated(token) ? ahead() : token));
      if (negated(token) && ahead().text != "in")
        return error(ahead(), fmt::format("{} after not", described(ahead())));
      const Binary* row = binary_of(negated(token) ? ahead() : token);
      if (!row || row->precedence < precedence) return left;
      TRY(left, operation(left, *row));
    }
  }

  Result<void> refuse_strings(const Token& op) const {
    if (op.kind != TokenKind::symbol ||
        std::ranges::find(string_operators, op.text) == string_operators.end())
      return {};
    return error(op,
                 fmt::format("operator {} works on strings, and formulas have numbers", op.text));
  }

  static bool negated(const Token& token) {
    return token.kind == TokenKind::symbol && token.text == "not";
  }

  Result<NodeId> operation(NodeId left, const Binary& row) {
    const std::uint32_t start = now().at;
    const bool is_not = negated(now());
    if (is_not) advance();
    advance();
    if (row.op == Operator::pipe) return piped(left);
    if (is_order(row.op)) return comparisons(left, row, start);
    TRY(const NodeId right, expression(row.right ? row.precedence : row.precedence + 1));
    TRY(const NodeId both,
        add({.kind = NodeKind::binary, .op = row.op, .at = start, .children = {left, right}}));
    if (!is_not) return both;
    return add(
        {.kind = NodeKind::unary, .op = Operator::logical_not, .at = start, .children = {both}});
  }

  Result<NodeId> comparisons(NodeId left, const Binary& first, std::uint32_t start) {
    Node node{.kind = NodeKind::comparison, .at = start, .children = {left}};
    const Binary* row = &first;
    for (;;) {
      node.operators.push_back(row->op);
      TRY(node.children.emplace_back(), expression(row->precedence + 1));
      row = binary_of(now());
      if (!row || !is_order(row->op)) return add(std::move(node));
      advance();
    }
  }

  Result<NodeId> piped(NodeId left) {
    const Token name = now();
    TRY_VOID(expect_name("a function after |"));
    return call(name, {left}, false);
  }

  Result<NodeId> primary() {
    const Token token = now();
    if (const auto* row = row_of<Unary>(token, unaries)) {
      advance();
      TRY(const NodeId operand, expression(row->precedence));
      TRY(const NodeId node,
          add({.kind = NodeKind::unary, .op = row->op, .at = token.at, .children = {operand}}));
      return postfix(node);
    }
    if (accept("(")) {
      TRY(const NodeId inside, sequence());
      TRY_VOID(expect(")"));
      return postfix(inside);
    }
    if (predicates_ > 0 && (at("#") || at("."))) return element();
    if (accept("::")) {
      const Token name = now();
      TRY_VOID(expect_name("a function after ::"));
      TRY(const NodeId result, call(name, {}, true));
      return postfix(result);
    }
    return term();
  }

  // "#", "#acc", or ".field", which is "#.field".
  Result<NodeId> element() {
    Node node{.kind = NodeKind::element, .at = now().at};
    if (accept("#") && now().kind == TokenKind::name && now().at == node.at + 1) {
      node.text = now().text;
      advance();
    }
    TRY(const NodeId id, add(std::move(node)));
    return postfix(id);
  }

  Result<NodeId> term() {
    const Token token = now();
    if (token.kind == TokenKind::number) {
      advance();
      auto node = number_node(token.text);
      if (!node) return error(token, node.error().what);
      node->at = token.at;
      return add(std::move(*node));
    }
    if (token.kind == TokenKind::string) {
      advance();
      TRY(const NodeId id, add({.kind = NodeKind::string, .at = token.at, .text = token.text}));
      return postfix(id);
    }
    if (token.kind == TokenKind::name) return named();
    if (at("[")) return array();
    if (at("{")) return map();
    return unexpected();
  }

  Result<NodeId> named() {
    const Token token = now();
    advance();
    if (token.text == "nil") return add({.kind = NodeKind::nil, .at = token.at});
    if (token.text == "true" || token.text == "false")
      return add({.kind = NodeKind::boolean, .at = token.at, .integer = token.text == "true"});
    if (token.text == "$env") {
      TRY(const NodeId id, env(token));
      return postfix(id);
    }
    TRY(const NodeId id, at("(")
                             ? call(token, {}, false)
                             : add({.kind = NodeKind::name, .at = token.at, .text = token.text}));
    return postfix(id);
  }

  // $env.name, $env["name"], $env[key], each also with "?.".
  Result<NodeId> env(const Token& token) {
    Node node{.kind = NodeKind::env, .optional = at("?."), .at = token.at};
    if (accept(".") || (accept("?.") && !at("["))) {
      TRY(node.text, property());
      return add(std::move(node));
    }
    if (!accept("[")) return error(token, "$env needs a name: $env[\"name\"]");
    TRY(const NodeId key, expression(0));
    TRY_VOID(expect("]"));
    if (tree_[key].kind == NodeKind::string) {
      node.text = tree_[key].text;
    } else {
      node.kind = NodeKind::env_at;
      node.children = {key};
    }
    return add(std::move(node));
  }

  // A name after a dot; words that are operators are names here.
  Result<std::string> property() {
    const Token token = now();
    if (token.kind != TokenKind::name && (token.kind != TokenKind::symbol ||
                                          !std::isalpha(static_cast<unsigned char>(token.text[0]))))
      return error(token, fmt::format("{} instead of a name", described(token)));
    advance();
    return token.text;
  }

  Result<NodeId> postfix(NodeId base) {
    for (;;) {
      if (at(".") || (at("?.") && ahead().text != "[")) {
        TRY(base, field(base));
      } else if (at("[") || at("?.")) {
        TRY(base, brackets(base));
      } else {
        return base;
      }
    }
  }

  Result<NodeId> field(NodeId base) {
    const bool optional = at("?.");
    advance();
    const Token token = now();
    TRY(auto name, property());
    if (at("(")) return error(token, fmt::format("values have no method {}", name));
    TRY(const NodeId key, add({.kind = NodeKind::string, .at = token.at, .text = std::move(name)}));
    const bool continues = tree_[base].kind == NodeKind::optional_chain;
    if (continues) base = tree_[base].children[0];
    return index(base, key, {.optional = optional, .chained = continues || optional}, token.at);
  }

  struct Access {
    bool optional = false;
    bool chained = false;
  };

  Result<NodeId> index(NodeId base, NodeId key, Access access, std::uint32_t start) {
    TRY(const NodeId id, add({.kind = NodeKind::index,
                              .optional = access.optional,
                              .at = start,
                              .children = {base, key}}));
    if (!access.chained) return id;
    return add({.kind = NodeKind::optional_chain, .at = start, .children = {id}});
  }

  // [key], [from:to], each bound of a slice optional.
  Result<NodeId> brackets(NodeId base) {
    const bool optional = accept("?.");
    const std::uint32_t start = now().at;
    advance();
    NodeId from = no_node;
    if (!at(":")) {
      TRY(from, expression(0));
    }
    if (accept("]")) return index(base, from, {optional, optional}, start);
    TRY_VOID(expect(":"));
    NodeId to = no_node;
    if (!at("]")) {
      TRY(to, expression(0));
    }
    TRY_VOID(expect("]"));
    return add({.kind = NodeKind::slice, .at = start, .children = {base, from, to}});
  }

  Result<NodeId> call(const Token& name, std::vector<NodeId> arguments, bool explicit_builtin) {
    const Function* function = find_function(name.text);
    if (function && !function->refused.empty())
      return error(name, fmt::format("{}() is not available: {}", name.text, function->refused));
    TRY_VOID(expect("("));
    const std::size_t given = arguments.size();  // by a pipe
    while (!at(")")) {
      if (arguments.size() > given) {
        TRY_VOID(expect(","));
        if (at(")")) break;
      }
      // An unknown function may be a misspelt one with a predicate; its name is the problem to
      // report.
      const bool predicate = arguments.size() == 1 && (!function || function->loop);
      TRY(arguments.emplace_back(), predicate ? this->predicate() : expression(0));
    }
    TRY_VOID(expect(")"));
    return add({.kind = NodeKind::call,
                .optional = explicit_builtin,
                .at = name.at,
                .text = name.text,
                .children = std::move(arguments)});
  }

  Result<NodeId> predicate() {
    const Level level(predicates_);
    return at("{") ? block() : expression(0);
  }

  Result<NodeId> array() {
    Node node{.kind = NodeKind::array, .at = now().at};
    advance();
    while (!at("]")) {
      if (!node.children.empty()) {
        TRY_VOID(expect(","));
        if (at("]")) break;
      }
      TRY(node.children.emplace_back(), expression(0));
    }
    advance();
    return finished(std::move(node));
  }

  Result<NodeId> map() {
    Node node{.kind = NodeKind::map, .at = now().at};
    advance();
    while (!at("}")) {
      if (!node.children.empty()) {
        TRY_VOID(expect(","));
        if (at("}")) break;
      }
      TRY(node.children.emplace_back(), key());
      TRY_VOID(expect(":"));
      TRY(node.children.emplace_back(), expression(0));
    }
    advance();
    return finished(std::move(node));
  }

  Result<NodeId> finished(Node node) {
    TRY(const NodeId id, add(std::move(node)));
    return postfix(id);
  }

  // A number, a string or a name, each read as a string; or any expression in parentheses.
  Result<NodeId> key() {
    if (at("(")) return expression(0);
    const Token token = now();
    if (token.kind == TokenKind::symbol || token.kind == TokenKind::end)
      return error(token, fmt::format("{} instead of a key", described(token)));
    advance();
    return add({.kind = NodeKind::string, .at = token.at, .text = token.text});
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::uint32_t depth_ = 0;
  std::uint32_t predicates_ = 0;
  Tree tree_;
};

}  // namespace

Result<Tree> parse(std::string_view text) {
  TRY(auto tokens, tokenize(text));
  return Parser(text, std::move(tokens)).run();
}

}  // namespace scale::formula
