#include "kube/follow.h"

#include "base/backoff.h"
#include "kube/meta.h"

namespace kube {
namespace {

constexpr Duration retry_first = std::chrono::milliseconds(100);
constexpr Duration retry_ceiling = std::chrono::seconds(30);

Task<Result<std::string>> list_all(Client& client, const Follower& follower) {
  CO_TRY(ObjectList list, co_await client.list(follower.resource));
  std::set<Key> gone = follower.known();
  for (json::Value& object : list.items) {
    Key key = key_of(object);
    gone.erase(key);
    follower.changed(std::move(key), std::move(object));
  }
  for (const Key& key : gone) follower.removed(key);
  follower.listed();
  co_return std::move(list.resource_version);
}

Task<Result<void>> watch_from(Client& client, const Follower& follower, std::string version) {
  CO_TRY(auto watch, co_await client.watch(follower.resource, std::move(version)));
  for (;;) {
    CO_TRY(WatchEvent event, co_await watch->next());
    Key key = key_of(event.object);
    if (event.type == WatchEvent::Type::removed) {
      follower.removed(key);
    } else {
      follower.changed(std::move(key), std::move(event.object));
    }
  }
}

}  // namespace

Task<void> follow(Client& client, Follower follower, Log log, base::metrics::Counter& restarts) {
  base::Backoff backoff(retry_first, retry_ceiling);
  for (;;) {
    auto version = co_await list_all(client, follower);
    Error error;
    if (version) {
      backoff.reset();
      auto ended = co_await watch_from(client, follower, std::move(*version));
      error = std::move(ended).error();
    } else {
      error = std::move(version).error();
    }
    if (co_await base::stopping()) co_return;
    log.warn("watch ended: listing again",
             {{"resource", follower.resource.plural}, {"error", error.what}});
    restarts.add();
    if (!co_await base::sleep_for(backoff.next())) co_return;
  }
}

}  // namespace kube
