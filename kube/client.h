#pragma once

// A client of a Kubernetes API, over a transport that is a call into the embedded cluster, or
// (later) HTTPS. Objects travel as JSON values, exactly as on the wire; kube/types.h reads them
// into structs.

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

enum class Verb : std::uint8_t { get, list, watch, create, update, merge_patch, apply, remove };

struct Request {
  Verb verb = Verb::get;
  Resource resource;
  Key key;                       // name empty for list, watch and create
  std::string_view subresource;  // "", "status", "scale"
  json::Value body;
  std::string resource_version;  // watch: changes after it
  std::string field_manager;     // apply
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
};

// Confined to its loop; the transport outlives it.
class Client {
 public:
  explicit Client(Transport& transport) : transport_(transport) {}

  // The object, or its "scale".
  Task<Result<json::Value>> get(const Resource& resource, Key key,
                                std::string_view subresource = {});
  Task<Result<ObjectList>> list(const Resource& resource, std::string ns = {});
  // Every change after `resource_version`; "" or "0" begins with an `added` for each existing
  // object.
  Task<Result<std::unique_ptr<Watch>>> watch(const Resource& resource,
                                             std::string resource_version = {});
  Task<Result<json::Value>> create(const Resource& resource, std::string ns, json::Value object);
  // The whole object but for its status, or only its "status" or "scale".
  Task<Result<json::Value>> update(const Resource& resource, Key key, json::Value object,
                                   std::string_view subresource = {});
  // RFC 7386 merge patch, of the object or of its "status".
  Task<Result<json::Value>> patch(const Resource& resource, Key key, json::Value patch,
                                  std::string_view subresource = {});
  // Server-side apply: makes it, or sets the fields it states; fields this manager stated before
  // and no longer states go.
  Task<Result<json::Value>> apply(const Resource& resource, Key key, json::Value object,
                                  std::string field_manager);
  Task<Result<void>> remove(const Resource& resource, Key key);

  // spec.replicas of the scale subresource.
  Task<Result<std::int32_t>> replicas(const Resource& resource, Key key);
  // Reads the scale, sets spec.replicas, writes it; a conflict is tried again, five times in all.
  Task<Result<void>> set_replicas(const Resource& resource, Key key, std::int32_t replicas);

 private:
  Transport& transport_;
};

}  // namespace kube
