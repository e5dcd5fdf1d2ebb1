#include "cluster/api.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

#include "base/random.h"
#include "cluster/admission.h"
#include "cluster/apply.h"
#include "cluster/object_rules.h"
#include "cluster/page.h"
#include "cluster/removal.h"
#include "cluster/store.h"
#include "json/patch.h"
#include "kube/label_selector.h"
#include "kube/meta.h"

namespace cluster {
namespace {

using Answer = Result<json::Value>;

constexpr int generated_suffix_length = 5;
constexpr std::size_t namespace_kind = kind_index(kube::namespaces);
constexpr std::size_t event_kind = kind_index(kube::events);
constexpr std::size_t scaled_object_kind = kind_index(kube::scaled_objects);

std::optional<std::uint64_t> parse_version(std::string_view text) {
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return version;
}

std::unexpected<Error> unknown_resource() {
  return fail(Code::not_found, "the server could not find the requested resource");
}

Error refused(const Kind& kind, const kube::Key& key, std::span<const kube::Problem> problems) {
  return {Code::invalid, fmt::format("{} \"{}\" is invalid: {}", qualified_kind(kind.resource),
                                     key.name, kube::to_string(problems))};
}

Error refused(const Kind& kind, const kube::Key& key, std::string field, std::string message) {
  const kube::Problem problem{std::move(field), std::move(message)};
  return refused(kind, key, std::span(&problem, 1));
}

}  // namespace

// One request after the other; a request's helper functions answer for the object it names.
struct Api::State {
  State(storage::Journal* journal, const Clock& c, Log l, ApiOptions o)
      : clock(c),
        log(std::move(l)),
        options(o),
        store(journal, {.objects_max = o.objects_max,
                        .object_bytes_max = o.object_bytes_max,
                        .history_max = o.history_max}),
        removal(store, clock) {}

  Answer answer(kube::Request request);
  Answer get(const ObjectId& id, const kube::Request& request) const;
  Answer list(const ObjectId& id, const kube::Request& request) const;
  Answer create(ObjectId id, json::Value body);
  Answer insert(const ObjectId& id, json::Value object);
  Answer update(const ObjectId& id, kube::Request request);
  Answer patch(const ObjectId& id, kube::Request request);
  Answer apply(const ObjectId& id, kube::Request request);

  Answer write(const ObjectId& id, const Stored& before, json::Value body);
  Answer write_part(const ObjectId& id, const Stored& before, std::string_view part,
                    json::Value body);
  Answer commit(const ObjectId& id, const Stored& before, json::Value after);
  Result<void> check_version(const ObjectId& id, const json::Value& before,
                             const json::Value& body) const;
  Result<void> admit(const ObjectId& id, const json::Value& object,
                     const json::Value* before = nullptr) const;
  Result<void> check_namespace(const ObjectId& id) const;

  void make_room_for_event();
  Result<void> make_default_namespace();

