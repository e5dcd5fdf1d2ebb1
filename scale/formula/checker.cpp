#include "scale/formula/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "scale/formula/functions.h"
#include "scale/formula/lexer.h"
#include "scale/formula/suggest.h"

namespace scale::formula {
namespace {

constexpr Type nil{Base::nil}, boolean{Base::boolean}, integer{Base::integer}, number{Base::number},
    string{Base::string}, map{Base::map};

// What an operator makes of two types; nothing when they do not go together.
using Rule = std::optional<Type> (*)(Type, Type);

std::optional<Type> arithmetic(Type a, Type b) {
  if (!a.maybe_numeric() || !b.maybe_numeric()) return std::nullopt;
  if (a.unknown() || b.unknown()) return Type{};
  return a.integer() && b.integer() ? integer : number;
}

std::optional<Type> real(Type a, Type b) {
  if (!a.maybe_numeric() || !b.maybe_numeric()) return std::nullopt;
  return number;
}

std::optional<Type> whole(Type a, Type b) {
  if (!a.maybe(Base::integer) || !b.maybe(Base::integer)) return std::nullopt;
  return integer;
}

std::optional<Type> range_of(Type a, Type b) {
  if (!whole(a, b)) return std::nullopt;
  return array_of(integer);
}

std::optional<Type> logic(Type a, Type b) {
  if (!a.maybe(Base::boolean) || !b.maybe(Base::boolean)) return std::nullopt;
  return boolean;
}

std::optional<Type> equality(Type a, Type b) {
  const bool comparable = a.unknown() || b.unknown() || a.nil() || b.nil() || a == b ||
                          (a.numeric() && b.numeric()) || (a.array() && b.array()) ||
                          (a.map() && b.map());
  if (!comparable) return std::nullopt;
  return boolean;
}

std::optional<Type> order(Type a, Type b) {
  if (!a.maybe_numeric() || !b.maybe_numeric()) return std::nullopt;
  return boolean;
}

std::optional<Type> membership(Type a, Type b) {
  const bool in_map = b.is(Base::groups) || (b.is(Base::map) && a.maybe(Base::string));
  if (!b.unknown() && !in_map && !(b.array() && equality(a, element_of(b)))) return std::nullopt;
  return boolean;
}

std::optional<Type> fallback(Type a, Type b) {
  return either(a, b);
}

// By Operator, from `pipe`.
constexpr std::array<Rule, 18> rules = {
    nullptr,    logic,    logic,      equality,   equality,   order, order, order, order,
    membership, range_of, arithmetic, arithmetic, arithmetic, real,  whole, real,  fallback};
static_assert(rules.size() == static_cast<std::size_t>(Operator::coalesce) + 1);

class Checker {
 public:
  Checker(std::string_view text, const Tree& tree, std::span<const std::string> variables)
      : text_(text), tree_(tree), variables_(variables) {}

  Result<Type> visit(NodeId id) {
    const Node& node = tree_[id];
    switch (node.kind) {
      case NodeKind::nil:
        return nil;
      case NodeKind::boolean:
        return boolean;
      case NodeKind::integer:
        return integer;
      case NodeKind::number:
        return number;
      case NodeKind::string:
        return string;
      case NodeKind::name:
        return name(node);
      case NodeKind::env:
        return env(node);
      case NodeKind::env_at:
        return env_at(node);
      case NodeKind::element:
        return element(node);
      case NodeKind::unary:
        return unary(node);
      case NodeKind::binary:
        return binary(node);
      case NodeKind::comparison:
        return comparison(node);
      case NodeKind::conditional:
        return conditional(node);
      case NodeKind::let:
        return let(node);
      case NodeKind::sequence:
        return sequence(node);
      case NodeKind::array:
        return array(node);
      case NodeKind::map:
        return map_of(node);
      case NodeKind::index:
        return index(node);
      case NodeKind::slice:
        return slice(node);
      case NodeKind::optional_chain:
        return visit(node.children[0]);
      case NodeKind::call:
        return call(node);
    }
    return Type{};
  }

 private:
  struct Local {
    std::string_view name;
    Type type;
  };

  // One predicate around the node at hand.
  struct Scope {
    Type collection;
    const Loop* loop;
  };

  std::unexpected<Error> error(const Node& node, std::string_view what) const {
    return fail_at(text_, node.at, what);
  }

  bool is_variable(std::string_view name) const {
    return std::ranges::find(variables_, name) != variables_.end();
  }

  const Local* local(std::string_view name) const {
    const auto found = std::ranges::find(locals_, name, &Local::name);
    return found == locals_.end() ? nullptr : &*found;
  }

  Result<Type> name(const Node& node) const {
    if (const Local* l = local(node.text)) return l->type;
    if (is_variable(node.text)) return number;
    return error(node, unknown_name(node.text));
  }

