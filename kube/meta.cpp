#include "kube/meta.h"

#include <algorithm>

#include "kube/reader.h"
#include "kube/writer.h"

namespace kube {
namespace {

std::vector<OwnerReference> read_owners(Reader& in) {
  std::vector<OwnerReference> owners;
  for (Reader& item : in.items("ownerReferences")) {
    owners.push_back({.api_version = item.text("apiVersion"),
                      .kind = item.text("kind"),
                      .name = item.text("name"),
                      .uid = item.text("uid"),
                      .controller = item.flag("controller")});
  }
  return owners;
}

json::Array write_owners(const std::vector<OwnerReference>& owners) {
  json::Array out;
  for (const OwnerReference& owner : owners) {
    json::Object item{{"apiVersion", owner.api_version},
                      {"kind", owner.kind},
                      {"name", owner.name},
                      {"uid", owner.uid}};
    if (owner.controller) item["controller"] = true;
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace

Result<ObjectMeta> meta_from_json(const json::Value& object) {
  Reader in(object);
  ObjectMeta meta = read_meta(in);
  return in.finish(std::move(meta));
}

ObjectMeta read_meta(Reader& object) {
  Reader in = object.object("metadata");
  return {.name = in.text("name"),
          .generate_name = in.text("generateName"),
          .ns = in.text("namespace"),
          .uid = in.text("uid"),
          .resource_version = in.text("resourceVersion"),
          .generation = in.integer<std::int64_t>("generation"),
          .created = in.maybe_time("creationTimestamp"),
          .deleted = in.maybe_time("deletionTimestamp"),
          .labels = in.text_map("labels"),
          .annotations = in.text_map("annotations"),
          .owners = read_owners(in),
          .finalizers = in.texts("finalizers")};
}

json::Object to_json(const ObjectMeta& meta) {
  Writer out;
  out.text("name", meta.name);
  out.text("generateName", meta.generate_name);
  out.text("namespace", meta.ns);
  out.text("uid", meta.uid);
  out.text("resourceVersion", meta.resource_version);
  out.count("generation", meta.generation);
  out.time("creationTimestamp", meta.created);
  out.time("deletionTimestamp", meta.deleted);
  out.text_map("labels", meta.labels);
  out.text_map("annotations", meta.annotations);
  out.list("ownerReferences", write_owners(meta.owners));
  out.texts("finalizers", meta.finalizers);
  return out.take();
}

Key key_of(const json::Value& object) {
  const json::Value* meta = json::find(object, "metadata");
  if (meta == nullptr) return {};
  return {json::text_at(*meta, "namespace").value_or(""),
          json::text_at(*meta, "name").value_or("")};
}

OwnerReference owner_reference(const Resource& resource, const ObjectMeta& owner) {
  return {.api_version = resource.api_version(),
          .kind = std::string(resource.kind),
          .name = owner.name,
          .uid = owner.uid,
          .controller = true};
}

json::Array to_json(const std::vector<Condition>& conditions) {
  json::Array all;
  for (const Condition& condition : conditions) {
    Writer out;
    out.text("type", condition.type);
    out.text("status", condition.status);
    out.text("reason", condition.reason);
    out.text("message", condition.message);
    out.time("lastTransitionTime", condition.since);
    all.push_back(out.take());
  }
  return all;
}

std::vector<Condition> read_conditions(Reader& in) {
  std::vector<Condition> conditions;
  for (Reader& item : in.items("conditions")) {
    conditions.push_back({.type = item.text("type"),
                          .status = item.text("status"),
                          .reason = item.text("reason"),
                          .message = item.text("message"),
                          .since = item.maybe_time("lastTransitionTime")});
  }
  return conditions;
}

const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type) {
  const auto found = std::ranges::find(conditions, type, &Condition::type);
  return found == conditions.end() ? nullptr : &*found;
}

void put_condition(std::vector<Condition>& conditions, Condition condition) {
  const auto found = std::ranges::find(conditions, condition.type, &Condition::type);
  if (found == conditions.end()) {
    conditions.push_back(std::move(condition));
  } else {
    *found = std::move(condition);
  }
}

}  // namespace kube
