#include "server/origin.h"

#include <gtest/gtest.h>

namespace server {
namespace {

TEST(Origin, RefusesOtherSites) {
  struct Case {
    const char* name;
    const char* method;
    const char* bind;
    net::http::Headers headers;
    bool welcome;
  };
  const Case cases[] = {
      {"curl", "GET", "127.0.0.1", {{"host", "127.0.0.1:9090"}}, true},
      {"by name", "GET", "127.0.0.1", {{"host", "localhost:9090"}}, true},
      {"by name below localhost", "GET", "127.0.0.1", {{"host", "tide.localhost:9090"}}, true},
      {"by IPv6", "GET", "::1", {{"host", "[::1]:9090"}}, true},
      {"upper case", "GET", "::1", {{"host", "LOCALHOST"}}, true},
      {"an old client", "GET", "127.0.0.1", {}, true},
      {"a rebound name", "GET", "127.0.0.1", {{"host", "evil.example:9090"}}, false},
      {"a name that looks like ours",
       "GET",
       "127.0.0.1",
       {{"host", "localhost.evil.example"}},
       false},
      {"a name that begins like an address",
       "GET",
       "127.0.0.1",
       {{"host", "127.0.0.1.evil.example"}},
       false},
      {"a service name on every address", "GET", "", {{"host", "otel-scaler.keda.svc:9090"}}, true},
      {"a service name on an address",
       "GET",
       "10.0.0.5",
       {{"host", "otel-scaler.keda.svc:9090"}},
       true},
      {"a reading page of another site",
       "GET",
       "127.0.0.1",
       {{"host", "localhost:9090"}, {"origin", "http://x"}},
       true},
      {"our page",
       "POST",
       "127.0.0.1",
       {{"host", "localhost:9090"}, {"origin", "http://localhost:9090"}},
       true},
      {"no page", "POST", "127.0.0.1", {{"host", "localhost:9090"}}, true},
      {"another site",
       "POST",
       "127.0.0.1",
       {{"host", "localhost:9090"}, {"origin", "http://evil.example"}},
       false},
      {"another port",
       "POST",
       "127.0.0.1",
       {{"host", "localhost:9090"}, {"origin", "http://localhost:80"}},
       false},
      {"a sandboxed page",
       "POST",
       "127.0.0.1",
       {{"host", "localhost:9090"}, {"origin", "null"}},
       false},
      {"another site, open port",
       "POST",
       "",
       {{"host", "scaler:9090"}, {"origin", "http://evil.example"}},
       false},
      {"another site, deleting",
       "DELETE",
       "",
       {{"host", "scaler:9090"}, {"origin", "http://evil.example"}},
       false},
  };
  for (const auto& c : cases) {
    const auto checked = check_origin({.method = c.method, .headers = c.headers}, c.bind);
    EXPECT_EQ(checked.has_value(), c.welcome) << c.name;
    if (!checked) EXPECT_EQ(checked.error().code, Code::denied);
  }
}

}  // namespace
}  // namespace server
