#include "kube/http_requests.h"

#include <gtest/gtest.h>

namespace kube {
namespace {

const Key web{"team", "web"};

TEST(HttpRequests, HaveTheMethodAndPathOfTheApi) {
  struct Case {
    const char* name;
    Request request;
    const char* line;          // method and target
    const char* content_type;  // empty: there is no body
  };
  const Case cases[] = {
      {"get",
       {.verb = Verb::get, .resource = deployments, .key = web},
       "GET /apis/apps/v1/namespaces/team/deployments/web",
       ""},
      {"get of the core group",
       {.verb = Verb::get, .resource = pods, .key = web},
       "GET /api/v1/namespaces/team/pods/web",
       ""},
      {"get without a namespace",
       {.verb = Verb::get, .resource = namespaces, .key = {"", "team"}},
       "GET /api/v1/namespaces/team",
       ""},
      {"scale",
       {.verb = Verb::get, .resource = deployments, .key = web, .subresource = "scale"},
       "GET /apis/apps/v1/namespaces/team/deployments/web/scale",
       ""},
      {"list everywhere",
       {.verb = Verb::list, .resource = scaled_objects},
       "GET /apis/keda.sh/v1alpha1/scaledobjects",
       ""},
      {"list a page",
       {.verb = Verb::list,
        .resource = pods,
        .key = {"team", ""},
        .list = {.labels = "app in (a,b)", .limit = 5, .continue_token = "x/y="}},
       "GET /api/v1/namespaces/team/pods?labelSelector=app%20in%20%28a%2Cb%29&limit=5"
       "&continue=x%2Fy%3D",
       ""},
      {"watch",
       {.verb = Verb::watch, .resource = pods, .resource_version = "17"},
       "GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=17"
       "&timeoutSeconds=300",
       ""},
      {"watch without a version",
       {.verb = Verb::watch, .resource = pods},
       "GET /api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=300",
       ""},
      {"create",
       {.verb = Verb::create, .resource = pods, .key = {"team", ""}, .body = json::Object{}},
       "POST /api/v1/namespaces/team/pods",
       "application/json"},
      {"update a status",
       {.verb = Verb::update,
        .resource = pods,
        .key = web,
        .subresource = "status",
        .body = json::Object{}},
       "PUT /api/v1/namespaces/team/pods/web/status",
       "application/json"},
      {"merge patch",
       {.verb = Verb::merge_patch, .resource = pods, .key = web, .body = json::Object{}},
       "PATCH /api/v1/namespaces/team/pods/web",
       "application/merge-patch+json"},
      {"JSON patch",
       {.verb = Verb::json_patch, .resource = pods, .key = web, .body = json::Array{}},
       "PATCH /api/v1/namespaces/team/pods/web",
       "application/json-patch+json"},
      {"apply",
       {.verb = Verb::apply,
        .resource = pods,
        .key = web,
        .body = json::Object{},
        .field_manager = "a b"},
       "PATCH /api/v1/namespaces/team/pods/web?fieldManager=a%20b&force=true",
       "application/apply-patch+yaml"},
      {"apply that gives way",
       {.verb = Verb::apply,
        .resource = pods,
        .key = web,
        .body = json::Object{},
        .field_manager = "a",
        .conflicts = Conflicts::refuse},
       "PATCH /api/v1/namespaces/team/pods/web?fieldManager=a",
       "application/apply-patch+yaml"},
      {"remove",
       {.verb = Verb::remove, .resource = pods, .key = web},
       "DELETE /api/v1/namespaces/team/pods/web",
       "application/json"},
      {"names cannot break out",
       {.verb = Verb::get, .resource = pods, .key = {"a/b", "../c?d"}},
       "GET /api/v1/namespaces/a%2Fb/pods/..%2Fc%3Fd",
       ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto http = to_http(c.request);
    EXPECT_EQ(http.method + " " + http.path, c.line);
    EXPECT_EQ(http.headers.find("content-type").value_or(""), c.content_type);
    EXPECT_EQ(http.headers.find("accept"), "application/json");
    EXPECT_EQ(http.body.empty(), std::string_view(c.content_type).empty());
  }
  EXPECT_EQ(to_http(cases[0].request, "/prefix").path,
            "/prefix/apis/apps/v1/namespaces/team/deployments/web");
}

TEST(HttpRequests, RemovalsSayWhatBecomesOfTheRest) {
  Request request{.verb = Verb::remove, .resource = pods, .key = web};
  EXPECT_EQ(to_http(request).body,
            R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background"})");
  request.removal = {.propagation = Propagation::orphan, .uid = "u", .resource_version = "7"};
  EXPECT_EQ(to_http(request).body,
            R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Orphan",)"
            R"("preconditions":{"uid":"u","resourceVersion":"7"}})");
}

TEST(StatusAnswers, BecomeErrors) {
  struct Case {
    int status;
    const char* body;
    Error want;
  };
  const Case cases[] = {
      {404,
       R"({"kind":"Status","reason":"NotFound","code":404,"message":"pods \"a\" not found"})",
       {Code::not_found, "pods \"a\" not found"}},
      {409,
       R"({"kind":"Status","reason":"AlreadyExists","message":"there"})",
       {Code::already_exists, "there"}},
      {409,
       R"({"kind":"Status","reason":"Conflict","message":"changed"})",
       {Code::conflict, "changed"}},
      {410,
       R"({"kind":"Status","reason":"Expired","message":"too old"})",
       {Code::unavailable, "too old"}},
      {422, R"({"kind":"Status","reason":"Invalid","message":"bad"})", {Code::invalid, "bad"}},
      {403, R"({"kind":"Status","reason":"Forbidden","message":"no"})", {Code::denied, "no"}},
      {401,
       R"({"kind":"Status","reason":"Unauthorized","code":401})",
       {Code::denied, "Unauthorized"}},
      {429,
       R"({"kind":"Status","reason":"TooManyRequests","message":"later"})",
       {Code::unavailable, "later"}},
      {504, R"({"kind":"Status","reason":"Timeout","message":"late"})", {Code::timeout, "late"}},
      {418, R"({"kind":"Status","reason":"New","message":"new"})", {Code::unavailable, "new"}},
      {409, R"({"kind":"Status"})", {Code::conflict, "the server answered 409"}},
      {502,
       "<html>\nno backend",
       {Code::unavailable, "the server answered 502: <html> no backend"}},
      {404, "404 page not found", {Code::not_found, "the server answered 404: 404 page not found"}},
      {413, "", {Code::exhausted, "the server answered 413: "}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.body);
    EXPECT_EQ(to_error(c.status, c.body), c.want);
  }
}

TEST(WatchLines, AreEventsBookmarksAndErrors) {
  const auto read = [](std::string_view line) { return read_watch_line(line); };
  const auto added = read(R"({"type":"ADDED","object":{"metadata":{"resourceVersion":"5"}}})");
  ASSERT_TRUE(added && added->event);
  EXPECT_EQ(added->event->type, WatchEvent::Type::added);
  EXPECT_EQ(added->resource_version, "5");
  EXPECT_EQ(read(R"({"type":"MODIFIED","object":{}})")->event->type, WatchEvent::Type::modified);
  EXPECT_EQ(read(R"({"type":"DELETED","object":{}})")->event->type, WatchEvent::Type::removed);
  const auto mark = read(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}})");
  ASSERT_TRUE(mark);
  EXPECT_FALSE(mark->event);
  EXPECT_EQ(mark->resource_version, "9");
  const auto gone = read(R"({"type":"ERROR","object":{"kind":"Status","code":410,)"
                         R"("reason":"Expired","message":"too old"}})");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error(), (Error{Code::unavailable, "too old"}));
  for (const char* line :
       {"", "[]", "{", R"({"type":"ADDED"})", R"({"type":"OTHER","object":{}})"}) {
    SCOPED_TRACE(line);
    ASSERT_FALSE(read(line));
    EXPECT_EQ(read(line).error().code, Code::bad_data);
  }
}

}  // namespace
}  // namespace kube
