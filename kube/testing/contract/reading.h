#pragma once

// Lists and watches.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "kube/scaled_object.h"
#include "kube/testing/contract/fixture.h"
#include "kube/types.h"

namespace kube::testing {

TEST_P(Contract, ListsGiveOneNamespaceSortedByName) {
  create(deployments, deployment_sample("b"));
  create(deployments, deployment_sample("a"));
  const auto listed = run(client_.list(deployments, ns_));
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->items.size(), 2u);
  EXPECT_EQ(meta_text(listed->items[0], "name"), "a");
  EXPECT_EQ(meta_text(listed->items[1], "name"), "b");
  EXPECT_FALSE(listed->resource_version.empty());
  const auto everywhere = run(client_.list(deployments));
  ASSERT_TRUE(everywhere);
  EXPECT_GE(everywhere->items.size(), 2u);
}

TEST_P(Contract, AWatchTellsEveryChangeInOrder) {
  create(deployments, deployment_sample("before"));
  const auto listed = run(client_.list(deployments));
  const auto changes = watch(deployments, listed->resource_version);
  create(deployments, deployment_sample("a"));
  create(pods, pod_sample("of-another-kind"));
  ASSERT_TRUE(run(client_.set_replicas(deployments, key("a"), 3)));
  create(deployments, deployment_sample("b"));
  ASSERT_TRUE(run(client_.remove(deployments, key("a"))));
  EXPECT_EQ(next(*changes), "added a");
  EXPECT_EQ(next(*changes), "modified a");
  EXPECT_EQ(next(*changes), "added b");
  EXPECT_EQ(next(*changes), "removed a");
}

TEST_P(Contract, AWatchFromTheBeginningStartsWithWhatIsThere) {
  create(deployments, deployment_sample("a"));
  create(deployments, deployment_sample("b"));
  const auto changes = watch(deployments);
  EXPECT_EQ(next(*changes), "added a");
  EXPECT_EQ(next(*changes), "added b");
  ASSERT_TRUE(run(client_.remove(deployments, key("b"))));
  EXPECT_EQ(next(*changes), "removed b");
}

TEST_P(Contract, ItemsOfAListSayTheirKind) {
  create(deployments, deployment_sample("web"));
  create(scaled_objects, scaled_object_sample("so", "web"));
  const auto workloads = run(client_.list(deployments, ns_));
  const auto custom = run(client_.list(scaled_objects, ns_));
  ASSERT_TRUE(workloads && custom);
  EXPECT_EQ(json::text_at(custom->items.at(0), "kind"), "ScaledObject");
  EXPECT_EQ(json::find(workloads->items.at(0), "kind") == nullptr,
            real_answer(Difference::kinds_of_items));
}

TEST_P(Contract, ListsCanBeReadInPages) {
  for (const char* name : {"a", "b", "c", "d", "e"}) create(deployments, deployment_sample(name));
  std::vector<std::string> names;
  std::vector<std::size_t> sizes;
  std::string version;
  ListOptions options{.limit = 2};
  do {
    const auto page = run(client_.list(deployments, ns_, options));
    ASSERT_TRUE(page) << page.error().what;
    sizes.push_back(page->items.size());
    for (const json::Value& item : page->items) names.push_back(meta_text(item, "name"));
    if (version.empty()) version = page->resource_version;
    EXPECT_EQ(page->resource_version, version);
    options.continue_token = page->continue_token;
    // What changes meanwhile is told by a watch from the version of the list.
    if (sizes.size() == 1) remove(deployments, "a");
  } while (!options.continue_token.empty());
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 2, 1}));
  const auto changes = watch(deployments, version);
  EXPECT_EQ(next(*changes), "removed a");
  EXPECT_EQ(code_of(client_.list(deployments, ns_, {.limit = 2, .continue_token = "x"})),
            Code::invalid);
}

