#include "cluster/deployments.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "cluster/api.h"
#include "cluster/process/testing/host.h"
#include "kube/workload.h"

namespace cluster {
namespace {

using namespace std::chrono_literals;
using namespace process::testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const kube::Key web{"default", "web"};

// What a test says of its Deployment "web"; the rest is the same in all.
struct Ask {
  int replicas = 1;
  std::string script = "exec sleep 1000";
  json::Object template_spec = {};  // goes over the pod spec
  json::Object container = {};      // goes over the container
  std::string note = {};            // an annotation of the template
  std::string strategy = "RollingUpdate";
};

json::Value deployment(const Ask& ask) {
  json::Value container =
      json::parse(R"({"name":"main","image":"none","command":["sh","-c"]})").value();
  container.get_object()["args"] = json::Array{boost::json::string(ask.script)};
  json::merge_patch(container, ask.container);
  json::Value spec = json::Object{{"containers", json::Array{container}}};
  json::merge_patch(spec, ask.template_spec);
  const json::Object labels{{"app", "web"}};
  return json::Object{
      {"apiVersion", "apps/v1"},
      {"kind", "Deployment"},
      {"metadata", json::Object{{"name", "web"}, {"namespace", "default"}}},
      {"spec",
       json::Object{{"replicas", ask.replicas},
                    {"strategy", json::Object{{"type", ask.strategy}}},
                    {"selector", json::Object{{"matchLabels", labels}}},
                    {"template",
                     json::Object{{"metadata",
                                   json::Object{{"labels", labels},
                                                {"annotations", json::Object{{"note", ask.note}}}}},
                                  {"spec", spec}}}}}};
}

// An API, and what keeps its Deployments alive.
class DeploymentsTest : public ::testing::Test {
 protected:
  DeploymentsTest() {
    options_.log_folder = folder / "logs";
    options_.inherited_env = {"PATH=/usr/bin:/bin"};
    options_.runner.executable = TIDEWHEEL_PROGRAM_keeper;
    options_.backoff = {.first = 20ms, .ceiling = 40ms, .reset_after = 1h};
  }
  ~DeploymentsTest() override { power_off(); }

  void power_on() {
    deployments_ =
        Deployments::make(options_, client, clock_, loop.loop().executor(), loop.log(), registry_)
            .value();
    deployments_->start();
  }

  void power_off(Duration grace = 5s) {
    if (deployments_) loop.await(deployments_->drain(grace));
    deployments_.reset();
  }

  void create(const Ask& ask) {
    if (!deployments_) power_on();
    auto made = loop.await_value(client.create(kube::deployments, "default", deployment(ask)));
    ASSERT_TRUE(made) << made.error().what;
  }

  void change(const Ask& ask) {
    auto done = loop.await_value(client.update(kube::deployments, web, deployment(ask)));
    ASSERT_TRUE(done) << done.error().what;
  }

  void scale(int replicas) {
    auto done = loop.await_value(client.set_replicas(kube::deployments, web, replicas));
    ASSERT_TRUE(done) << done.error().what;
  }

  kube::Deployment read() {
    return kube::deployment_from_json(loop.await_value(client.get(kube::deployments, web)).value())
        .value();
  }

  std::vector<kube::Pod> pods() {
    std::vector<kube::Pod> out;
    for (const auto& item : loop.await_value(client.list(kube::pods, "default")).value().items) {
      out.push_back(kube::pod_from_json(item).value());
    }
    return out;
  }

  std::vector<scale::hpa::PodSample> resource_samples(const std::string& ns,
                                                      std::span<const std::string> wanted) {
    return deployments_->resource_samples(ns, wanted);
  }

  std::set<std::string> names() {
    std::set<std::string> out;
    for (const auto& pod : pods()) out.insert(pod.meta.name);
    return out;
  }

  // Waits until the Deployment is at rest with so many pods, all ready, and none more.
  ::testing::AssertionResult settled(int count) {
    const bool done = loop.until([&] {
      const auto status = read().status;
      return status.replicas == count && status.ready_replicas == count &&
             pods().size() == static_cast<std::size_t>(count) &&
             status.observed_generation == read().meta.generation;
    });
    if (done) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << json::print(kube::to_json(read().status)) << loop.log_text();
  }

  // Waits until the only pod satisfies `holds`.
  ::testing::AssertionResult pod_until(const std::function<bool(const kube::Pod&)>& holds) {
    const bool done = loop.until([&] {
      const auto all = pods();
      return all.size() == 1 && holds(all.front());
    });
    return done ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << loop.log_text();
  }

  std::string log_of(const std::string& pod) {
    return read_text(folder / ("logs/default_" + pod + "_main.log"));
  }

