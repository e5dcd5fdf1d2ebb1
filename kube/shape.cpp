#include "kube/shape.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "kube/schema.h"

// Metadata, Namespace and Event, and the table of kinds.

namespace kube {
namespace {

using Type = Shape::Type;
using Text = Shape::Text;
using List = Shape::List;

constexpr Shape any{.type = Type::any};
constexpr Shape text{.type = Type::text};
constexpr Shape flag{.type = Type::boolean};
constexpr Shape whole{.type = Type::integer};
constexpr Shape open_object{.type = Type::object};
constexpr Shape name{.type = Type::text, .size_min = 1, .format = Text::dns_subdomain};
constexpr Shape time_text{.type = Type::time};
constexpr Shape label{.type = Type::text, .format = Text::label_value};
constexpr Shape labels{.type = Type::map, .items = &label, .label_keys = true};
constexpr Shape annotations{.type = Type::map, .items = &text, .label_keys = true};
constexpr Shape text_set{.type = Type::array, .items = &text, .list = List::set};

constexpr Field owner_fields[] = {
    {"apiVersion", &text, true}, {"blockOwnerDeletion", &flag}, {"controller", &flag},
    {"kind", &text, true},       {"name", &text, true},         {"uid", &text, true},
};
constexpr Shape owner{.type = Type::object, .fields = owner_fields};
constexpr Shape owners{
    .type = Type::array, .items = &owner, .list = List::keyed, .list_key = "uid"};

constexpr Field meta_fields[] = {
    {"annotations", &annotations},
    {"creationTimestamp", &time_text},
    {"deletionGracePeriodSeconds", &whole},
    {"deletionTimestamp", &time_text},
    {"finalizers", &text_set},
    {"generateName", &text},
    {"generation", &whole},
    {"labels", &labels},
    {"managedFields", &any},
    {"name", &name, true},
    {"namespace", &text},
    {"ownerReferences", &owners},
    {"resourceVersion", &text},
    {"selfLink", &text},
    {"uid", &text},
};

constexpr Field namespace_fields[] = {
    {"apiVersion", &text, true}, {"kind", &text, true},    {"metadata", &meta_shape, true},
    {"spec", &open_object},      {"status", &open_object},
};
constexpr Shape namespace_shape{.type = Type::object, .fields = namespace_fields};

constexpr std::string_view event_types[] = {"Normal", "Warning"};
constexpr Shape event_type{.type = Type::text, .choices = event_types};
constexpr Field event_fields[] = {
    {"action", &text},
    {"apiVersion", &text, true},
    {"count", &whole},
    {"eventTime", &any},
    {"firstTimestamp", &time_text},
    {"involvedObject", &open_object, true},
    {"kind", &text, true},
    {"lastTimestamp", &time_text},
    {"message", &text},
    {"metadata", &meta_shape, true},
    {"reason", &text},
    {"related", &open_object},
    {"reportingComponent", &text},
    {"reportingInstance", &text},
    {"series", &open_object},
    {"source", &open_object},
    {"type", &event_type},
};
constexpr Shape event_shape{.type = Type::object, .fields = event_fields};

constexpr Resource resources[] = {namespaces,  pods,           events,
                                  deployments, scaled_objects, horizontal_pod_autoscalers};
constexpr const Shape* shapes[] = {&namespace_shape,     &pod_shape,
                                   &event_shape,         &deployment_shape,
                                   &scaled_object_shape, &horizontal_pod_autoscaler_shape};
static_assert(std::size(resources) == std::size(shapes));

}  // namespace

constexpr Shape meta_shape{.type = Type::object, .fields = meta_fields};

std::span<const Resource> all_resources() {
  return resources;
}

const Resource* find_resource(std::string_view api_version, std::string_view kind) {
  const auto found = std::ranges::find_if(resources, [&](const Resource& resource) {
    return resource.kind == kind && resource.api_version() == api_version;
  });
  return found == std::end(resources) ? nullptr : found;
}

const Shape& shape_of(const Resource& resource) {
  const auto found = std::ranges::find(resources, resource);
  CHECK(found != std::end(resources));
  return *shapes[found - std::begin(resources)];
}

const Field* find_field(const Shape& shape, std::string_view wanted) {
  const auto found = std::ranges::find(shape.fields, wanted, &Field::name);
  return found == shape.fields.end() ? nullptr : &*found;
}

const Shape& member_shape(const Shape& shape, std::string_view wanted) {
  if (shape.type == Type::map && shape.items != nullptr) return *shape.items;
  const Field* field = find_field(shape, wanted);
  return field == nullptr ? any : *field->shape;
}

const Shape& item_shape(const Shape& shape) {
  return shape.items == nullptr ? any : *shape.items;
}

std::string_view type_name(const json::Value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return "a boolean";
    case boost::json::kind::string:
      return "a string";
    case boost::json::kind::array:
      return "a list";
    case boost::json::kind::object:
      return "an object";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_:
      return "a number";
  }
  return "something else";
}

}  // namespace kube