TEST_P(Contract, ListsCanBeOfCertainLabels) {
  create(deployments, with_metadata(deployment_sample("a"), R"({"labels": {"t": "x"}})"));
  create(deployments, with_metadata(deployment_sample("b"), R"({"labels": {"t": "y"}})"));
  create(deployments, deployment_sample("c"));
  struct Case {
    const char* labels;
    std::vector<std::string> want;
  };
  const Case cases[] = {{"t=x", {"a"}},  {"t!=x", {"b", "c"}},       {"t", {"a", "b"}},
                        {"!t", {"c"}},   {"t in (x,y)", {"a", "b"}}, {"t notin (x)", {"b", "c"}},
                        {"t=x,t!=x", {}}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.labels);
    const auto listed = run(client_.list(deployments, ns_, {.labels = c.labels}));
    ASSERT_TRUE(listed) << listed.error().what;
    std::vector<std::string> names;
    for (const json::Value& item : listed->items) names.push_back(meta_text(item, "name"));
    EXPECT_EQ(names, c.want);
  }
  EXPECT_EQ(code_of(client_.list(deployments, ns_, {.labels = "t in x"})), Code::invalid);
}

TEST_P(Contract, AWatchGoesOnAfterAnyVersionThatWasTold) {
  const auto listed = run(client_.list(deployments));
  const auto first = watch(deployments, listed->resource_version);
  create(deployments, deployment_sample("a"));
  value_of(client_.patch(deployments, key("a"), parsed(R"({"spec":{"replicas":2}})")));
  remove(deployments, "a");
  create(deployments, deployment_sample("b"));
  std::vector<std::string> versions;
  for (int i = 0; i < 4; ++i) {
    const auto event = next_event(*first);
    ASSERT_TRUE(event) << event.error().what;
    versions.push_back(version_of(event->object));
  }
  const char* want[] = {"added a", "modified a", "removed a", "added b"};
  for (std::size_t i = 0; i + 1 < versions.size(); ++i) {
    SCOPED_TRACE(versions[i]);
    const auto later = watch(deployments, versions[i]);
    for (std::size_t k = i + 1; k < versions.size(); ++k) EXPECT_EQ(next(*later), want[k]);
  }
}

TEST_P(Contract, AWatchIsOfOneNamespaceWhenItSaysSo) {
  const auto listed = run(client_.list(deployments));
  const auto changes = watch(deployments, listed->resource_version, ns_);
  ASSERT_TRUE(run(client_.create(deployments, "default", deployment_sample("x" + ns_))));
  create(deployments, deployment_sample("mine"));
  const auto event = run(base::with_deadline(changes->next(), patience));
  ASSERT_TRUE(event) << event.error().what;
  EXPECT_EQ(key_of(event->object), key("mine"));
  ASSERT_TRUE(run(client_.remove(deployments, {"default", "x" + ns_})));
}

TEST_P(Contract, ARemovalTellsTheObjectAsItWasLast) {
  json::Value made = create(deployments, deployment_sample("web", 3));
  const auto changes = watch(deployments, version_of(made));
  remove(deployments, "web");
  const auto event = next_event(*changes);
  ASSERT_TRUE(event) << event.error().what;
  EXPECT_EQ(event->type, WatchEvent::Type::removed);
  EXPECT_NE(version_of(event->object), version_of(made));
  EXPECT_EQ(deployment_from_json(event->object)->replicas, 3);
}

TEST_P(Contract, AWatchAfterAForgottenVersionIsToldToListAgain) {
  create(scaled_objects, scaled_object_sample("so", "web"));
  // Either at once, or as the first thing that is told.
  auto opened = run(client_.watch(scaled_objects, "1"));
  const auto first = opened ? next_event(**opened) : std::unexpected(opened.error());
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, Code::unavailable) << first.error().what;
  EXPECT_TRUE(first.error().what.starts_with("too old resource version: 1")) << first.error().what;
}

TEST_P(Contract, AWatchAfterAVersionThatIsNoneIsRefused) {
  EXPECT_EQ(code_of(client_.watch(deployments, "x")),
            real_answer(Difference::wrong_versions) ? Code::unavailable : Code::invalid);
}

TEST_P(Contract, AWatchAfterAVersionToComeIsNoUse) {
  const auto listed = run(client_.list(deployments));
  const auto far = std::to_string(std::stoull(listed->resource_version) + 1'000'000);
  auto opened = run(client_.watch(deployments, far));
  if (!real_answer(Difference::future_versions)) {
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::unavailable);
    return;
  }
  ASSERT_TRUE(opened) << opened.error().what;
  create(deployments, deployment_sample("web"));
  const auto told = run(base::with_deadline((*opened)->next(), std::chrono::milliseconds(300)));
  EXPECT_FALSE(told);
}

}  // namespace kube::testing
