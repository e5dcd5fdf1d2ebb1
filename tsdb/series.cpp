#include "tsdb/series.h"

#include <algorithm>
#include <map>
#include <utility>

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

Seldom& Series::rare() {
  if (!seldom) seldom = std::make_unique<Seldom>();
  return *seldom;
}

void Series::tidy() {
  if (seldom && seldom->empty()) seldom.reset();
}

void Series::end(Timestamp time) {
  rare().ended = std::max(rare().ended, time);
}

void Series::set_starts(Starts starts) {
  start = starts.last();
  if (starts.changed()) {
    rare().starts = std::move(starts);
  } else if (seldom) {
    seldom->starts = {};
    tidy();
  }
}

void Series::note_start(Timestamp time, Timestamp from, Timestamp next) {
  Starts all = starts() ? std::move(seldom->starts) : Starts(start);
  all.note(time, from, next);
  set_starts(std::move(all));
}

void Series::drop_starts_before(Timestamp oldest) {
  if (!starts()) return;
  seldom->starts.drop_before(oldest);
  tidy();
}

void Series::unwatch(const StandingQuery& query) {
  std::erase_if(rare().watchers, [&](const Watcher& w) { return w.query == &query; });
  tidy();
}

void Series::unwatch_all() {
  if (!seldom) return;
  seldom->watchers.clear();
  tidy();
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