  std::string event_texts() {
    std::string out;
    for (const auto& item : loop.await_value(client.list(kube::events, "default")).value().items)
      out += json::print(item) + "\n";
    return out;
  }

  Folder folder;
  TestLoop loop;
  DeploymentsOptions options_;
  base::SystemClock clock_;
  std::unique_ptr<Api> api = Api::open(nullptr, clock_, Log{}).value();
  kube::Client client{*api};
  base::metrics::Registry registry_;

 private:
  std::unique_ptr<Deployments> deployments_;
};

TEST_F(DeploymentsTest, RunsAProcessForEachPod) {
  create({.replicas = 2, .script = "echo up; exec sleep 1000"});
  ASSERT_TRUE(settled(2));
  const auto all = pods();
  for (const auto& pod : all) {
    EXPECT_THAT(pod.meta.name, StartsWith("web-"));
    EXPECT_EQ(pod.meta.labels.at("app"), "web");
    EXPECT_EQ(pod.meta.owners.at(0).name, "web");
    EXPECT_EQ(pod.status.phase, "Running");
    EXPECT_EQ(pod.status.pod_ip, "127.0.0.1");
    EXPECT_EQ(kube::find_condition(pod.status.conditions, "Ready")->status, "True");
    EXPECT_EQ(pod.status.containers.at(0).state, kube::ContainerStatus::State::running);
    EXPECT_TRUE(loop.until([&] { return log_of(pod.meta.name) == "up\n"; }));
  }
  const auto status = read().status;
  EXPECT_EQ(status.updated_replicas, 2);
  EXPECT_EQ(status.available_replicas, 2);
  EXPECT_EQ(status.unavailable_replicas, 0);
  EXPECT_EQ(kube::find_condition(status.conditions, "Available")->status, "True");
}

TEST_F(DeploymentsTest, TellsWhatItsPodsUse) {
  options_.usage_interval = 50ms;
  create({.replicas = 2, .script = "while :; do :; done"});
  ASSERT_TRUE(settled(2));
  const std::string first = *names().begin();
  std::vector<scale::hpa::PodSample> samples;
  const std::vector<std::string> wanted{first, "nobody"};
  ASSERT_TRUE(loop.until([&] {
    samples = resource_samples("default", wanted);
    return samples.size() == 1 &&
           scale::hpa::amount_of(samples[0].containers.at(0).amounts, "cpu") > 0;
  }));
  EXPECT_EQ(samples[0].pod, first);
  EXPECT_GE(samples[0].window, 50ms);
  EXPECT_EQ(samples[0].containers.at(0).container, "main");
  EXPECT_GT(scale::hpa::amount_of(samples[0].containers.at(0).amounts, "memory"), 0);
  EXPECT_TRUE(resource_samples("other", wanted).empty());
}

TEST_F(DeploymentsTest, FollowsReplicasAndRemovesTheNewestFirst) {
  create({.replicas = 1});
  ASSERT_TRUE(settled(1));
  std::vector<std::set<std::string>> history{names()};
  for (int count = 2; count <= 4; ++count) {
    scale(count);
    ASSERT_TRUE(settled(count));
    history.push_back(names());
  }
  for (int count = 3; count >= 1; --count) {
    scale(count);
    ASSERT_TRUE(settled(count));
    EXPECT_EQ(names(), history[static_cast<std::size_t>(count - 1)]);
  }
  scale(0);
  EXPECT_TRUE(settled(0));
}

TEST_F(DeploymentsTest, StartsAndEndsManyPods) {
  create({.replicas = 50});
  ASSERT_TRUE(settled(50));
  EXPECT_THAT(registry_.render(), HasSubstr("tidewheel_pods_running 50"));
  scale(0);
  ASSERT_TRUE(settled(0));
  EXPECT_THAT(registry_.render(), HasSubstr("tidewheel_pods_running 0"));
}

TEST_F(DeploymentsTest, GivesTheProcessItsEnvironmentAndArguments) {
  const auto env = json::parse(R"json([
      {"name":"POD","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},
      {"name":"APP","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['app']"}}},
      {"name":"BOTH","value":"$(APP)-$(NOPE)"}])json")
                       .value();
  create({.script = "echo $POD $BOTH $(APP) $PATH $0",
          .container = {{"env", env},
                        {"args", json::Array{"echo $POD $BOTH $(APP) $PATH $0; exec sleep 1000",
                                             "$(POD)!"}}}});
  ASSERT_TRUE(settled(1));
  const std::string name = pods().front().meta.name;
  EXPECT_TRUE(loop.until([&] { return !log_of(name).empty(); }));
  EXPECT_EQ(log_of(name), name + " web-$(NOPE) web /usr/bin:/bin " + name + "!\n");
}

