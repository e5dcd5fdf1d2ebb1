#include "cluster/field_set.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace cluster {
namespace {

using boost::json::string_view;
using kube::Shape;

constexpr std::string_view itself = ".";

std::string_view view(string_view text) {
  return {text.data(), text.size()};
}
string_view view(const std::string& text) {
  return {text.data(), text.size()};
}

std::string field_key(string_view name) {
  return std::string("f:").append(name.data(), name.size());
}

// "k:{"name":"x"}" of an item of a keyed list; nothing when it has no key.
std::optional<std::string> item_key(const Shape& shape, const json::Value& item) {
  const json::Value* key = json::find(item, shape.list_key);
  if (key == nullptr) return std::nullopt;
  return "k:" + json::print(json::Object{{{shape.list_key.data(), shape.list_key.size()}, *key}});
}

std::string member_key(const json::Value& member) {
  return "v:" + json::print(member);
}

bool is_joined(const Shape& shape, const json::Value& value) {
  return value.is_array() && shape.list != Shape::List::atomic;
}

json::Object keyed_items(const Shape& shape, const json::Array& items) {
  json::Object set;
  for (const json::Value& item : items) {
    const auto key = item_key(shape, item);
    if (!key) continue;
    json::Object inner = field_set(kube::item_shape(shape), item);
    inner[{itself.data(), itself.size()}] = json::Object{};
    set[view(*key)] = std::move(inner);
  }
  return set;
}

// The item of `live` with the key of `item`, or nullptr.
json::Value* same_item(const Shape& shape, json::Array& live, const json::Value& item) {
  const auto key = item_key(shape, item);
  const auto found = std::ranges::find_if(
      live, [&](const json::Value& other) { return key && item_key(shape, other) == key; });
  return found == live.end() ? nullptr : &*found;
}

void merge_keyed(const Shape& shape, json::Array& live, const json::Array& stated) {
  for (const json::Value& item : stated) {
    if (json::Value* same = same_item(shape, live, item)) {
      merge_stated(kube::item_shape(shape), *same, item);
    } else {
      live.push_back(item);
    }
  }
}

void merge_set(json::Array& live, const json::Array& stated) {
  for (const json::Value& item : stated) {
    if (std::ranges::find(live, item) == live.end()) live.push_back(item);
  }
}

// One step of a field set's path, into an object or a list.
struct Step {
  json::Value* found = nullptr;  // what it leads to
  std::size_t index = 0;         // its place, when it is an item
};

// Whether `item` is the one that "k:{...}" or "v:..." names.
bool is_named(const json::Value& item, std::string_view key) {
  const auto wanted = json::parse(key.substr(2));
  if (!wanted) return false;
  if (key.starts_with("v:")) return item == *wanted;
  if (!wanted->is_object() || !item.is_object()) return false;
  return std::ranges::all_of(wanted->get_object(), [&](const auto& member) {
    const json::Value* other = item.get_object().if_contains(member.key());
    return other && *other == member.value();
  });
}

Step step_into(json::Value& value, std::string_view key) {
  if (key.starts_with("f:") && value.is_object()) {
    return {value.get_object().if_contains({key.data() + 2, key.size() - 2})};
  }
  if ((key.starts_with("k:") || key.starts_with("v:")) && value.is_array()) {
    json::Array& items = value.get_array();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (is_named(items[i], key)) return {&items[i], i};
    }
  }
  return {};
}

const json::Value* look_into(const json::Value* value, std::string_view key) {
  if (value == nullptr) return nullptr;
  // Looking changes nothing; the one function serves both.
  return step_into(const_cast<json::Value&>(*value), key).found;
}

void erase_step(json::Value& value, std::string_view key, const Step& step) {
  if (value.is_object()) {
    value.get_object().erase({key.data() + 2, key.size() - 2});
  } else {
    value.get_array().erase(value.get_array().begin() + static_cast<long>(step.index));
  }
}

bool is_empty(const json::Value& value) {
  return (value.is_object() && value.get_object().empty()) ||
         (value.is_array() && value.get_array().empty());
}

std::vector<const json::Object*> inner_sets(std::span<const json::Object* const> sets,
                                            string_view key) {
  std::vector<const json::Object*> inner;
  for (const json::Object* set : sets) {
    const json::Value* found = set->if_contains(key);
    if (found && found->is_object()) inner.push_back(&found->get_object());
  }
  return inner;
}

