#include "scale/formula/emit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "scale/formula/lexer.h"
#include "scale/formula/limits.h"

namespace scale::formula {
namespace {

// By Operator; `done` where there is more to it than one instruction.
constexpr std::array<Op, 21> instructions = {
    Op::done,        Op::done,       Op::done,          Op::equal,  Op::unequal, Op::less,
    Op::greater,     Op::less_equal, Op::greater_equal, Op::in,     Op::range,   Op::add,
    Op::subtract,    Op::multiply,   Op::divide,        Op::modulo, Op::power,   Op::done,
    Op::logical_not, Op::negate,     Op::plus};
static_assert(instructions.size() == static_cast<std::size_t>(Operator::plus) + 1);

Op instruction_of(Operator op) {
  return instructions[static_cast<std::size_t>(op)];
}

class Emitter {
 public:
  Emitter(std::string_view text, const Tree& tree, std::span<const std::string> variables)
      : tree_(tree) {
    program_.text = text;
    program_.variables.assign(variables.begin(), variables.end());
    program_.reads.resize(variables.size());
  }

  Result<Program> run() {
    visit(tree_.root);
    at_ = tree_[tree_.root].at;
    add(Op::done, -1);
    if (!problem_.empty()) return fail_at(program_.text, problem_at_, problem_);
    return std::move(program_);
  }

 private:
  using Place = std::size_t;  // of an instruction

  // Appends an instruction that grows the stack by `effect`. Returns where it stands.
  Place add(Op op, int effect, std::size_t argument = 0, std::size_t count = 0) {
    depth_ += effect;
    if (depth_ > static_cast<int>(stack_max)) complain("more values at one time than", stack_max);
    program_.code.push_back(
        {op, static_cast<std::uint16_t>(count), static_cast<std::uint32_t>(argument), at_});
    return program_.code.size() - 1;
  }

  // The first problem counts; what is emitted after it is thrown away.
  void complain(std::string_view what, std::uint32_t limit) {
    if (!problem_.empty()) return;
    problem_ = fmt::format("{} {}", what, limit);
    problem_at_ = at_;
  }

  Place here() const { return program_.code.size(); }
  void land(Place jump) { program_.code[jump].argument = static_cast<std::uint32_t>(here()); }

  void constant(Value value) {
    program_.constants.push_back(value);
    add(Op::constant, +1, program_.constants.size() - 1);
  }

  void string(std::string_view text) {
    program_.strings.push_back(std::make_unique<const std::string>(text));
    constant(Value::of(program_.strings.back().get()));
  }

  std::size_t function(std::string_view name) {
    program_.functions.push_back(find_function(name));
    return program_.functions.size() - 1;
  }

  void visit(NodeId id) {
    const Node& node = tree_[id];
    at_ = node.at;
    switch (node.kind) {
      case NodeKind::nil:
        return constant(Value::of_nil());
      case NodeKind::boolean:
        return constant(Value::of(node.integer != 0));
      case NodeKind::integer:
        return constant(Value::of(node.integer));
      case NodeKind::number:
        return constant(Value::of(node.number));
      case NodeKind::string:
        return string(node.text);
      case NodeKind::name:
        return name(node);
      case NodeKind::env:
        return variable(node.text);
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
        return map(node);
      case NodeKind::index:
        return index(node);
      case NodeKind::slice:
        return slice(node);
      case NodeKind::optional_chain:
        return optional_chain(node);
      case NodeKind::call:
        return call(node);
    }
  }

  // Visits a child and comes back to the place of its parent.
  void below(NodeId child, const Node& parent) {
    visit(child);
    at_ = parent.at;
  }

  void name(const Node& node) {
    const auto local = std::ranges::find(locals_, node.text);
    if (local == locals_.end()) return variable(node.text);
    add(Op::load, +1, static_cast<std::size_t>(local - locals_.begin()));
  }

  void variable(std::string_view name) {
    const auto found = std::ranges::find(program_.variables, name);
    if (found == program_.variables.end()) return constant(Value::of_nil());  // $env?.missing
    const auto i = static_cast<std::size_t>(found - program_.variables.begin());
    program_.reads[i] = true;
    add(Op::variable, +1, i);
  }

  void env_at(const Node& node) {
    below(node.children[0], node);
    program_.reads.assign(program_.reads.size(), true);
    add(Op::variable_named, 0);
  }

  void element(const Node& node) {
    const Op op = node.text == "index" ? Op::element_index
                  : node.text == "acc" ? Op::accumulator
                                       : Op::element;
    add(op, +1);
  }

  void unary(const Node& node) {
    below(node.children[0], node);
    add(instruction_of(node.op), 0);
  }

  void binary(const Node& node) {
    below(node.children[0], node);
    switch (node.op) {
      case Operator::logical_and:
        return unless_decided(node, Op::jump_if_false);
      case Operator::logical_or:
        return unless_decided(node, Op::jump_if_true);
      case Operator::coalesce:
        program_.may_be_nil = true;
        return unless_decided(node, Op::jump_if_not_nil);
      default:
        below(node.children[1], node);
        add(instruction_of(node.op), -1);
    }
  }

