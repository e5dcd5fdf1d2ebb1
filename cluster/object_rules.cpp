#include "cluster/object_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "cluster/store.h"
#include "scale/hpa/defaults.h"

namespace cluster {
namespace {

using boost::json::string_view;

// Members of metadata that only the server writes.
constexpr std::array<string_view, 7> server_fields{
    "uid",        "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
    "generation", "managedFields",     "selfLink"};

string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

// Sets a text that is missing or empty; false when it is there and another one.
bool fill(json::Object& object, std::string_view key, std::string_view text) {
  json::Value& member = object[view(key)];
  if (member.is_null() || (member.is_string() && member.get_string().empty())) member = view(text);
  return member.is_string() && member.get_string() == view(text);
}

Error mismatch(std::string_view field, std::string_view wanted) {
  return {Code::invalid, fmt::format("{}: must be \"{}\", as the request says", field, wanted)};
}

void drop_empty_metadata(json::Object& meta) {
  for (const string_view key : {"labels", "annotations", "ownerReferences", "finalizers"}) {
    const json::Value* member = meta.if_contains(key);
    if (member == nullptr) continue;
    const bool empty = member->is_null() || (member->is_object() && member->get_object().empty()) ||
                       (member->is_array() && member->get_array().empty());
    if (empty) meta.erase(key);
  }
}

void default_member(json::Value& object, string_view key, json::Value value) {
  if (!object.is_object()) return;
  json::Value& member = object.get_object()[key];
  if (member.is_null()) member = std::move(value);
}

// Whether two objects have the same members, but for those named in `skipped`.
bool same_but(const json::Object& a, const json::Object& b,
              std::initializer_list<string_view> skipped) {
  const auto skips = [&](string_view key) {
    return std::ranges::find(skipped, key) != skipped.end();
  };
  const auto counted = [&](const json::Object& object) {
    return std::ranges::count_if(object, [&](const auto& member) { return !skips(member.key()); });
  };
  return counted(a) == counted(b) && std::ranges::all_of(a, [&](const auto& member) {
           if (skips(member.key())) return true;
           const json::Value* other = b.if_contains(member.key());
           return other && *other == member.value();
         });
}

const json::Object& metadata_of(const json::Value& object) {
  return json::find(object, "metadata")->get_object();
}

std::int64_t generation_of(const json::Value& object) {
  return json::int_at(*json::find(object, "metadata"), "generation").value_or(0);
}

std::string selector_text(const json::Value& deployment) {
  std::string text;
  const json::Value* labels = json::find(deployment, "spec", "selector", "matchLabels");
  if (labels == nullptr || !labels->is_object()) return text;
  for (const auto& label : labels->get_object()) {
    if (!label.value().is_string()) continue;
    if (!text.empty()) text += ',';
    text.append(label.key().data(), label.key().size());
    text += '=';
    text.append(label.value().get_string().data(), label.value().get_string().size());
  }
  return text;
}

std::int64_t integer_in(const json::Value& object, std::string_view part, std::string_view key) {
  const json::Value* found = json::find(object, part);
  return found == nullptr ? 0 : json::int_at(*found, key).value_or(0);
}

}  // namespace

Result<json::Value> addressed(const Kind& kind, const kube::Key& key, json::Value body) {
  if (!body.is_object()) return fail(Code::invalid, "want an object");
  const kube::Resource& resource = kind.resource;
  json::Object& object = body.get_object();
  if (!fill(object, "apiVersion", resource.api_version())) {
    return std::unexpected(mismatch("apiVersion", resource.api_version()));
  }
  if (!fill(object, "kind", resource.kind)) return std::unexpected(mismatch("kind", resource.kind));
  if (const json::Value* meta = object.if_contains("metadata"); meta && !meta->is_object()) {
    return fail(Code::invalid, "metadata: want an object");
  }
  json::Object& meta = metadata(body);
  if (resource.namespaced) {
    if (!fill(meta, "namespace", key.ns)) {
      return fail(Code::invalid,
                  "the namespace of the provided object does not match the namespace sent on the "
                  "request");
    }
  } else {
    meta.erase("namespace");
  }
  if (!key.name.empty() && !fill(meta, "name", key.name)) {
    return fail(
        Code::invalid,
        fmt::format("the name of the object ({}) does not match the name on the URL ({})",
                    json::text_at(*object.if_contains("metadata"), "name").value_or(""), key.name));
  }
  return body;
}

json::Value as_created(const Kind& kind, json::Value object, std::string uid, Timestamp now) {
  if (kind.has_status) object.get_object().erase("status");
  json::Object& meta = metadata(object);
  for (const string_view field : server_fields) meta.erase(field);
  drop_empty_metadata(meta);
  meta["uid"] = view(uid);
  meta["creationTimestamp"] = view(base::format_time(now));
  if (kind.counts_changes) meta["generation"] = 1;
  if (kind.resource == kube::pods) object.get_object()["status"] = {{"phase", "Pending"}};
  if (kind.resource == kube::namespaces) object.get_object()["status"] = {{"phase", "Active"}};
  return object;
}

json::Value as_updated(const Kind& kind, const json::Value& before, json::Value body) {
  json::Object& meta = metadata(body);
  const json::Object& old_meta = metadata_of(before);
  for (const string_view field : server_fields) {
    meta.erase(field);
    if (const json::Value* kept = old_meta.if_contains(field)) meta[field] = *kept;
  }
  drop_empty_metadata(meta);
  if (!kind.has_status) return body;
  body.get_object().erase("status");
  if (const json::Value* status = json::find(before, "status")) {
    body.get_object()["status"] = *status;
  }
  return body;
}

Result<void> check_finalizers(const Kind& kind, const json::Value& before,
                              const json::Value& after) {
  if (!is_terminating(before) || !has_finalizers(after)) return {};
  for (const json::Value& finalizer : json::find(after, "metadata", "finalizers")->get_array()) {
    if (!finalizer.is_string()) continue;
    const std::string name(finalizer.get_string());
    if (has_finalizer(before, name)) continue;
    return fail(
        Code::invalid,
        fmt::format("{} \"{}\" is invalid: metadata.finalizers: Forbidden: no new "
                    "finalizers can be added if the object is being deleted, found \"{}\"",
                    qualified_kind(kind.resource),
                    json::text_at(*json::find(after, "metadata"), "name").value_or(""), name));
  }
  return {};
}

void set_defaults(const Kind& kind, json::Value& object) {
  json::Value* spec = object.get_object().if_contains("spec");
  if (spec == nullptr || !spec->is_object()) return;
  if (kind.resource == kube::deployments) default_member(*spec, "replicas", 1);
  if (kind.resource == kube::scaled_objects) {
    json::Value* fallback = spec->get_object().if_contains("fallback");
    if (fallback && fallback->is_object()) default_member(*fallback, "behavior", "static");
  }
  if (kind.resource == kube::horizontal_pod_autoscalers) {
    *spec = scale::hpa::with_defaults(std::move(*spec));
  }
}

void count_change(const Kind& kind, const json::Value& before, json::Value& after) {
  if (!kind.counts_changes) return;
  if (same_but(before.get_object(), after.get_object(), {"metadata", "status"})) return;
  metadata(after)["generation"] = generation_of(before) + 1;
}

bool same_content(const json::Value& a, const json::Value& b) {
  return same_but(a.get_object(), b.get_object(), {"metadata"}) &&
         same_but(metadata_of(a), metadata_of(b), {"resourceVersion"});
}

json::Value as_terminating(json::Value object, Timestamp now) {
  json::Object& meta = metadata(object);
  meta["deletionTimestamp"] = view(base::format_time(now));
  meta["deletionGracePeriodSeconds"] = 0;
  if (meta.contains("generation")) meta["generation"] = generation_of(object) + 1;
  return object;
}

bool has_finalizer(const json::Value& object, std::string_view finalizer) {
  const json::Value* finalizers = json::find(object, "metadata", "finalizers");
  return finalizers && finalizers->is_array() &&
         std::ranges::find(finalizers->get_array(), json::Value(view(finalizer))) !=
             finalizers->get_array().end();
}

bool has_finalizers(const json::Value& object) {
  const json::Value* finalizers = json::find(object, "metadata", "finalizers");
  return finalizers && finalizers->is_array() && !finalizers->get_array().empty();
}

bool is_terminating(const json::Value& object) {
  return json::find(object, "metadata", "deletionTimestamp") != nullptr;
}

json::Value to_scale(const json::Value& deployment) {
  json::Object meta;
  const json::Object& full = metadata_of(deployment);
  for (const string_view key :
       {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    if (const json::Value* member = full.if_contains(key)) meta[key] = *member;
  }
  json::Object status{{"replicas", integer_in(deployment, "status", "replicas")},
                      {"selector", selector_text(deployment)}};
  return json::Object{
      {"kind", "Scale"},
      {"apiVersion", "autoscaling/v1"},
      {"metadata", std::move(meta)},
      {"spec", json::Object{{"replicas", integer_in(deployment, "spec", "replicas")}}},
      {"status", std::move(status)}};
}

Result<json::Value> with_scale(json::Value deployment, const json::Value& scale) {
  const json::Value* stated = json::find(scale, "spec", "replicas");
  const json::Value* spec = json::find(scale, "spec");
  // Zero is left out on the wire.
  const auto replicas = stated ? json::int_at(*spec, "replicas") : std::optional<std::int64_t>(0);
  if (!replicas) return fail(Code::invalid, "spec.replicas: want an integer");
  if (*replicas < 0) {
    return fail(Code::invalid, "spec.replicas: must be greater than or equal to 0");
  }
  deployment.get_object()["spec"].get_object()["replicas"] = *replicas;
  return deployment;
}

std::string qualified_name(const kube::Resource& resource) {
  if (resource.group.empty()) return std::string(resource.plural);
  return fmt::format("{}.{}", resource.plural, resource.group);
}

Error not_found(const Kind& kind, const kube::Key& key) {
  return {Code::not_found,
          fmt::format("{} \"{}\" not found", qualified_name(kind.resource), key.name)};
}

Error already_exists(const Kind& kind, const kube::Key& key) {
  return {Code::already_exists,
          fmt::format("{} \"{}\" already exists", qualified_name(kind.resource), key.name)};
}

Error conflict(const Kind& kind, const kube::Key& key) {
  return {Code::conflict,
          fmt::format("Operation cannot be fulfilled on {} \"{}\": the object has been modified; "
                      "please apply your changes to the latest version and try again",
                      qualified_name(kind.resource), key.name)};
}

Error other_uid(const Kind& kind, const kube::Key& key, std::string_view wanted,
                std::string_view got) {
  return {
      Code::conflict,
      fmt::format("Operation cannot be fulfilled on {} \"{}\": the UID in the precondition ({}) "
                  "does not match the UID in record ({}). The object might have been deleted "
                  "and then recreated",
                  qualified_kind(kind.resource), key.name, wanted, got)};
}

Error other_version(const Kind& kind, const kube::Key& key, std::string_view wanted,
                    std::string_view got) {
  return {Code::conflict,
          fmt::format("Operation cannot be fulfilled on {} \"{}\": the ResourceVersion in the "
                      "precondition ({}) does not match the ResourceVersion in record ({}). The "
                      "object might have been modified",
                      qualified_kind(kind.resource), key.name, wanted, got)};
}

std::string qualified_kind(const kube::Resource& resource) {
  if (resource.group.empty()) return std::string(resource.kind);
  return fmt::format("{}.{}", resource.kind, resource.group);
}

}  // namespace cluster
