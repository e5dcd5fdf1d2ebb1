#pragma once

// What the contract's tests have in common: an API to ask, a namespace of their own, and questions.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/task.h"
#include "kube/client.h"
#include "kube/meta.h"
#include "kube/testing/await.h"
#include "kube/testing/contract/differences.h"
#include "kube/testing/samples.h"

namespace kube::testing {

// An API to ask; a test owns one.
class TestCluster {
 public:
  enum class Side : std::uint8_t { embedded, real };

  virtual ~TestCluster() = default;
  virtual base::Loop& loop() = 0;
  virtual Transport& transport() = 0;
  virtual Side side() const = 0;
};

using MakeCluster = std::unique_ptr<TestCluster> (*)();

// Every test works in a namespace of its own, so that a shared server does not mind them. Watches
// of a version before "2" must have been forgotten.
class Contract : public ::testing::TestWithParam<MakeCluster> {
 protected:
  // A real server removes in the background, and answers a watch when it gets to it.
  static constexpr Duration patience = std::chrono::seconds(60);

  Contract() : cluster_(GetParam()()), client_(cluster_->transport()) {
    ns_ = "contract-" + base::Random().name_suffix(8);
    const auto made = run(client_.create(namespaces, "", namespace_sample(ns_)));
    EXPECT_TRUE(made) << made.error().what;
  }
  ~Contract() override { (void)run(client_.remove(namespaces, {"", ns_})); }

  template <class T>
  T run(Task<T> task) {
    return await(cluster_->loop(), std::move(task));
  }

  // Whether the answer is the real server's, in a place where they differ on purpose.
  bool real_answer(Difference) const { return cluster_->side() == TestCluster::Side::real; }

  Key key(std::string name) const { return {ns_, std::move(name)}; }

  json::Value create(const Resource& resource, json::Value object) {
    return value_of(client_.create(resource, ns_, std::move(object)));
  }
  json::Value get(const Resource& resource, const std::string& name) {
    return value_of(client_.get(resource, key(name)));
  }
  bool exists(const Resource& resource, const std::string& name) {
    const auto got = run(client_.get(resource, key(name)));
    if (!got) EXPECT_EQ(got.error().code, Code::not_found) << got.error().what;
    return got.has_value();
  }
  void remove(const Resource& resource, const std::string& name, RemoveOptions options = {}) {
    const auto removed = run(client_.remove(resource, key(name), std::move(options)));
    EXPECT_TRUE(removed) << removed.error().what;
  }

  // The answer, which is no failure.
  json::Value value_of(Task<Result<json::Value>> task) {
    auto answer = run(std::move(task));
    EXPECT_TRUE(answer) << answer.error().what;
    return answer.value_or(json::Value{});
  }
  // The failure that is the answer.
  template <class T>
  Error error_of(Task<Result<T>> task) {
    auto answer = run(std::move(task));
    EXPECT_FALSE(answer);
    return answer ? Error{} : answer.error();
  }
  template <class T>
  Code code_of(Task<Result<T>> task) {
    return error_of(std::move(task)).code;
  }

  std::unique_ptr<Watch> watch(const Resource& resource, std::string version = {},
                               std::string ns = {}) {
    auto opened = run(client_.watch(resource, std::move(version), std::move(ns)));
    EXPECT_TRUE(opened) << opened.error().what;
    return opened ? std::move(*opened) : nullptr;
  }
  // The next change in this test's namespace.
  Result<WatchEvent> next_event(Watch& watch) {
    for (;;) {
      auto event = run(base::with_deadline(watch.next(), patience));
      if (!event || key_of(event->object).ns == ns_) return event;
    }
  }
  // The same as "added name".
  std::string next(Watch& watch) {
    const auto event = next_event(watch);
    if (!event) return event.error().what;
    const char* names[] = {"added", "modified", "removed"};
    return std::string(names[static_cast<int>(event->type)]) + " " + key_of(event->object).name;
  }

  // Asks again until it holds.
  bool eventually(const std::function<bool()>& holds) {
    const base::SystemClock clock;
    const Instant end = clock.steady() + patience;
    while (!holds()) {
      if (clock.steady() >= end) return false;
      (void)run(base::sleep_for(std::chrono::milliseconds(20)));
    }
    return true;
  }

  std::unique_ptr<TestCluster> cluster_;
  Client client_;
  std::string ns_;
};

inline std::string version_of(const json::Value& object) {
  return meta_text(object, "resourceVersion");
}
inline std::int64_t generation_of(const json::Value& object) {
  return meta_from_json(object)->generation;
}
// An object of a sample with `members` merged into its metadata.
inline json::Value with_metadata(json::Value object, std::string_view members) {
  json::merge_patch(object, json::Object{{"metadata", parsed(members)}});
  return object;
}

}  // namespace kube::testing