  // The right side counts unless `jump` finds that the left one decides.
  void unless_decided(const Node& node, Op jump) {
    const Place end = add(jump, 0);
    add(Op::pop, -1);
    below(node.children[1], node);
    if (jump != Op::jump_if_not_nil) add(Op::want_boolean, 0);
    land(end);
  }

  // a < b < c: b is computed once, and c only if a < b.
  void comparison(const Node& node) {
    std::vector<Place> ends;
    below(node.children[0], node);
    const std::size_t slot = node.operators.size() > 1 ? new_local("") : 0;
    for (std::size_t i = 0; i < node.operators.size(); ++i) {
      const bool last = i + 1 == node.operators.size();
      below(node.children[i + 1], node);
      if (!last) {
        add(Op::store, -1, slot);
        add(Op::load, +1, slot);
      }
      add(instruction_of(node.operators[i]), -1);
      if (last) break;
      ends.push_back(add(Op::jump_if_false, 0));
      add(Op::pop, -1);
      add(Op::load, +1, slot);
    }
    for (const Place end : ends) land(end);
    if (node.operators.size() > 1) locals_.pop_back();
  }

  void conditional(const Node& node) {
    below(node.children[0], node);
    if (node.children.size() == 2) return unless_decided_by(node);
    const Place otherwise = add(Op::jump_unless, -1);
    below(node.children[1], node);
    const Place end = add(Op::jump, -1);  // the other branch brings its own value
    land(otherwise);
    below(node.children[2], node);
    land(end);
  }

  // c ?: other
  void unless_decided_by(const Node& node) {
    const Place end = add(Op::jump_if_true, 0);
    add(Op::pop, -1);
    below(node.children[1], node);
    land(end);
  }

  std::size_t new_local(std::string_view name) {
    locals_.push_back(name);
    if (locals_.size() > variables_max) complain("more variables in scope than", variables_max);
    return locals_.size() - 1;
  }

  void let(const Node& node) {
    below(node.children[0], node);
    add(Op::store, -1, new_local(node.text));
    below(node.children[1], node);
    locals_.pop_back();
  }

  void sequence(const Node& node) {
    for (const NodeId child : node.children) {
      below(child, node);
      if (child != node.children.back()) add(Op::pop, -1);
    }
  }

  void array(const Node& node) {
    add(Op::array_begin, +1, node.children.size());
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      below(node.children[i], node);
      add(Op::array_set, -1, i);
    }
    add(Op::close, 0);
  }

  void map(const Node& node) {
    add(Op::map_begin, +1, node.children.size() / 2);
    for (std::size_t i = 0; i < node.children.size(); i += 2) {
      below(node.children[i], node);
      below(node.children[i + 1], node);
      add(Op::map_set, -2);
    }
    add(Op::close, 0);
  }

  void index(const Node& node) {
    below(node.children[0], node);
    if (node.optional) chains_.back().push_back(add(Op::jump_if_nil, 0));
    below(node.children[1], node);
    add(Op::index, -1);
  }

  void slice(const Node& node) {
    below(node.children[0], node);
    bound(node.children[1], Value::of(std::int64_t{0}), node);
    bound(node.children[2], Value::of_nil(), node);
    add(Op::slice, -2);
  }

  void bound(NodeId bound, Value otherwise, const Node& node) {
    if (bound == no_node) return constant(otherwise);
    below(bound, node);
  }

  void optional_chain(const Node& node) {
    chains_.emplace_back();
    below(node.children[0], node);
    for (const Place jump : chains_.back()) land(jump);
    chains_.pop_back();
  }

  void call(const Node& node) {
    const Function& row = *find_function(node.text);
    if (row.loop) return loop(node, *row.loop);
    for (const NodeId child : node.children) below(child, node);
    const int count = static_cast<int>(node.children.size());
    add(Op::call, 1 - count, function(node.text), node.children.size());
  }

  void loop(const Node& node, const Loop& loop) {
    const std::size_t id = function(node.text);
    const bool initial = node.children.size() == 3;
    below(node.children[0], node);
    if (initial) below(node.children[2], node);
    add(Op::loop_begin, initial ? -2 : -1, id, initial);
    if (++loops_ > loops_max) complain("more predicates inside predicates than", loops_max);
    if (loop.knows_accumulator && !initial) add(Op::loop_first, 0);
    const Place next = add(Op::loop_next, 0);
    if (node.children.size() > 1) {
      below(node.children[1], node);
    } else {
      add(Op::element, +1);
    }
    add(Op::loop_step, -1, next);
    land(next);
    add(Op::loop_end, +1);
    --loops_;
  }

  const Tree& tree_;
  Program program_;
  std::uint32_t at_ = 0;
  int depth_ = 0;
  std::uint32_t loops_ = 0;
  std::vector<std::string_view> locals_;
  std::vector<std::vector<Place>> chains_;
  std::string problem_;
  std::uint32_t problem_at_ = 0;
};

}  // namespace

Result<Program> emit(std::string_view text, const Tree& tree,
                     std::span<const std::string> variables) {
  return Emitter(text, tree, variables).run();
}

}  // namespace scale::formula
