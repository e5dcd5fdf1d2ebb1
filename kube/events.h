#pragma once

// Events about objects, as `kubectl get events` shows them, folded: the same thing said again
// raises its count.

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <tuple>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "kube/client.h"
#include "kube/meta.h"

namespace kube {

enum class EventType : std::uint8_t { normal, warning };

// What an event is about.
struct ObjectReference {
  std::string api_version;
  std::string kind;
  std::string ns;
  std::string name;
  std::string uid;
  auto operator<=>(const ObjectReference&) const = default;
};

ObjectReference reference_to(const Resource& resource, const ObjectMeta& meta);

// Writes Events through a client. Confined to its loop; client and clock outlive it.
class EventRecorder {
 public:
  // component: who says it, e.g. "tidewheel-operator".
  EventRecorder(Client& client, const Clock& clock, std::string component)
      : client_(client), clock_(clock), component_(std::move(component)) {}

  // The same reason and note about the same object raise the count of the event that is there.
  // Errors: those of the client; callers log them once and go on.
  Task<Result<void>> record(ObjectReference about, EventType type, std::string reason,
                            std::string note);

 private:
  using Saying = std::tuple<ObjectReference, EventType, std::string, std::string>;
  struct Said {
    Key event;
    std::int64_t count = 1;
    std::list<Saying>::iterator recent;
  };

  Task<Result<void>> create(Saying saying);
  Task<Result<void>> fold(const Saying& saying);
  void remember(Saying saying, Key event);

  Client& client_;
  const Clock& clock_;
  std::string component_;
  base::Random random_;
  std::map<Saying, Said> said_;
  std::list<Saying> recent_;  // newest first
};

}  // namespace kube
