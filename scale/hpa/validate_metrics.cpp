#include "scale/hpa/validate_metrics.h"

#include <algorithm>
#include <array>
#include <optional>

#include "scale/hpa/spec.h"

namespace scale::hpa {
namespace {

using enum FieldErrorType;

constexpr std::size_t dns_label_max = 63;

// In the order in which sources are looked at: of several, only the first one's inside is checked.
constexpr std::array<MetricType, 5> source_order = {MetricType::object, MetricType::external,
                                                    MetricType::pods, MetricType::resource,
                                                    MetricType::container_resource};

bool is_path_segment(std::string_view text) {
  return text != "." && text != ".." && text.find_first_of("/%") == text.npos;
}

bool is_dns_label(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return text.size() <= dns_label_max && !text.starts_with('-') && !text.ends_with('-') &&
         std::ranges::all_of(text, fits);
}

// Required, and usable as a path segment.
void check_name(const Members& in, std::string_view key, std::string_view what) {
  const std::string name = in.text(key).value_or("");
  if (name.empty()) {
    in.add(in.path(key), required, "must specify " + std::string(what));
  } else if (!is_path_segment(name)) {
    in.add(in.path(key), invalid, "must not be '.' or '..', nor contain '/' or '%'");
  }
}

void check_positive(const Members& target, std::string_view key) {
  const auto quantity = target.quantity(key);
  if (quantity && quantity->sign() <= 0) target.add(target.path(key), invalid, "must be positive");
}

void check_target(const Members& target) {
  const std::string type = target.text("type").value_or("");
  if (type.empty()) target.add(target.path("type"), required, "must specify a target type");
  if (target_type(type) == TargetType::other) {
    target.add(target.path("type"), invalid, "must be Utilization, Value or AverageValue");
  }
  check_positive(target, "value");
  check_positive(target, "averageValue");
  if (target.integer("averageUtilization").value_or(1) < 1) {
    target.add(target.path("averageUtilization"), invalid, "must be greater than 0");
  }
}

struct Choice {
  std::string_view a, b;       // the fields
  std::string_view when_none;  // named when neither is set
  std::string_view when_both;  // named when both are; empty: both pass
};
constexpr Choice of_object{"value", "averageValue", "averageValue", ""};
constexpr Choice of_external{"value", "averageValue", "averageValue", "value"};
constexpr Choice of_resource{"averageUtilization", "averageValue", "averageUtilization",
                             "averageValue"};

void check_choice(const Members& target, const Choice& choice) {
  const bool a = target.has(choice.a);
  const bool b = target.has(choice.b);
  const std::string names = std::string(choice.a) + " and " + std::string(choice.b);
  if (!a && !b) {
    target.add(target.path(choice.when_none), required, "must set one of " + names);
  }
  if (a && b && !choice.when_both.empty()) {
    target.add(target.path(choice.when_both), forbidden, "may not set both " + names);
  }
}

void check_object(const Members& source, std::span<const KnownRef> known) {
  check_reference(source.object("describedObject"), CoreGroup::allowed, known);
  check_name(source.object("metric"), "name", "a metric name");
  check_target(source.object("target"));
  check_choice(source.object("target"), of_object);
}

void check_external(const Members& source) {
  check_name(source.object("metric"), "name", "a metric name");
  check_target(source.object("target"));
  check_choice(source.object("target"), of_external);
}

void check_pods(const Members& source) {
  check_name(source.object("metric"), "name", "a metric name");
  const Members target = source.object("target");
  check_target(target);
  const auto average = target.quantity("averageValue");
  if (!average || average->sign() <= 0) {
    target.add(target.path("averageValue"), required, "must specify a positive averageValue");
  }
}

void check_resource(const Members& source) {
  if (source.text("name").value_or("").empty()) {
    source.add(source.path("name"), required, "must specify a resource name");
  }
  check_target(source.object("target"));
  check_choice(source.object("target"), of_resource);
}

void check_container_resource(const Members& source) {
  const std::string container = source.text("container").value_or("");
  if (container.empty()) {
    source.add(source.path("container"), required, "must specify a container");
  } else if (!is_dns_label(container)) {
    source.add(source.path("container"), invalid, "must be a DNS label");
  }
  check_resource(source);
}

void check_source(MetricType type, const Members& source, std::span<const KnownRef> known) {
  switch (type) {
    case MetricType::object:
      return check_object(source, known);
    case MetricType::external:
      return check_external(source);
    case MetricType::pods:
      return check_pods(source);
    case MetricType::resource:
      return check_resource(source);
    case MetricType::container_resource:
      return check_container_resource(source);
    case MetricType::unknown:
      return;
  }
}

// Why an apiVersion cannot be used; none when it can.
std::optional<std::string_view> problem_of_version(const KnownRef& ref, CoreGroup core_group) {
  const auto slashes = std::ranges::count(ref.api_version, '/');
  if (slashes > 1) return "must be GROUP/VERSION";
  const bool core = slashes == 0 || ref.api_version.starts_with('/');
  const bool exempt = core_group == CoreGroup::allowed || ref.kind == "ReplicationController";
  if (core && !exempt) return "must name an API group";
  return std::nullopt;
}

}  // namespace

void check_reference(const Members& ref, CoreGroup core_group, std::span<const KnownRef> known) {
  check_name(ref, "kind", "a kind");
  check_name(ref, "name", "a name");
  const KnownRef named{.kind = ref.text("kind").value_or(""),
                       .api_version = ref.text("apiVersion").value_or("")};
  if (std::ranges::count(known, named) > 0) return;
  if (const auto problem = problem_of_version(named, core_group)) {
    ref.add(ref.path("apiVersion"), invalid, std::string(*problem));
  }
}

void check_metric(const Members& metric, std::span<const KnownRef> known) {
  const std::string name = metric.text("type").value_or("");
  const MetricType type = metric_type(name);
  if (name.empty()) metric.add(metric.path("type"), required, "must specify a metric source type");
  if (type == MetricType::unknown) {
    metric.add(metric.path("type"), not_supported,
               "must be ContainerResource, External, Object, Pods or Resource");
  }
  std::vector<MetricType> present;
  for (const MetricType source : source_order) {
    if (metric.has(row_of(source).member)) present.push_back(source);
  }
  if (!present.empty()) {
    check_source(present.front(), metric.object(row_of(present.front()).member), known);
  }
  if (type != MetricType::unknown && std::ranges::count(present, type) == 0) {
    metric.add(metric.path(row_of(type).member), required,
               "must populate information for the given metric source");
  }
  if (present.size() < 2) return;
  for (const MetricType source : present) {
    if (source == type) continue;
    metric.add(metric.path(row_of(source).member), forbidden,
               "must populate the given metric source only");
  }
}

}  // namespace scale::hpa