TEST_F(DeploymentsTest, RestartsWhatEndsWithBackoff) {
  create({.script = "echo run; exit 3"});
  ASSERT_TRUE(pod_until([](const kube::Pod& pod) {
    const auto& containers = pod.status.containers;
    return !containers.empty() && containers[0].restarts >= 3 &&
           containers[0].reason == "CrashLoopBackOff";
  }));
  const kube::Pod pod = pods().front();
  EXPECT_THAT(pod.status.containers[0].message, HasSubstr("exited with code 3"));
  EXPECT_EQ(pod.status.phase, "Running");
  EXPECT_EQ(kube::find_condition(pod.status.conditions, "Ready")->status, "False");
  EXPECT_THAT(log_of(pod.meta.name), StartsWith("run\nrun\nrun\n"));
  EXPECT_THAT(event_texts(), HasSubstr("exited with code 3"));
  EXPECT_EQ(names().size(), 1u);
  EXPECT_EQ(read().status.replicas, 1);
}

TEST_F(DeploymentsTest, WaitsLongerAfterEachCrash) {
  options_.backoff = {.first = 1h, .ceiling = 2h, .reset_after = 3h};
  create({.script = "echo run; exit 0"});
  ASSERT_TRUE(pod_until([](const kube::Pod& pod) {
    return !pod.status.containers.empty() && pod.status.containers[0].reason == "CrashLoopBackOff";
  }));
  EXPECT_EQ(log_of(pods().front().meta.name), "run\nrun\n");
  EXPECT_THAT(pods().front().status.containers[0].message, HasSubstr("back-off 1h restarting"));
  scale(0);
  EXPECT_TRUE(settled(0));
}

TEST_F(DeploymentsTest, ShowsWhyAPodCannotStart) {
  create({.container = {{"command", json::Array{"no-such-program"}}}});
  ASSERT_TRUE(pod_until([](const kube::Pod& pod) {
    return !pod.status.containers.empty() && pod.status.containers[0].reason == "CrashLoopBackOff";
  }));
  const auto status = pods().front().status;
  EXPECT_THAT(status.containers[0].message, HasSubstr("command not found: no-such-program"));
  EXPECT_EQ(status.phase, "Pending");
  EXPECT_THAT(event_texts(), HasSubstr("command not found: no-such-program"));
  EXPECT_THAT(loop.log_text(), HasSubstr("command not found: no-such-program"));
  EXPECT_EQ(read().status.ready_replicas, 0);
  EXPECT_EQ(read().status.replicas, 1);
}

TEST_F(DeploymentsTest, TerminatingPodsDoNotCountButStayUntilTheirProcessesAreGone) {
  create({.script = "trap '' TERM; echo up; while ! [ -e " + folder / "leave" +
                    " ]; do sleep 0.01; done"});
  ASSERT_TRUE(settled(1));
  const std::string name = pods().front().meta.name;
  ASSERT_TRUE(loop.until([&] { return log_of(name) == "up\n"; }));
  scale(0);
  ASSERT_TRUE(loop.until([&] { return read().status.replicas == 0; }));
  const auto still = pods();
  ASSERT_EQ(still.size(), 1u);
  EXPECT_TRUE(still.front().meta.deleted);
  scale(1);
  ASSERT_TRUE(loop.until([&] { return read().status.ready_replicas == 1; }));
  EXPECT_EQ(names().size(), 2u);
  std::ofstream(folder / "leave").put('x');
  ASSERT_TRUE(loop.until([&] { return !names().contains(name); }));
}

TEST_F(DeploymentsTest, KillsAfterTheGracePeriod) {
  create({.script = "trap '' TERM; echo up; while :; do sleep 0.01; done",
          .template_spec = {{"terminationGracePeriodSeconds", 1}}});
  ASSERT_TRUE(settled(1));
  const std::string name = pods().front().meta.name;
  ASSERT_TRUE(loop.until([&] { return log_of(name) == "up\n"; }));
  scale(0);
  EXPECT_TRUE(settled(0));
}

TEST_F(DeploymentsTest, ReplacesPodsOfAnOldTemplateOneByOne) {
  create({.replicas = 3, .note = "one"});
  ASSERT_TRUE(settled(3));
  const auto before = names();
  std::size_t most = 0;
  int fewest_ready = 3;
  change({.replicas = 3, .note = "two"});
  ASSERT_TRUE(loop.until([&] {
    const auto status = read().status;
    most = std::max(most, static_cast<std::size_t>(status.replicas));
    fewest_ready = std::min(fewest_ready, status.ready_replicas);
    return std::ranges::none_of(names(), [&](const auto& name) { return before.contains(name); });
  }));
  ASSERT_TRUE(settled(3));
  EXPECT_EQ(most, 4u);
  EXPECT_EQ(fewest_ready, 3);
  for (const auto& pod : pods()) EXPECT_EQ(pod.meta.annotations.at("note"), "two");
}

