#pragma once

// The syntax tree: nodes in one vector, so that building, copying and dropping never recurse.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scale::formula {

enum class Operator : std::uint8_t {
  pipe,
  logical_or,
  logical_and,
  equal,
  unequal,
  less,
  greater,
  less_equal,
  greater_equal,
  in,
  range,
  add,
  subtract,
  multiply,
  divide,
  modulo,
  power,
  coalesce,
  logical_not,
  minus,
  plus,
};

// How an operator is written in messages and by print().
std::string_view name_of(Operator op);

enum class NodeKind : std::uint8_t {
  nil,
  boolean,  // integer: 0 or 1
  integer,
  number,
  string,
  name,         // text: a variable or what `let` named
  env,          // $env["text"]; optional: `?.`, a missing one is nil
  env_at,       // $env[child]
  element,      // text: "" is #, else #acc, #index
  unary,        // op, child
  binary,       // op, two children
  comparison,   // operators between children, 2 or more: a < b <= c
  conditional,  // condition, then, else; two children: c ?: else
  let,          // text, value, body
  sequence,     // the last counts
  array,
  map,             // key, value, key, value, ...
  index,           // base, key; optional: base?.[key]
  slice,           // base, from, to; either may be no_node
  optional_chain,  // where the ?. inside of child end up
  call,            // text, arguments; optional: written ::text
};

using NodeId = std::uint32_t;
inline constexpr NodeId no_node = UINT32_MAX;

struct Node {
  NodeKind kind = NodeKind::nil;
  Operator op = Operator::pipe;
  bool optional = false;
  std::uint32_t at = 0;      // byte offset in the formula
  std::uint32_t height = 1;  // levels of the tree below and including this
  std::int64_t integer = 0;
  double number = 0;
  std::string text;
  std::vector<NodeId> children;
  std::vector<Operator> operators;
};

struct Tree {
  std::vector<Node> nodes;
  NodeId root = no_node;

  const Node& operator[](NodeId id) const { return nodes[id]; }
};

// Whether two trees are the same but for the places of their nodes.
bool same(const Tree& a, const Tree& b);

// The tree as a formula, every operation in parentheses. Parsing it gives the same tree.
std::string print(const Tree& tree);

}  // namespace scale::formula
