#include "cluster/apply.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>
#include <vector>

#include "cluster/field_set.h"
#include "cluster/store.h"
#include "kube/shape.h"

namespace cluster {
namespace {

using boost::json::string_view;

// Members that nobody owns: they name the object, or belong to the server.
constexpr std::array<string_view, 3> unowned{"apiVersion", "kind", "status"};
constexpr std::array<string_view, 10> unowned_metadata{
    "name",       "namespace",         "generateName",      "uid",           "resourceVersion",
    "generation", "creationTimestamp", "deletionTimestamp", "managedFields", "selfLink"};

// What of an applied object counts as stated.
json::Value without_unowned(json::Value object) {
  for (const string_view key : unowned) object.get_object().erase(key);
  json::Object& meta = metadata(object);
  for (const string_view key : unowned_metadata) meta.erase(key);
  if (meta.empty()) object.get_object().erase("metadata");
  return object;
}

struct Entry {
  std::string manager;
  std::string time;
  json::Object fields;
};

std::vector<Entry> read_entries(const json::Value& object) {
  std::vector<Entry> entries;
  const json::Value* managed = json::find(object, "metadata", "managedFields");
  if (managed == nullptr || !managed->is_array()) return entries;
  for (const json::Value& item : managed->get_array()) {
    const json::Value* fields = json::find(item, "fieldsV1");
    if (fields == nullptr || !fields->is_object()) continue;
    entries.push_back({.manager = json::text_at(item, "manager").value_or(""),
                       .time = json::text_at(item, "time").value_or(""),
                       .fields = fields->get_object()});
  }
  return entries;
}

void write_entries(json::Value& object, std::vector<Entry> entries) {
  json::Array managed;
  const std::string version = json::text_at(object, "apiVersion").value_or("");
  for (Entry& entry : entries) {
    if (entry.fields.empty()) continue;
    managed.push_back(json::Object{{"manager", entry.manager},
                                   {"operation", "Apply"},
                                   {"apiVersion", version},
                                   {"time", entry.time},
                                   {"fieldsType", "FieldsV1"},
                                   {"fieldsV1", std::move(entry.fields)}});
  }
  json::Object& meta = metadata(object);
  if (managed.empty()) {
    meta.erase("managedFields");
  } else {
    meta["managedFields"] = std::move(managed);
  }
}

// The manager's entry takes `fields`; an entry that states the same as before keeps its time.
void put_entry(std::vector<Entry>& entries, const Applied& what, json::Object fields) {
  const std::string time = base::format_time(what.now);
  for (Entry& entry : entries) {
    if (entry.manager != what.manager) continue;
    if (entry.fields != fields) entry.time = time;
    entry.fields = std::move(fields);
    return;
  }
  entries.push_back({.manager = what.manager, .time = time, .fields = std::move(fields)});
}

}  // namespace

Result<json::Value> apply_to(const Kind& kind, const json::Value& before, const Applied& what) {
  const kube::Shape& shape = kube::shape_of(kind.resource);
  const json::Value stated = without_unowned(what.stated);
  json::Object fields = field_set(shape, stated);
  std::vector<Entry> entries = read_entries(before);

  json::Value after = before;
  merge_stated(shape, after, stated);
  std::vector<const json::Object*> kept{&fields};
  const json::Object* old = nullptr;
  for (const Entry& entry : entries) {
    if (entry.manager == what.manager) {
      old = &entry.fields;
    } else {
      kept.push_back(&entry.fields);
    }
  }
  if (old) remove_fields(after, *old, kept);

  std::vector<std::string> lost;
  for (Entry& entry : entries) {
    if (entry.manager == what.manager) continue;
    json::Object left = unchanged_fields(entry.fields, &before, &after);
    for (const std::string& path : missing_fields(entry.fields, left)) {
      lost.push_back(fmt::format("conflict with \"{}\": {}", entry.manager, path));
    }
    entry.fields = std::move(left);
  }
  if (!lost.empty() && what.conflicts == kube::Conflicts::refuse) {
    return fail(Code::conflict,
                fmt::format("Apply failed with {} {}: {}", lost.size(),
                            lost.size() == 1 ? "conflict" : "conflicts", fmt::join(lost, ", ")));
  }
  put_entry(entries, what, std::move(fields));
  write_entries(after, std::move(entries));
  return after;
}

void record_applied(const Kind& kind, json::Value& object, const Applied& what) {
  std::vector<Entry> entries;
  put_entry(entries, what, field_set(kube::shape_of(kind.resource), without_unowned(what.stated)));
  write_entries(object, std::move(entries));
}

void give_up_changed_fields(const json::Value& before, json::Value& after) {
  std::vector<Entry> entries = read_entries(after);
  if (entries.empty()) return;
  for (Entry& entry : entries) entry.fields = unchanged_fields(entry.fields, &before, &after);
  write_entries(after, std::move(entries));
}

}  // namespace cluster
