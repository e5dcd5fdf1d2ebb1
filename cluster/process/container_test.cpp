#include "cluster/process/container.h"

#include <gtest/gtest.h>

#include <map>

namespace cluster::process {
namespace {

TEST(Expand, ReplacesReferencesAsKubernetesDoes) {
  const std::map<std::string, std::string, std::less<>> known{
      {"A", "1"}, {"B", "two words"}, {"EMPTY", ""}, {"REF", "$(A)"}, {"a.b-c", "odd name"}};
  const auto lookup = [&](std::string_view name) {
    const auto found = known.find(name);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  };
  struct Case {
    const char* name;
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"nothing", "", ""},
      {"plain", "plain", "plain"},
      {"whole", "$(A)", "1"},
      {"inside", "x$(A)y", "x1y"},
      {"several", "$(A)$(B)-$(A)", "1two words-1"},
      {"empty value", "[$(EMPTY)]", "[]"},
      {"unknown stays", "$(UNKNOWN)", "$(UNKNOWN)"},
      {"unknown beside known", "$(UNKNOWN)$(A)", "$(UNKNOWN)1"},
      {"escaped", "$$(A)", "$(A)"},
      {"escaped dollar before a reference", "$$$(A)", "$1"},
      {"twice escaped", "$$$$(A)", "$$(A)"},
      {"the value is not expanded again", "$(REF)", "$(A)"},
      {"any name", "$(a.b-c)", "odd name"},
      {"empty name", "$()", "$()"},
      {"shell variable", "$A ${A}", "$A ${A}"},
      {"lone dollar at the end", "cost 5$", "cost 5$"},
      {"two dollars at the end", "5$$", "5$"},
      {"unclosed", "$(A", "$(A"},
      {"unclosed before a reference takes its end", "$(A $(B)", "$(A $(B)"},
      {"dollar before other", "$x$(A)", "$x1"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(expand(c.text, lookup), c.want);
  }
}

kube::Pod pod_with(kube::Container container) {
  kube::Pod pod;
  pod.meta.name = "web-1";
  pod.meta.ns = "shop";
  pod.meta.uid = "uid-1";
  pod.meta.labels = {{"app", "web"}};
  pod.meta.annotations = {{"note/x", "hi"}};
  pod.status.pod_ip = "127.0.0.1";
  pod.spec.containers = {std::move(container)};
  return pod;
}

TEST(ContainerSpec, ExpandsCommandAndArgumentsWithAllOwnVariables) {
  const std::vector<std::string> inherited{"PATH=/bin", "HOME=/data"};
  const auto spec =
      container_spec(pod_with({.name = "c",
                               .command = {"run", "$(LATE)"},
                               .args = {"--name=$(NAME)", "$(HOME)", "$$(NAME)"},
                               .env = {{.name = "NAME", .field_path = "metadata.name"},
                                       {.name = "LATE", .value = "late"}},
                               .working_dir = "/srv"}),
                     inherited);
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->name, "web-1");
  EXPECT_EQ(spec->command,
            (std::vector<std::string>{"run", "late", "--name=web-1", "$(HOME)", "$(NAME)"}));
  EXPECT_EQ(spec->env,
            (std::vector<std::string>{"PATH=/bin", "HOME=/data", "NAME=web-1", "LATE=late"}));
  EXPECT_EQ(spec->working_dir, "/srv");
}

TEST(ContainerSpec, BuildsTheEnvironment) {
  struct Case {
    const char* name;
    std::vector<kube::EnvVar> env;
    std::vector<std::string> want;
  };
  const Case cases[] = {
      {"inherited only", {}, {"PATH=/bin"}},
      {"own goes over inherited", {{.name = "PATH", .value = "/opt"}}, {"PATH=/opt"}},
      {"the last of a name counts",
       {{.name = "A", .value = "1"}, {.name = "A", .value = "2"}},
       {"PATH=/bin", "A=2"}},
      {"sees variables before it",
       {{.name = "A", .value = "1"},
        {.name = "B", .value = "$(A)$(C)"},
        {.name = "C", .value = "3"}},
       {"PATH=/bin", "A=1", "B=1$(C)", "C=3"}},
      {"can add to its earlier self",
       {{.name = "A", .value = "1"}, {.name = "A", .value = "$(A):2"}},
       {"PATH=/bin", "A=1:2"}},
      {"downward API",
       {{.name = "NS", .field_path = "metadata.namespace"},
        {.name = "UID", .field_path = "metadata.uid"},
        {.name = "APP", .field_path = "metadata.labels['app']"},
        {.name = "NOTE", .field_path = "metadata.annotations['note/x']"},
        {.name = "IP", .field_path = "status.podIP"}},
       {"PATH=/bin", "NS=shop", "UID=uid-1", "APP=web", "NOTE=hi", "IP=127.0.0.1"}},
  };
  const std::vector<std::string> inherited{"PATH=/bin"};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto spec =
        container_spec(pod_with({.name = "c", .command = {"x"}, .env = c.env}), inherited);
    ASSERT_TRUE(spec);
    EXPECT_EQ(spec->env, c.want);
  }
}

TEST(ContainerSpec, SaysWhatCannotRun) {
  struct Case {
    const char* name;
    kube::Container container;
    const char* want;
  };
  const Case cases[] = {
      {"no command",
       {.name = "c", .image = "nginx"},
       "container \"c\" has no command, and a local process has no image to take one from"},
      {"unknown field",
       {.name = "c", .command = {"x"}, .env = {{.name = "A", .field_path = "spec.color"}}},
       "env A: unsupported field path \"spec.color\""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto spec = container_spec(pod_with(c.container), {});
    ASSERT_FALSE(spec);
    EXPECT_EQ(spec.error(), (Error{Code::invalid, c.want}));
  }
  kube::Pod empty = pod_with({});
  empty.spec.containers.clear();
  EXPECT_EQ(container_spec(empty, {}).error().what, "no container");
}

}  // namespace
}  // namespace cluster::process