TEST_F(DeploymentsTest, KeepsOldPodsWhileNewOnesCannotStart) {
  create({.replicas = 2});
  ASSERT_TRUE(settled(2));
  const auto before = names();
  change({.replicas = 2,
          .script = "exit 1",
          .container = {{"command", json::Array{"no-such-program"}}}});
  ASSERT_TRUE(loop.until([&] { return event_texts().contains("no-such-program"); }));
  EXPECT_EQ(read().status.ready_replicas, 2);
  for (const auto& name : before) EXPECT_TRUE(names().contains(name));
}

TEST_F(DeploymentsTest, RecreateStopsAllBeforeItStartsAny) {
  const std::string marker = folder / "old-is-up";
  create({.replicas = 2, .note = "one", .strategy = "Recreate"});
  ASSERT_TRUE(settled(2));
  const auto before = names();
  change({.replicas = 2, .note = "two", .strategy = "Recreate"});
  bool mixed = false;
  ASSERT_TRUE(loop.until([&] {
    const auto now = names();
    const auto old =
        std::ranges::count_if(now, [&](const auto& name) { return before.contains(name); });
    mixed |= old > 0 && static_cast<std::size_t>(old) < now.size();
    return old == 0 && now.size() == 2;
  }));
  EXPECT_FALSE(mixed);
  EXPECT_TRUE(settled(2));
}

TEST_F(DeploymentsTest, ReplacesAPodThatSomebodyRemoves) {
  create({.replicas = 2});
  ASSERT_TRUE(settled(2));
  const std::string victim = *names().begin();
  ASSERT_TRUE(loop.await_value(client.remove(kube::pods, {"default", victim})));
  ASSERT_TRUE(loop.until([&] { return !names().contains(victim); }));
  EXPECT_TRUE(settled(2));
}

TEST_F(DeploymentsTest, EndsEverythingOfARemovedDeployment) {
  create({.replicas = 3, .script = "echo $$ >>" + folder / "pids" + "; exec sleep 1000"});
  ASSERT_TRUE(settled(3));
  ASSERT_TRUE(
      loop.until([&] { return std::ranges::count(read_text(folder / "pids"), '\n') == 3; }));
  ASSERT_TRUE(loop.await_value(client.remove(kube::deployments, web)));
  ASSERT_TRUE(loop.until([&] { return pods().empty(); }));
  std::stringstream pids(read_text(folder / "pids"));
  for (pid_t pid = 0; pids >> pid;) EXPECT_FALSE(is_alive(pid));
  create({.replicas = 1});
  EXPECT_TRUE(settled(1));
}

TEST_F(DeploymentsTest, ReplacesThePodsOfAnEarlierRun) {
  create({.replicas = 2});
  ASSERT_TRUE(settled(2));
  const auto before = names();
  power_off();
  EXPECT_EQ(names(), before);
  power_on();
  ASSERT_TRUE(loop.until([&] {
    return std::ranges::none_of(names(), [&](const auto& name) { return before.contains(name); });
  }));
  EXPECT_TRUE(settled(2));
}

TEST_F(DeploymentsTest, RemovesPodsWhoseDeploymentWentMeanwhile) {
  create({.replicas = 2});
  ASSERT_TRUE(settled(2));
  power_off();
  ASSERT_TRUE(loop.await_value(client.remove(kube::deployments, web)));
  EXPECT_EQ(names().size(), 2u);
  power_on();
  EXPECT_TRUE(loop.until([&] { return names().empty(); }));
}

TEST_F(DeploymentsTest, KeepsTheLogsOfAFewRemovedPods) {
  options_.logs_of_removed_pods_max = 2;
  create({.replicas = 5, .script = "echo up; exec sleep 1000"});
  ASSERT_TRUE(settled(5));
  for (const auto& name : names()) ASSERT_TRUE(loop.until([&] { return !log_of(name).empty(); }));
  scale(1);
  ASSERT_TRUE(settled(1));
  const auto count = [&] {
    return std::distance(std::filesystem::directory_iterator(folder / "logs"),
                         std::filesystem::directory_iterator{});
  };
  EXPECT_EQ(count(), 3);
  EXPECT_EQ(log_of(*names().begin()), "up\n");
}

TEST_F(DeploymentsTest, RefusesALogFolderThatCannotBe) {
  std::ofstream(folder / "file").put('x');
  options_.log_folder = folder / "file/logs";
  const auto made =
      Deployments::make(options_, client, clock_, loop.loop().executor(), loop.log(), registry_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::denied);
  EXPECT_THAT(made.error().what, HasSubstr(options_.log_folder.string()));
}

}  // namespace
}  // namespace cluster
