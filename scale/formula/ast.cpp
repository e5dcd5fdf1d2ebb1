#include "scale/formula/ast.h"

#include <algorithm>
#include <array>

namespace scale::formula {
namespace {

constexpr std::array<std::string_view, 21> operator_names = {
    "|", "or", "and", "==", "!=", "<", ">",  "<=",  ">=", "in", "..",
    "+", "-",  "*",   "/",  "%",  "^", "??", "not", "-",  "+"};
static_assert(operator_names.size() == static_cast<std::size_t>(Operator::plus) + 1);

bool same_alone(const Node& a, const Node& b) {
  const bool same_number = a.number == b.number || (a.number != a.number && b.number != b.number);
  return a.kind == b.kind && a.op == b.op && a.optional == b.optional && a.integer == b.integer &&
         same_number && a.text == b.text && a.operators == b.operators &&
         a.children.size() == b.children.size();
}

bool same(const Tree& a, NodeId x, const Tree& b, NodeId y) {
  if (x == no_node || y == no_node) return x == y;
  return same_alone(a[x], b[y]) &&
         std::ranges::equal(a[x].children, b[y].children,
                            [&](NodeId one, NodeId two) { return same(a, one, b, two); });
}

}  // namespace

std::string_view name_of(Operator op) {
  return operator_names[static_cast<std::size_t>(op)];
}

bool same(const Tree& a, const Tree& b) {
  return same(a, a.root, b, b.root);
}

}  // namespace scale::formula
