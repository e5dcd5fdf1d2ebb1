#include "scale/hpa/requests.h"

#include <gtest/gtest.h>

namespace scale::hpa {
namespace {

Amounts cpu(Milli milli) {
  return {{"cpu", milli}};
}

Container sidecar(std::string name, Amounts requests) {
  return {std::move(name), std::move(requests), true};
}

struct Case {
  const char* name;
  Pod pod;
  Requested requested;
  Computed<Milli> want;
};

Computed<Milli> failing(FailureCode code) {
  return std::unexpected(Failure{code, {}});
}

const Pod with_sidecar{.name = "p",
                       .ready = {},
                       .started = {},
                       .containers = {{"app", cpu(100)}},
                       .init_containers = {sidecar("proxy", cpu(50)), {"setup", cpu(900)}},
                       .requests = {}};

Pod with_own(Pod pod, Amounts requests) {
  pod.requests = std::move(requests);
  return pod;
}

Pod without_app_request() {
  Pod pod = with_sidecar;
  pod.containers.push_back({"helper", {}});
  return pod;
}

const Case cases[] = {
    {"sidecars count, ordinary init containers do not", with_sidecar, {"cpu", ""}, 150},
    {"a container", with_sidecar, {"cpu", "app"}, 100},
    {"a sidecar by name", with_sidecar, {"cpu", "proxy"}, 50},
    {"an ordinary init container is not found",
     with_sidecar,
     {"cpu", "setup"},
     failing(FailureCode::container_not_found)},
    {"one container without a request fails all",
     without_app_request(),
     {"cpu", ""},
     failing(FailureCode::missing_request)},
    {"another resource", with_sidecar, {"memory", ""}, failing(FailureCode::missing_request)},
    {"a container without the request",
     without_app_request(),
     {"cpu", "helper"},
     failing(FailureCode::missing_request)},
    {"the pod's own request wins", with_own(without_app_request(), cpu(800)), {"cpu", ""}, 800},
    {"not for one container", with_own(with_sidecar, cpu(800)), {"cpu", "app"}, 100},
    {"not with the gate off", with_own(with_sidecar, cpu(800)), {"cpu", "", false}, 150},
    {"a resource the pod does not state is its effective request, start included",
     with_own(without_app_request(), {{"memory", 7}}),
     {"cpu", ""},
     950},
    {"a resource nobody states",
     with_own(with_sidecar, cpu(800)),
     {"memory", ""},
     failing(FailureCode::missing_request)},
};

TEST(Requests, OfAPod) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto got = request_of(c.pod, c.requested);
    ASSERT_EQ(got.has_value(), c.want.has_value());
    if (got) EXPECT_EQ(*got, *c.want);
    if (!got) EXPECT_EQ(got.error().code, c.want.error().code);
  }
}

}  // namespace
}  // namespace scale::hpa