  std::string unknown_name(std::string_view name) const {
    if (find_function(name)) return fmt::format("{} is a function: {}(...)", name, name);
    std::vector<std::string_view> known(variables_.begin(), variables_.end());
    for (const Local& l : locals_) known.push_back(l.name);
    return fmt::format("unknown name {}{}", name, suggest_name(name, known));
  }

  Result<Type> env(const Node& node) const {
    if (is_variable(node.text)) return number;
    if (node.optional) return Type{};  // nil
    return error(node, unknown_name(node.text));
  }

  Result<Type> env_at(const Node& node) {
    TRY(const Type key, visit(node.children[0]));
    if (key.maybe(Base::string)) return Type{};
    return error(node, fmt::format("$env[...] needs a string, not {}", name_of(key)));
  }

  Result<Type> element(const Node& node) const {
    if (scopes_.empty()) return error(node, "# is only known inside a predicate");
    const Scope& scope = scopes_.back();
    if (node.text.empty()) return element_of(scope.collection);
    if (node.text == "index" && scope.loop->knows_index) return integer;
    if (node.text == "acc" && scope.loop->knows_accumulator) return Type{};
    return error(node, fmt::format("#{} is not known here", node.text));
  }

  Result<Type> unary(const Node& node) {
    TRY(const Type operand, visit(node.children[0]));
    const bool is_not = node.op == Operator::logical_not;
    if (is_not && operand.maybe(Base::boolean)) return boolean;
    if (!is_not && operand.maybe_numeric()) return operand;
    return error(node, fmt::format("{} {}", name_of(node.op), name_of(operand)));
  }

  Result<Type> combine(const Node& node, Operator op, Type a, Type b) const {
    if (const auto type = rules[static_cast<std::size_t>(op)](a, b)) return *type;
    std::string_view hint;
    if (op == Operator::modulo && a.maybe_numeric() && b.maybe_numeric())
      hint = "; % needs integers: int(...)";
    if (op == Operator::add && a.is(Base::string)) hint = "; formulas have numbers, not strings";
    return error(node, fmt::format("{} {} {}{}", name_of(a), name_of(op), name_of(b), hint));
  }

  Result<Type> binary(const Node& node) {
    TRY(const Type a, visit(node.children[0]));
    TRY(const Type b, visit(node.children[1]));
    return combine(node, node.op, a, b);
  }

  Result<Type> comparison(const Node& node) {
    TRY(Type left, visit(node.children[0]));
    for (std::size_t i = 0; i < node.operators.size(); ++i) {
      TRY(const Type right, visit(node.children[i + 1]));
      TRY_VOID(combine(node, node.operators[i], left, right));
      left = right;
    }
    return boolean;
  }

  Result<Type> conditional(const Node& node) {
    const Node& condition = tree_[node.children[0]];
    TRY(const Type type, visit(node.children[0]));
    if (!type.maybe(Base::boolean))
      return error(condition, fmt::format("a condition is boolean, not {}", name_of(type)));
    Type then = type;
    if (node.children.size() == 3) {
      TRY(then, visit(node.children[1]));
    }
    TRY(const Type otherwise, visit(node.children.back()));
    return either(then, otherwise);
  }

  Result<Type> let(const Node& node) {
    if (is_variable(node.text) || local(node.text) || find_function(node.text))
      return error(node, fmt::format("{} exists already", node.text));
    if (node.text == "$env" || node.text == "true" || node.text == "false" || node.text == "nil")
      return error(node, fmt::format("{} is a word of the language", node.text));
    TRY(const Type value, visit(node.children[0]));
    locals_.push_back({node.text, value});
    auto body = visit(node.children[1]);
    locals_.pop_back();
    return body;
  }

  Result<Type> sequence(const Node& node) {
    Type last;
    for (const NodeId child : node.children) {
      TRY(last, visit(child));
    }
    return last;
  }

  Result<Type> array(const Node& node) {
    if (node.children.empty()) return array_of({});
    TRY(Type all, visit(node.children[0]));
    for (const NodeId child : std::span(node.children).subspan(1)) {
      TRY(const Type type, visit(child));
      all = all == type ? all : Type{};
    }
    return array_of(all);
  }

  Result<Type> map_of(const Node& node) {
    for (std::size_t i = 0; i < node.children.size(); i += 2) {
      TRY(const Type key, visit(node.children[i]));
      if (!key.maybe(Base::string))
        return error(tree_[node.children[i]],
                     fmt::format("a key is a string, not {}", name_of(key)));
      TRY_VOID(visit(node.children[i + 1]));
    }
    return map;
  }

  Result<Type> index(const Node& node) {
    TRY(const Type base, visit(node.children[0]));
    TRY(const Type key, visit(node.children[1]));
    if (base.unknown()) return Type{};
    if (base.array() && key.maybe(Base::integer)) return element_of(base);
    if (base.is(Base::map) && key.maybe(Base::string)) return Type{};
    if (base.is(Base::groups)) return Type{Base::unknown, 1};
    if (base.array() || base.map())
      return error(node, fmt::format("{} is no index of {}", name_of(key), name_of(base)));
    return error(node, fmt::format("{} has no elements{}", name_of(base), dotted_hint(node)));
  }

