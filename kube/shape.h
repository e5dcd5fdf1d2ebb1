#pragma once

// Tables that say what objects of our kinds look like. Validation, server-side apply and the list
// of fields without effect all read them, so each field is written down once.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "json/json.h"
#include "kube/client.h"

namespace kube {

struct Shape;

struct Field {
  std::string_view name;
  const Shape* shape;
  bool required = false;
  bool honoured = true;  // false: no effect when pods are local processes
};

// What one value must look like. Immutable.
struct Shape {
  enum class Type : std::uint8_t {
    any,
    object,  // `fields`
    map,     // any keys, values of shape `items`
    array,   // values of shape `items`
    text,
    integer,
    boolean,
    quantity,  // a number, or text that is a Kubernetes quantity
    time,      // RFC 3339
  };
  enum class Text : std::uint8_t {
    free,
    dns_label,
    dns_subdomain,
    label_value,
    env_name,
    field_path,  // of the downward API
  };
  // How server-side apply joins two lists.
  enum class List : std::uint8_t { atomic, keyed, set };

  Type type = Type::any;
  std::span<const Field> fields{};
  const Shape* items = nullptr;
  std::int64_t min = std::numeric_limits<std::int64_t>::min();  // integers
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::size_t size_min = 0;  // bytes of texts, items of arrays
  Text format = Text::free;
  std::span<const std::string_view> choices{};
  List list = List::atomic;
  std::string_view list_key{};       // keyed lists: the member that tells items apart
  bool label_keys = false;           // maps: keys must be qualified names
  bool only_first_honoured = false;  // arrays: further items have no effect
};

// The shape of a whole object of `resource`, which is one of all_resources().
const Shape& shape_of(const Resource& resource);

// The field of `shape` named `name`, or nullptr.
const Field* find_field(const Shape& shape, std::string_view name);
// The shape of a member, of an object or of a map; Type::any where nothing is known.
const Shape& member_shape(const Shape& shape, std::string_view name);
// The shape of an array's items.
const Shape& item_shape(const Shape& shape);

// "a string", "a number", "a list": for messages.
std::string_view type_name(const json::Value& value);

// Shapes that several kinds share.
extern const Shape meta_shape;  // "metadata" of any object
extern const Shape deployment_shape;
extern const Shape pod_shape;
extern const Shape scaled_object_shape;
extern const Shape horizontal_pod_autoscaler_shape;

}  // namespace kube