  const Clock& clock;
  Log log;
  ApiOptions options;
  base::Random random;
  Store store;
  Removal removal;
};

Api::Api(std::unique_ptr<State> state) : state_(std::move(state)) {}
Api::~Api() = default;

Result<std::unique_ptr<Api>> Api::open(storage::Journal* journal, const Clock& clock, Log log,
                                       ApiOptions options) {
  auto state = std::make_unique<State>(journal, clock, std::move(log), options);
  TRY_VOID(state->store.load());
  TRY_VOID(state->make_default_namespace());
  state->removal.collect_orphans();
  return std::unique_ptr<Api>(new Api(std::move(state)));
}

std::size_t Api::size() const {
  return state_->store.size();
}

Task<Result<json::Value>> Api::call(kube::Request request) {
  co_return state_->answer(std::move(request));
}

Task<Result<std::unique_ptr<kube::Watch>>> Api::watch(kube::Request request) {
  const std::size_t kind = kind_index(request.resource);
  if (kind == kinds.size()) {
    co_return unknown_resource();
  }
  const Executor executor = co_await base::task_detail::current_executor();
  const Store& store = state_->store;
  const std::string& ns = request.key.ns;
  std::unique_ptr<kube::Watch> watch;
  if (request.resource_version.empty() || request.resource_version == "0") {
    watch = std::make_unique<HistoryWatch>(store.history(kind), ns, store.list(kind, ns),
                                           store.version(), executor);
    co_return watch;
  }
  const auto version = parse_version(request.resource_version);
  if (!version) co_return fail(Code::invalid, "resourceVersion: want a number");
  if (*version > store.version() || !store.history(kind)->reaches(*version)) {
    co_return fail(Code::unavailable, "too old resource version: " + request.resource_version);
  }
  watch = std::make_unique<HistoryWatch>(store.history(kind), ns, std::vector<Stored>{}, *version,
                                         executor);
  co_return watch;
}

Answer Api::State::answer(kube::Request request) {
  const ObjectId id{kind_index(request.resource), request.key};
  if (id.kind == kinds.size()) {
    return unknown_resource();
  }
  const Kind& kind = kinds[id.kind];
  const bool known = request.subresource.empty() ||
                     (request.subresource == "status" && kind.has_status) ||
                     (request.subresource == "scale" && kind.has_scale);
  if (!known) return unknown_resource();
  switch (request.verb) {
    case kube::Verb::get:
      return get(id, request);
    case kube::Verb::list:
      return list(id, request);
    case kube::Verb::create:
      return create(id, std::move(request.body));
    case kube::Verb::update:
      return update(id, std::move(request));
    case kube::Verb::merge_patch:
    case kube::Verb::json_patch:
      return patch(id, std::move(request));
    case kube::Verb::apply:
      return apply(id, std::move(request));
    case kube::Verb::remove:
      return removal.remove(id, request.removal);
    case kube::Verb::watch:
      break;
  }
  return fail(Code::invalid, "a watch is asked for by watch()");
}

Answer Api::State::get(const ObjectId& id, const kube::Request& request) const {
  const Stored object = store.find(id);
  if (!object) return std::unexpected(not_found(kinds[id.kind], id.key));
  return request.subresource == "scale" ? to_scale(*object) : *object;
}

Answer Api::State::list(const ObjectId& id, const kube::Request& request) const {
  TRY(const auto selector, kube::LabelSelector::parse(request.list.labels));
  TRY(const PageStart start, read_continue(request.list.continue_token, store.version()));
  const std::vector<Stored> objects = store.list(id.kind, id.key.ns, start.after);
  return to_page(kinds[id.kind], objects, selector,
                 {.limit = request.list.limit, .version = start.version});
}

Answer Api::State::create(ObjectId id, json::Value body) {
  const Kind& kind = kinds[id.kind];
  TRY(json::Value object, addressed(kind, id.key, std::move(body)));
  json::Object& meta = metadata(object);
  id.key = kube::key_of(object);
  if (id.key.name.empty()) {
    const json::Value* prefix = meta.if_contains("generateName");
    if (prefix == nullptr || !prefix->is_string()) {
      return std::unexpected(
          refused(kind, id.key, "metadata.name", "required: name or generateName is required"));
    }
    id.key.name =
        std::string(prefix->get_string().c_str()) + random.name_suffix(generated_suffix_length);
    meta["name"] = boost::json::string(id.key.name);
  }
  if (const json::Value* version = meta.if_contains("resourceVersion");
      version && !(version->is_string() && version->get_string().empty())) {
    return fail(Code::invalid, "resourceVersion should not be set on objects to be created");
  }
  if (store.find(id)) return std::unexpected(already_exists(kind, id.key));
  return insert(id, as_created(kind, std::move(object), random.uid(), clock.now()));
}

Answer Api::State::insert(const ObjectId& id, json::Value object) {
  set_defaults(kinds[id.kind], object);
  TRY_VOID(check_namespace(id));
  TRY_VOID(admit(id, object));
  if (id.kind == event_kind) make_room_for_event();
  TRY(const Stored stored, store.put(id, std::move(object)));
  removal.collect(id);
  return *stored;
}

Answer Api::State::update(const ObjectId& id, kube::Request request) {
  const Stored before = store.find(id);
  if (!before) return std::unexpected(not_found(kinds[id.kind], id.key));
  if (request.subresource == "scale") {
    return write_part(id, before, request.subresource, std::move(request.body));
  }
  TRY(json::Value body, addressed(kinds[id.kind], id.key, std::move(request.body)));
  const bool versioned = version_of(body) != 0;
  if (kinds[id.kind].version_required && !versioned) {
    return std::unexpected(refused(kinds[id.kind], id.key, "metadata.resourceVersion",
                                   "must be specified for an update"));
  }
  if (!request.subresource.empty()) {
    return write_part(id, before, request.subresource, std::move(body));
  }
  return write(id, before, std::move(body));
}

Answer Api::State::patch(const ObjectId& id, kube::Request request) {
  const Stored before = store.find(id);
  if (!before) return std::unexpected(not_found(kinds[id.kind], id.key));
  json::Value body = request.subresource == "scale" ? to_scale(*before) : *before;
  if (request.verb == kube::Verb::json_patch) {
    TRY(body, json::apply_patch(std::move(body), request.body));
  } else {
    if (!request.body.is_object()) return fail(Code::invalid, "a merge patch is an object");
    json::merge_patch(body, request.body);
  }
  if (request.subresource == "scale") return write_part(id, before, "scale", std::move(body));
  TRY(body, addressed(kinds[id.kind], id.key, std::move(body)));
  if (!request.subresource.empty()) {
    return write_part(id, before, request.subresource, std::move(body));
  }
  return write(id, before, std::move(body));
}

Answer Api::State::apply(const ObjectId& id, kube::Request request) {
  const Kind& kind = kinds[id.kind];
  if (!request.subresource.empty()) {
    return fail(Code::unimplemented, "apply is offered for whole objects only");
  }
  if (request.field_manager.empty()) return fail(Code::invalid, "apply needs a field manager");
  if (id.key.name.empty()) return fail(Code::invalid, "apply needs a name");
  TRY(json::Value stated, addressed(kind, id.key, std::move(request.body)));
  if (json::find(stated, "metadata", "managedFields") != nullptr) {
    return fail(Code::invalid, "metadata.managedFields: must not be stated in an apply");
  }
  const Applied what{.manager = request.field_manager,
                     .now = clock.now(),
                     .stated = std::move(stated),
                     .conflicts = request.conflicts};
  const Stored before = store.find(id);
  if (before) {
    if (const std::string uid = uid_of(what.stated); !uid.empty() && uid != uid_of(*before)) {
      return std::unexpected(refused(kind, id.key, "metadata.uid", "field is immutable"));
    }
    TRY_VOID(check_version(id, *before, what.stated));
    TRY(json::Value after, apply_to(kind, *before, what));
    TRY_VOID(check_finalizers(kind, *before, after));
    set_defaults(kind, after);
    TRY_VOID(admit(id, after, before.get()));
    return commit(id, before, std::move(after));
  }
  json::Value object = as_created(kind, what.stated, random.uid(), clock.now());
  record_applied(kind, object, what);
  return insert(id, std::move(object));
}

Answer Api::State::write(const ObjectId& id, const Stored& before, json::Value body) {
  const Kind& kind = kinds[id.kind];
  TRY_VOID(check_version(id, *before, body));
  json::Value after = as_updated(kind, *before, std::move(body));
  TRY_VOID(check_finalizers(kind, *before, after));
  set_defaults(kind, after);
  TRY_VOID(admit(id, after, before.get()));
  give_up_changed_fields(*before, after);
  return commit(id, before, std::move(after));
}

// Writes only the status, or only the replicas of a scale.
Answer Api::State::write_part(const ObjectId& id, const Stored& before, std::string_view part,
                              json::Value body) {
  TRY_VOID(check_version(id, *before, body));
  if (part == "scale") {
    auto scaled = with_scale(*before, body);
    if (!scaled) {
      return fail(fmt::format("Scale.autoscaling \"{}\" is invalid", id.key.name), scaled.error());
    }
    json::Value after = *std::move(scaled);
    give_up_changed_fields(*before, after);
    TRY(const json::Value written, commit(id, before, std::move(after)));
    return to_scale(written);
  }
  json::Value after = *before;
  after.get_object().erase("status");
  if (const json::Value* status = json::find(body, "status"); status && !status->is_null()) {
    if (!status->is_object()) return fail(Code::invalid, "status: want an object");
    const auto problems = check_status(kinds[id.kind], *status);
    if (!problems.empty()) return std::unexpected(refused(kinds[id.kind], id.key, problems));
    after.get_object()["status"] = *status;
  }
  return commit(id, before, std::move(after));
}

Answer Api::State::commit(const ObjectId& id, const Stored& before, json::Value after) {
  const Kind& kind = kinds[id.kind];
  count_change(kind, *before, after);
  if (same_content(*before, after)) return *before;
  if (is_terminating(after) && !has_finalizers(after)) {
    removal.erase(id);
    return after;
  }
  TRY(const Stored stored, store.put(id, std::move(after)));
  removal.collect(id);
  return *stored;
}

Result<void> Api::State::check_version(const ObjectId& id, const json::Value& before,
                                       const json::Value& body) const {
  const json::Value* stated = json::find(body, "metadata", "resourceVersion");
  const json::Value* uid = json::find(body, "metadata", "uid");
  const bool other_version = stated && stated->is_string() && !stated->get_string().empty() &&
                             version_of(body) != version_of(before);
  const bool other_object =
      uid && uid->is_string() && !uid->get_string().empty() && uid_of(body) != uid_of(before);
  if (other_version || other_object) return std::unexpected(conflict(kinds[id.kind], id.key));
  return {};
}

Result<void> Api::State::check_namespace(const ObjectId& id) const {
  if (!kinds[id.kind].resource.namespaced) return {};
  if (id.key.ns.empty()) return fail(Code::invalid, "metadata.namespace: required");
  const ObjectId ns{namespace_kind, {.ns = "", .name = id.key.ns}};
  if (!store.find(ns)) return std::unexpected(not_found(kinds[namespace_kind], ns.key));
  return {};
}

Result<void> Api::State::admit(const ObjectId& id, const json::Value& object,
                               const json::Value* before) const {
  std::vector<kube::Problem> problems = check_object(kinds[id.kind], object, before);
  if (id.kind == scaled_object_kind && problems.empty()) {
    for (const ObjectId& other : store.scalers_of(id.key.ns, scale_target(object))) {
      if (other == id) continue;
      problems.push_back(taken_workload(object, other.key.name));
      break;
    }
  }
  if (!problems.empty()) return std::unexpected(refused(kinds[id.kind], id.key, problems));
  return {};
}

void Api::State::make_room_for_event() {
  while (store.size(event_kind) >= options.events_max) store.erase(store.oldest(event_kind));
}

Result<void> Api::State::make_default_namespace() {
  const ObjectId id{namespace_kind, {.ns = "", .name = std::string(default_namespace)}};
  if (store.find(id)) return {};
  if (auto made = create(id, json::Object{}); !made) return std::unexpected(made.error());
  return {};
}

}  // namespace cluster