// ".replicas" for "f:replicas", "[name=\"x\"]" for "k:{...}", "[=\"x\"]" for "v:...".
std::string path_step(std::string_view key) {
  const std::string rest(key.substr(std::min<std::size_t>(2, key.size())));
  if (key.starts_with("f:")) return "." + rest;
  if (key.starts_with("v:")) return "[=" + rest + "]";
  const auto names = json::parse(rest);
  std::string step;
  if (!names || !names->is_object()) return "[" + rest + "]";
  for (const auto& name : names->get_object()) {
    step += step.empty() ? "[" : ",";
    step.append(name.key()).append("=").append(json::print(name.value()));
  }
  return step + "]";
}

// `part` is nullptr where nothing is left.
void append_missing(const json::Object& set, const json::Object* part, const std::string& path,
                    std::vector<std::string>& paths) {
  for (const auto& entry : set) {
    if (view(entry.key()) == itself || !entry.value().is_object()) continue;
    const std::string here = path + path_step(view(entry.key()));
    const json::Value* left = part ? part->if_contains(entry.key()) : nullptr;
    const json::Object& below = entry.value().get_object();
    if (below.empty() && left == nullptr) paths.push_back(here);
    append_missing(below, left && left->is_object() ? &left->get_object() : nullptr, here, paths);
  }
}

}  // namespace

json::Object field_set(const Shape& shape, const json::Value& value) {
  json::Object set;
  if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      if (member.value().is_null()) continue;
      const Shape& inner = kube::member_shape(shape, view(member.key()));
      set[view(field_key(member.key()))] = field_set(inner, member.value());
    }
  } else if (is_joined(shape, value) && shape.list == Shape::List::keyed) {
    set = keyed_items(shape, value.get_array());
  } else if (is_joined(shape, value)) {
    for (const json::Value& item : value.get_array()) set[view(member_key(item))] = json::Object{};
  }
  return set;
}

void merge_stated(const Shape& shape, json::Value& live, const json::Value& stated) {
  if (stated.is_object() && live.is_object()) {
    for (const auto& member : stated.get_object()) {
      if (member.value().is_null()) continue;
      const Shape& inner = kube::member_shape(shape, view(member.key()));
      merge_stated(inner, live.get_object()[member.key()], member.value());
    }
  } else if (is_joined(shape, stated) && live.is_array()) {
    if (shape.list == Shape::List::keyed) {
      merge_keyed(shape, live.get_array(), stated.get_array());
    } else {
      merge_set(live.get_array(), stated.get_array());
    }
  } else {
    live = stated;
  }
}

void remove_fields(json::Value& live, const json::Object& old,
                   std::span<const json::Object* const> kept) {
  for (const auto& entry : old) {
    const std::string_view key = view(entry.key());
    const Step step = step_into(live, key);
    if (step.found == nullptr || !entry.value().is_object()) continue;
    const std::vector<const json::Object*> inner = inner_sets(kept, entry.key());
    const json::Object& below = entry.value().get_object();
    const bool whole = below.empty() || below.contains({itself.data(), itself.size()});
    if (!whole || !inner.empty()) remove_fields(*step.found, below, inner);
    if (inner.empty() && (whole || is_empty(*step.found))) erase_step(live, key, step);
  }
}

json::Object unchanged_fields(const json::Object& set, const json::Value* before,
                              const json::Value* after) {
  json::Object same;
  for (const auto& entry : set) {
    const std::string_view key = view(entry.key());
    if (key == itself || !entry.value().is_object()) {
      same[entry.key()] = entry.value();
      continue;
    }
    const json::Object& below = entry.value().get_object();
    const json::Value* old_value = look_into(before, key);
    const json::Value* new_value = look_into(after, key);
    if (below.empty()) {
      const bool equal = old_value && new_value && *old_value == *new_value;
      if (equal) same[entry.key()] = json::Object{};
    } else if (new_value != nullptr) {
      json::Object inner = unchanged_fields(below, old_value, new_value);
      if (!inner.empty()) same[entry.key()] = std::move(inner);
    }
  }
  return same;
}

std::vector<std::string> missing_fields(const json::Object& set, const json::Object& part) {
  std::vector<std::string> paths;
  append_missing(set, &part, "", paths);
  return paths;
}

}  // namespace cluster
