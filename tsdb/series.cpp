#include "tsdb/series.h"

#include <map>

namespace tsdb {
namespace {

constexpr std::string_view host_name = "host.name";

std::optional<std::string_view> host_of(const PackedLabels& resource) {
  const auto host = resource.find(host_name);
  return host ? host : resource.find("pod");
}

}  // namespace

Shape shape_of(Kind kind, Temporality temporality, bool monotonic) {
  if (kind == Kind::gauge) return Shape::level;
  if (temporality == Temporality::delta) return Shape::delta;
  return monotonic ? Shape::counter : Shape::level;
}

std::string_view label_of(const PackedLabels& resource, const PackedLabels& attributes,
                          std::string_view name) {
  if (name == host_name) {
    if (const auto host = host_of(resource)) return *host;
  }
  if (const auto value = attributes.find(name)) return *value;
  return resource.find(name).value_or("");
}

std::string_view label_of(const Series& series, std::string_view name) {
  return label_of(series.resource->labels, series.attributes->labels, name);
}

Labels labels_of(const Series& series) {
  std::map<std::string_view, std::string_view> seen;
  const auto add = [&seen](std::string_view packed) {
    PackedCursor cursor(packed);
    while (const auto label = cursor.next()) seen.try_emplace(label->name, label->value);
  };
  if (const auto host = host_of(series.resource->labels)) seen.emplace(host_name, *host);
  add(series.attributes->labels.bytes());
  add(series.resource->labels.bytes());
  Labels labels;
  for (const auto& [name, value] : seen) labels.push_back({std::string(name), std::string(value)});
  return labels;
}

}  // namespace tsdb
