#include "json/patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/pointer.h"

namespace json {
namespace {

std::unexpected<Error> wrong(std::string_view why) {
  return fail(Code::invalid, std::string(why));
}

std::span<const std::string> parent_of(const Pointer& pointer) {
  return std::span(pointer).first(pointer.size() - 1);
}

std::size_t depth_of(const Value& value) {
  std::size_t inner = 0;
  if (value.is_array()) {
    for (const Value& item : value.get_array()) inner = std::max(inner, depth_of(item));
    return inner + 1;
  }
  if (!value.is_object()) return 0;
  for (const auto& member : value.get_object()) inner = std::max(inner, depth_of(member.value()));
  return inner + 1;
}

struct Patching {
  Value document;
  PatchLimits limits;
  std::size_t copied = 0;  // values
};

// Whether `value` may stand at `to`.
Result<void> check_depth(const Patching& state, const Pointer& to, const Value& value) {
  if (to.size() + depth_of(value) <= state.limits.depth_max) return {};
  return fail(Code::exhausted, fmt::format("more than {} levels", state.limits.depth_max));
}

Result<void> add(Patching& state, const Pointer& to, Value value) {
  TRY_VOID(check_depth(state, to, value));
  Value& document = state.document;
  if (to.empty()) {
    document = std::move(value);
    return {};
  }
  Value* parent = walk(document, parent_of(to));
  if (parent == nullptr) return wrong("there is nothing to add it to");
  if (parent->is_object()) {
    parent->get_object()[to.back()] = std::move(value);
    return {};
  }
  if (!parent->is_array()) return wrong("want a list or an object to add it to");
  Array& items = parent->get_array();
  const auto index = to.back() == "-" ? items.size() : parse_index(to.back(), items.size());
  if (!index) return wrong("there is no such place in the list");
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
  return {};
}

// Takes a value out of the document and returns it.
Result<Value> take(Value& document, const Pointer& from) {
  Value* found = walk(document, from);
  if (found == nullptr) return wrong("there is no such member");
  Value taken = std::move(*found);
  if (from.empty()) {
    document = nullptr;
    return taken;
  }
  Value* parent = walk(document, parent_of(from));
  if (parent->is_object()) {
    parent->get_object().erase(from.back());
  } else {
    Array& items = parent->get_array();
    items.erase(items.begin() + (found - items.data()));
  }
  return taken;
}

std::size_t count_values(const Value& value) {
  std::size_t n = 1;
  if (value.is_array()) {
    for (const Value& item : value.get_array()) n += count_values(item);
  } else if (value.is_object()) {
    for (const auto& member : value.get_object()) n += count_values(member.value());
  }
  return n;
}

bool is_within(const Pointer& outer, const Pointer& inner) {
  return inner.size() > outer.size() && std::equal(outer.begin(), outer.end(), inner.begin());
}

// One operation, read. Which members it has is checked by its row of `operations`.
struct Operation {
  Pointer path;
  Pointer from;
  const Value* value = nullptr;
};

Result<void> do_add(Patching& state, const Operation& op) {
  return add(state, op.path, *op.value);
}

Result<void> do_remove(Patching& state, const Operation& op) {
  TRY_VOID(take(state.document, op.path));
  return {};
}

Result<void> do_replace(Patching& state, const Operation& op) {
  Value* found = walk(state.document, op.path);
  if (found == nullptr) return wrong("there is no such member");
  TRY_VOID(check_depth(state, op.path, *op.value));
  *found = *op.value;
  return {};
}

Result<void> do_move(Patching& state, const Operation& op) {
  if (is_within(op.from, op.path)) return wrong("a value cannot be moved into itself");
  TRY(Value value, take(state.document, op.from));
  return add(state, op.path, std::move(value));
}

Result<void> do_copy(Patching& state, const Operation& op) {
  const Value* found = walk(state.document, op.from);
  if (found == nullptr) return wrong("there is no such member to copy");
  const std::size_t size = count_values(*found);
  if (size > state.limits.copied_values_max - state.copied) {
    return fail(Code::exhausted, "too much is copied");
  }
  state.copied += size;
  return add(state, op.path, *found);
}

Result<void> do_test(Patching& state, const Operation& op) {
  const Value* found = walk(state.document, op.path);
  if (found == nullptr || !same_value(*found, *op.value)) {
    return wrong("the test fails: the value is another one");
  }
  return {};
}

enum class Needs : std::uint8_t { path, value, from };  // beside "path"

struct OperationRow {
  std::string_view name;
  Needs needs;
  Result<void> (*run)(Patching&, const Operation&);
};

constexpr std::array<OperationRow, 6> operations{{
    {"add", Needs::value, &do_add},
    {"copy", Needs::from, &do_copy},
    {"move", Needs::from, &do_move},
    {"remove", Needs::path, &do_remove},
    {"replace", Needs::value, &do_replace},
    {"test", Needs::value, &do_test},
}};

Result<Pointer> pointer_at(const Value& item, std::string_view key) {
  const auto text = text_at(item, key);
  if (!text) return wrong(fmt::format("\"{}\": want a text", key));
  return parse_pointer(*text);
}

Result<Operation> read_operation(const Value& item, Needs needs) {
  Operation op;
  TRY(op.path, pointer_at(item, "path"));
  if (needs == Needs::from) {
    TRY(op.from, pointer_at(item, "from"));
  }
  op.value = find(item, "value");
  if (needs == Needs::value && op.value == nullptr) return wrong("\"value\": is missing");
  return op;
}

Result<void> run_operation(Patching& state, const Value& item) {
  const std::string name = text_at(item, "op").value_or("");
  const auto row = std::ranges::find(operations, name, &OperationRow::name);
  if (row == operations.end())
    return wrong("\"op\": want add, copy, move, remove, replace or test");
  const std::string what = fmt::format("{} {}", name, text_at(item, "path").value_or(""));
  const auto op = read_operation(item, row->needs);
  if (!op) return fail(what, op.error());
  if (auto done = row->run(state, *op); !done) return fail(what, std::move(done).error());
  return {};
}

bool same_number(const Value& a, const Value& b) {
  if (!a.is_double() && !b.is_double()) {
    if (a.is_uint64() == b.is_uint64()) return a == b;
    boost::json::error_code too_large;
    const auto x = a.to_number<std::int64_t>(too_large);
    if (too_large) return false;
    const auto y = b.to_number<std::int64_t>(too_large);
    return !too_large && x == y;
  }
  boost::json::error_code ignored;  // every number is a double, nearly
  return a.to_number<double>(ignored) == b.to_number<double>(ignored);
}

}  // namespace

Result<Value> apply_patch(Value target, const Value& patch, const PatchLimits& limits) {
  if (!patch.is_array()) return wrong("a JSON patch is a list of operations");
  const Array& items = patch.get_array();
  if (items.size() > limits.operations_max) {
    return fail(Code::exhausted, fmt::format("a JSON patch of {} operations, limit {}",
                                             items.size(), limits.operations_max));
  }
  Patching state{std::move(target), limits};
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto done = run_operation(state, items[i]);
    if (!done) return fail(fmt::format("operation {}", i), std::move(done).error());
  }
  return std::move(state.document);
}

bool same_value(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return same_number(a, b);
  if (a.kind() != b.kind()) return false;
  if (a.is_array()) {
    return std::ranges::equal(a.get_array(), b.get_array(), &same_value);
  }
  if (!a.is_object()) return a == b;
  const Object& other = b.get_object();
  return a.get_object().size() == other.size() &&
         std::ranges::all_of(a.get_object(), [&](const auto& member) {
           const Value* same = other.if_contains(member.key());
           return same && same_value(member.value(), *same);
         });
}

}  // namespace json
