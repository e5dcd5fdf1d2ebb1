#include "kube/events.h"

#include <fmt/format.h>

#include <utility>

#include "kube/writer.h"

namespace kube {
namespace {

// What is remembered for folding; the least recent is forgotten and would begin a new event.
constexpr std::size_t sayings_max = 1'000;
constexpr std::size_t note_bytes_max = 1'024;  // the API's own limit
constexpr int suffix_length = 10;

constexpr std::string_view type_name(EventType type) {
  return type == EventType::normal ? "Normal" : "Warning";
}

// Events of cluster-scoped objects live in the default namespace.
std::string namespace_of(const ObjectReference& about) {
  return about.ns.empty() ? "default" : about.ns;
}

// At most note_bytes_max bytes, cut between characters.
std::string shortened(std::string note) {
  if (note.size() <= note_bytes_max) return note;
  std::size_t end = note_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(note[end]) & 0xc0) == 0x80) --end;
  note.resize(end);
  return note;
}

json::Object to_json(const ObjectReference& about) {
  Writer out;
  out.text("apiVersion", about.api_version);
  out.text("kind", about.kind);
  out.text("namespace", about.ns);
  out.text("name", about.name);
  out.text("uid", about.uid);
  return out.take();
}

}  // namespace

ObjectReference reference_to(const Resource& resource, const ObjectMeta& meta) {
  return {.api_version = resource.api_version(),
          .kind = std::string(resource.kind),
          .ns = meta.ns,
          .name = meta.name,
          .uid = meta.uid};
}

Task<Result<void>> EventRecorder::record(ObjectReference about, EventType type, std::string reason,
                                         std::string note) {
  Saying saying{std::move(about), type, std::move(reason), shortened(std::move(note))};
  if (said_.contains(saying)) {
    auto folded = co_await fold(saying);
    if (folded || folded.error().code != Code::not_found) co_return folded;
  }
  co_return co_await create(std::move(saying));
}

Task<Result<void>> EventRecorder::fold(const Saying& saying) {
  Said& said = said_.at(saying);
  recent_.splice(recent_.begin(), recent_, said.recent);
  ++said.count;
  json::Value patch =
      json::Object{{"count", said.count}, {"lastTimestamp", base::format_time(clock_.now())}};
  auto patched = co_await client_.patch(events, said.event, std::move(patch));
  if (!patched) co_return std::unexpected(std::move(patched).error());
  co_return Result<void>{};
}

Task<Result<void>> EventRecorder::create(Saying saying) {
  const auto& [about, type, reason, note] = saying;
  const Key key{namespace_of(about),
                fmt::format("{}.{}", about.name, random_.name_suffix(suffix_length))};
  const std::string now = base::format_time(clock_.now());
  Writer out;
  out.text("apiVersion", events.api_version());
  out.text("kind", std::string(events.kind));
  out.put("metadata", json::Object{{"namespace", key.ns}, {"name", key.name}});
  out.put("involvedObject", to_json(about));
  out.text("reason", reason);
  out.text("message", note);
  out.put("type", text_value(type_name(type)));
  out.put("count", 1);
  out.text("firstTimestamp", now);
  out.text("lastTimestamp", now);
  out.put("source", json::Object{{"component", component_}});
  out.text("reportingComponent", component_);
  json::Value event = out.take();
  auto made = co_await client_.create(events, key.ns, std::move(event));
  if (!made) co_return std::unexpected(std::move(made).error());
  remember(std::move(saying), key);
  co_return Result<void>{};
}

void EventRecorder::remember(Saying saying, Key event) {
  if (const auto old = said_.find(saying); old != said_.end()) {
    recent_.erase(old->second.recent);
    said_.erase(old);
  }
  recent_.push_front(saying);
  said_.emplace(std::move(saying),
                Said{.event = std::move(event), .count = 1, .recent = recent_.begin()});
  if (recent_.size() > sayings_max) {
    said_.erase(recent_.back());
    recent_.pop_back();
  }
}

}  // namespace kube
