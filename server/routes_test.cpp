#include "server/routes.h"

#include <gtest/gtest.h>

#include <set>

#include "server/openapi.h"

namespace server {
namespace {

using Captures = std::optional<std::vector<std::string>>;

TEST(RoutePattern, Matches) {
  struct Case {
    const char* pattern;
    const char* path;
    Captures want;
  };
  const Case cases[] = {
      {"/", "/", Captures{{}}},
      {"/", "", {}},
      {"/", "/x", {}},
      {"/info", "/info", Captures{{}}},
      {"/info", "/info/", {}},
      {"/info", "/inf", {}},
      {"/info", "info", {}},
      {"/a/{x}", "/a/b", Captures{{"b"}}},
      {"/a/{x}", "/a/", {}},
      {"/a/{x}", "/a", {}},
      {"/a/{x}", "/a/b/c", {}},
      {"/a/{x}/{y}/z", "/a/b/c/z", Captures{{"b", "c"}}},
      {"/a/{x}/{y}/z", "/a//c/z", {}},
      {"/a/*", "/a/b/c", Captures{{"b/c"}}},
      {"/a/*", "/a/", Captures{{""}}},
      {"/a/*", "/a", Captures{{""}}},
      {"/a/*", "/b", {}},
  };
  for (const auto& c : cases)
    EXPECT_EQ(match(c.pattern, c.path), c.want) << c.pattern << " " << c.path;
}

TEST(RouteTable, NamesEachRouteOnce) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Route& route : routes()) {
    EXPECT_TRUE(seen.emplace(route.method, route.pattern).second) << route.pattern;
    EXPECT_FALSE(route.summary.empty()) << route.pattern;
    EXPECT_TRUE(match(route.pattern, route.pattern)) << route.pattern;
  }
}

TEST(RouteTable, StatesASchemaForEveryJsonAnswer) {
  for (const Route& route : routes()) {
    if (route.media == "application/json") EXPECT_FALSE(route.schema.empty()) << route.pattern;
    if (!route.schema.empty())
      EXPECT_NE(json::find(schemas(), route.schema), nullptr) << route.schema;
    if (!route.body_schema.empty())
      EXPECT_NE(json::find(schemas(), route.body_schema), nullptr) << route.body_schema;
  }
}

TEST(OpenApi, DescribesEveryRoute) {
  const json::Value document = openapi_document();
  const json::Value* paths = json::find(document, "paths");
  ASSERT_NE(paths, nullptr);
  std::size_t operations = 0;
  for (const auto& path : paths->get_object()) operations += path.value().get_object().size();
  EXPECT_EQ(operations, routes().size());
  EXPECT_NE(json::find(*paths, "/swagger/{path}", "get", "responses", "200"), nullptr);
  EXPECT_NE(json::find(*paths, "/memstore/query", "post", "requestBody"), nullptr);
  for (const Route& route : routes()) {
    if (route.pattern.ends_with('*')) continue;
    const char* method = route.method == "GET" ? "get" : "post";
    const json::Value* operation = json::find(*paths, route.pattern, method);
    ASSERT_NE(operation, nullptr) << route.pattern;
    EXPECT_EQ(json::text_at(*operation, "summary"), route.summary);
    const json::Value* parameters = json::find(*operation, "parameters");
    const std::size_t named = parameters == nullptr ? 0 : parameters->get_array().size();
    EXPECT_EQ(named, path_parameters(route.pattern).size() + route.parameters.size())
        << route.pattern;
  }
}

void expect_references_resolve(const json::Value& value) {
  if (value.is_array()) {
    for (const auto& item : value.get_array()) expect_references_resolve(item);
  }
  if (!value.is_object()) return;
  for (const auto& member : value.get_object()) expect_references_resolve(member.value());
  const auto reference = json::text_at(value, "$ref");
  if (!reference) return;
  const std::string_view prefix = "#/components/schemas/";
  ASSERT_TRUE(reference->starts_with(prefix));
  EXPECT_NE(json::find(schemas(), reference->substr(prefix.size())), nullptr) << *reference;
}

TEST(OpenApi, RefersOnlyToSchemasItHas) {
  expect_references_resolve(openapi_document());
}

}  // namespace
}  // namespace server
