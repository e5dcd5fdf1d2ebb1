#include "kube/follow.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>

#include "kube/meta.h"

namespace kube {
namespace {

json::Value pod(std::string_view name, int version) {
  return json::Object{{"metadata", json::Object{{"namespace", "ns"}, {"name", name}}},
                      {"version", version}};
}

// Gives its events, then ends as a server does that no longer has the history.
class ShortWatch final : public Watch {
 public:
  explicit ShortWatch(std::deque<WatchEvent> events) : events_(std::move(events)) {}
  Task<Result<WatchEvent>> next() override {
    if (events_.empty()) co_return fail(Code::unavailable, "too old");
    WatchEvent event = std::move(events_.front());
    events_.pop_front();
    co_return event;
  }

 private:
  std::deque<WatchEvent> events_;
};

// Answers each list and each watch with the next prepared one; lists fail when none is left.
class Script final : public Transport {
 public:
  Task<Result<json::Value>> call(Request) override {
    if (lists.empty()) co_return fail(Code::timeout, "no answer");
    json::Value list = std::move(lists.front());
    lists.pop_front();
    co_return list;
  }
  Task<Result<std::unique_ptr<Watch>>> watch(Request request) override {
    versions.push_back(request.resource_version);
    auto events = watches.empty() ? std::deque<WatchEvent>{} : std::move(watches.front());
    if (!watches.empty()) watches.pop_front();
    co_return std::make_unique<ShortWatch>(std::move(events));
  }

  std::deque<json::Value> lists;
  std::deque<std::deque<WatchEvent>> watches;
  std::vector<std::string> versions;
};

json::Value list_of(json::Array items, std::string_view version) {
  return json::Object{{"metadata", json::Object{{"resourceVersion", version}}},
                      {"items", std::move(items)}};
}

TEST(Follow, KeepsTheCacheInStepOverAWatchThatEnds) {
  Script script;
  script.lists = {list_of({pod("a", 1), pod("b", 1)}, "10"), list_of({pod("b", 2)}, "20")};
  script.watches = {{{WatchEvent::Type::added, pod("c", 1)},
                     {WatchEvent::Type::removed, pod("c", 1)},
                     {WatchEvent::Type::modified, pod("a", 3)}}};
  Client client(script);
  std::map<Key, std::int64_t> cache;
  std::vector<std::size_t> sizes;  // of the cache after each list
  base::metrics::Registry registry;
  auto& restarts = registry.counter("restarts", "Restarts.");
  base::Loop loop;
  base::TaskGroup tasks(loop.executor(), Log{});
  tasks.spawn(
      follow(client,
             {.resource = pods,
              .changed = [&](Key key, json::Value o) { cache[key] = *json::int_at(o, "version"); },
              .removed = [&](const Key& key) { cache.erase(key); },
              .known =
                  [&] {
                    std::set<Key> keys;
                    for (const auto& [key, version] : cache) keys.insert(key);
                    return keys;
                  },
              .listed = [&] { sizes.push_back(cache.size()); }},
             Log{}, restarts));
  loop.run_until([&] { return restarts.value() == 3; });  // two watches and a list have ended
  tasks.stop();
  while (tasks.size() > 0) loop.poll();
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 1}));
  EXPECT_EQ(cache, (std::map<Key, std::int64_t>{{{"ns", "b"}, 2}}));
  EXPECT_EQ(script.versions, (std::vector<std::string>{"10", "20"}));
}

}  // namespace
}  // namespace kube
