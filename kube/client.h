#pragma once

// A client of a Kubernetes API, over a transport that is a call into the embedded cluster, or HTTPS
// (kube/https_transport.h). Objects travel as JSON values, exactly as on the wire; kube/types.h
// reads them into structs.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "json/json.h"

namespace kube {

// One kind of object and where the API keeps it.
struct Resource {
  std::string_view group;  // "" for the core group
  std::string_view version;
  std::string_view plural;
  std::string_view kind;
  bool namespaced = true;

  std::string api_version() const;  // "apps/v1", "v1"
  bool operator==(const Resource&) const = default;
};

inline constexpr Resource namespaces{"", "v1", "namespaces", "Namespace", false};
inline constexpr Resource pods{"", "v1", "pods", "Pod", true};
inline constexpr Resource events{"", "v1", "events", "Event", true};
inline constexpr Resource deployments{"apps", "v1", "deployments", "Deployment", true};
inline constexpr Resource scaled_objects{"keda.sh", "v1alpha1", "scaledobjects", "ScaledObject",
                                         true};
inline constexpr Resource horizontal_pod_autoscalers{
    "autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true};

struct Key {
  std::string ns;  // empty for cluster-scoped kinds
  std::string name;
  auto operator<=>(const Key&) const = default;
};

// "ns/name", or "name".
std::string to_string(const Key& key);

enum class Verb : std::uint8_t {
  get,
  list,
  watch,
  create,
  update,
  merge_patch,  // RFC 7386
  json_patch,   // RFC 6902
  apply,        // server-side apply
  remove
};

// What apply does about a field that another manager states with another value.
enum class Conflicts : std::uint8_t {
  take_over,  // "force": the field is ours now
  refuse,     // Code::conflict, naming the manager and the field
};

// What becomes of the objects that a removed one owned.
enum class Propagation : std::uint8_t {
  background,  // they go afterwards
  foreground,  // they go first; the owner stays, terminating, until they have
  orphan,      // they stay, without that owner
};

struct RemoveOptions {
  Propagation propagation = Propagation::background;
  // Not empty: the object must have it, or the answer is Code::conflict.
  std::string uid;
  std::string resource_version;
};

// Which objects a list holds. `labels` as kubectl takes it (kube/label_selector.h).
struct ListOptions {
  std::string labels;
  std::size_t limit = 0;       // objects of one answer; 0: all
  std::string continue_token;  // of the answer before
};

struct Request {
  Verb verb = Verb::get;
  Resource resource;
  Key key;                       // name empty for list, watch and create
  std::string_view subresource;  // "", "status", "scale"
  json::Value body;
  std::string resource_version;                // watch: changes after it
  std::string field_manager;                   // apply
  Conflicts conflicts = Conflicts::take_over;  // apply
  ListOptions list;
  RemoveOptions removal;
};

struct WatchEvent {
  enum class Type : std::uint8_t { added, modified, removed };
  Type type = Type::added;
  json::Value object;
};

// Changes in order. Confined to the loop of its transport.
class Watch {
 public:
  virtual ~Watch() = default;
  // Waits for the next change. Errors: cancelled; unavailable (list again, then watch again).
  virtual Task<Result<WatchEvent>> next() = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // The answer's body; an API Status failure is an Error with its message. Errors: not_found,
  // already_exists, conflict, invalid, denied, unavailable, timeout.
  virtual Task<Result<json::Value>> call(Request request) = 0;
  virtual Task<Result<std::unique_ptr<Watch>>> watch(Request request) = 0;
};

struct ObjectList {
  std::vector<json::Value> items;
  std::string resource_version;
  std::string continue_token;  // not empty: there are more
};

// Confined to its loop; the transport outlives it.
class Client {
 public:
  explicit Client(Transport& transport) : transport_(transport) {}

  // The object, or its "scale".
  Task<Result<json::Value>> get(const Resource& resource, Key key,
                                std::string_view subresource = {});
  // Everything there is, asked for in pages of `page_objects`; of all namespaces unless `ns` says
  // one, sorted by namespace and name. With options.limit, one page.
  Task<Result<ObjectList>> list(const Resource& resource, std::string ns = {},
                                ListOptions options = {});
  // Every change after `resource_version`; "" or "0" begins with an `added` for each existing
  // object.
  Task<Result<std::unique_ptr<Watch>>> watch(const Resource& resource,
                                             std::string resource_version = {},
                                             std::string ns = {});
  Task<Result<json::Value>> create(const Resource& resource, std::string ns, json::Value object);
  // The whole object but for its status, or only its "status" or "scale".
  Task<Result<json::Value>> update(const Resource& resource, Key key, json::Value object,
                                   std::string_view subresource = {});
  // RFC 7386 merge patch, of the object or of its "status".
  Task<Result<json::Value>> patch(const Resource& resource, Key key, json::Value patch,
                                  std::string_view subresource = {});
  // RFC 6902 JSON patch: all of its operations, or none.
  Task<Result<json::Value>> json_patch(const Resource& resource, Key key, json::Value operations,
                                       std::string_view subresource = {});
  // Server-side apply: makes it, or sets the fields it states; fields this manager stated before
  // and no longer states go.
  Task<Result<json::Value>> apply(const Resource& resource, Key key, json::Value object,
                                  std::string field_manager,
                                  Conflicts conflicts = Conflicts::take_over);
  Task<Result<void>> remove(const Resource& resource, Key key, RemoveOptions options = {});

  // spec.replicas of the scale subresource.
  Task<Result<std::int32_t>> replicas(const Resource& resource, Key key);
  // Reads the scale, sets spec.replicas, writes it; a conflict is tried again, five times in all.
  Task<Result<void>> set_replicas(const Resource& resource, Key key, std::int32_t replicas);

  static constexpr std::size_t page_objects = 500;

 private:
  Transport& transport_;
};

}  // namespace kube