  // A trigger named "a.b" is read as a member of "a".
  std::string dotted_hint(const Node& node) const {
    const Node &base = tree_[node.children[0]], &key = tree_[node.children[1]];
    const std::string name = base.text + "." + key.text;
    if (base.kind != NodeKind::name || !is_variable(name)) return "";
    return fmt::format("; did you mean $env[\"{}\"]?", name);
  }

  Result<Type> slice(const Node& node) {
    TRY(const Type base, visit(node.children[0]));
    if (!base.maybe_array()) return error(node, fmt::format("a slice of {}", name_of(base)));
    for (const NodeId bound : std::span(node.children).subspan(1)) {
      if (bound == no_node) continue;
      TRY(const Type type, visit(bound));
      if (!type.maybe(Base::integer))
        return error(tree_[bound],
                     fmt::format("the bound of a slice is an integer, not {}", name_of(type)));
    }
    return base;
  }

  Result<Type> call(const Node& node) {
    const Function* function = find_function(node.text);
    if (!node.optional && (is_variable(node.text) || local(node.text)))
      return error(node, fmt::format("{} is a number, not a function", node.text));
    if (!function)
      return error(node,
                   fmt::format("unknown function {}{}", node.text, suggest_function(node.text)));
    if (node.children.size() < function->arguments_min ||
        node.children.size() > function->arguments_max)
      return error(node, arity(*function, node.children.size()));
    return function->loop ? loop(node, *function->loop) : plain(node, *function);
  }

  static std::string arity(const Function& function, std::size_t got) {
    const auto min = function.arguments_min, max = function.arguments_max;
    const std::string wanted =
        min == max ? fmt::format("{}", min) : fmt::format("{} to {}", min, max);
    return fmt::format("{}() takes {} argument{}, not {}", function.name, wanted,
                       max == 1 ? "" : "s", got);
  }

  Result<Type> plain(const Node& node, const Function& function) {
    std::vector<Type> types;
    for (const NodeId child : node.children) {
      TRY(types.emplace_back(), visit(child));
    }
    auto type = function.type(types);
    if (type) return *type;
    return error(node, fmt::format("{}(): {}", node.text, type.error().what));
  }

  Result<Type> loop(const Node& node, const Loop& loop) {
    TRY(const Type collection, visit(node.children[0]));
    if (!collection.maybe_array())
      return error(node, fmt::format("{}(): argument 1 is {} instead of an array", node.text,
                                     name_of(collection)));
    if (node.children.size() == 3) TRY_VOID(third(node, loop));
    TRY(const Type predicate, predicate_of(node, {collection, &loop}));
    if (!fits(predicate, loop.predicate))
      return error(node, fmt::format("{}(): the predicate gives {}{}", node.text,
                                     name_of(predicate), wanted(loop.predicate)));
    return loop.type(collection, predicate);
  }

  // The initial value of reduce, the order of sortBy.
  Result<void> third(const Node& node, const Loop& loop) {
    TRY(const Type type, visit(node.children[2]));
    if (loop.knows_accumulator || type.maybe(Base::string)) return {};
    return error(node, fmt::format("{}(): the order is \"asc\" or \"desc\"", node.text));
  }

  Result<Type> predicate_of(const Node& node, Scope scope) {
    if (node.children.size() == 1) return element_of(scope.collection);
    scopes_.push_back(scope);
    auto type = visit(node.children[1]);
    scopes_.pop_back();
    return type;
  }

  static bool fits(Type predicate, PredicateIs wanted) {
    switch (wanted) {
      case PredicateIs::boolean:
        return predicate.maybe(Base::boolean);
      case PredicateIs::number:
        return predicate.maybe_numeric();
      default:
        return !predicate.nil();
    }
  }

  static std::string_view wanted(PredicateIs wanted) {
    constexpr std::array<std::string_view, 3> words = {" instead of boolean",
                                                       " instead of a number", ""};
    return words[static_cast<std::size_t>(wanted)];
  }

  std::string_view text_;
  const Tree& tree_;
  std::span<const std::string> variables_;
  std::vector<Local> locals_;
  std::vector<Scope> scopes_;
};

}  // namespace

Result<Type> check(std::string_view text, const Tree& tree,
                   std::span<const std::string> variables) {
  TRY(const Type type, Checker(text, tree, variables).visit(tree.root));
  if (type.maybe_numeric()) return type;
  return fail_at(text, tree[tree.root].at,
                 fmt::format("the formula gives {} instead of a number{}", name_of(type),
                             type.is(Base::boolean) ? "; choose one: condition ? 1 : 0" : ""));
}

}  // namespace scale::formula
