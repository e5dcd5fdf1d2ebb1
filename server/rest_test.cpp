#include "server/rest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "net/testing/folder.h"
#include "server/assets.h"
#include "server/routes.h"
#include "server/testing/rest_fixture.h"
#include "server/testing/schema.h"

namespace server {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::RestFixture;
using testing::sample_decision;
using testing::sample_object;
using ::testing::StartsWith;

json::Value parsed(const net::http::Response& response) {
  auto value = json::parse(response.body);
  EXPECT_TRUE(value) << response.body;
  return value ? std::move(*value) : json::Value();
}

// A cumulative histogram of two bounds.
void send_latency(RestFixture& rest, std::vector<std::uint64_t> counts, double sum, int ago) {
  const std::vector<double> bounds{0.5, 1};
  const tsdb::LabelView route{"route", "/pay"};
  tsdb::HistogramView histogram{.buckets = tsdb::ExplicitView{bounds, counts}};
  for (const auto count : counts) histogram.observed.count += count;
  histogram.observed.sum = sum;
  const Timestamp now = rest.clock.now();
  const tsdb::Point point{
      .time = now - std::chrono::seconds(ago),
      .start = {},
      .value = tsdb::Value::of_int(static_cast<std::int64_t>(histogram.observed.count))};
  rest.store.look(0, [&](tsdb::Store& store) {
    store.append({.metric = "latency_count",
                  .kind = tsdb::Kind::sum,
                  .temporality = tsdb::Temporality::cumulative,
                  .monotonic = true,
                  .attributes = {&route, 1}},
                 tsdb::Store::HistogramPoint{point, histogram}, now);
  });
}

// A counter of which two senders tell.
void send_twice_at_once(RestFixture& rest) {
  const tsdb::LabelView shop{"service.name", "shop"};
  const Timestamp now = rest.clock.now();
  for (const int ago : {20, 10}) {
    rest.store.append({.metric = "orders",
                       .kind = tsdb::Kind::sum,
                       .temporality = tsdb::Temporality::cumulative,
                       .monotonic = true,
                       .resource = {&shop, 1}},
                      tsdb::Point{.time = now - std::chrono::seconds(ago),
                                  .start = now - std::chrono::seconds(100 + ago),
                                  .value = tsdb::Value::of_int(ago)},
                      now);
  }
}

// One object with two decisions and three points, some metrics and a histogram.
void fill(RestFixture& rest) {
  const Timestamp now = rest.clock.now();
  rest.board.put(sample_object("mail", now - std::chrono::seconds(2)));
  rest.board.record({"shop", "mail"}, sample_decision(now - std::chrono::seconds(60), 2));
  rest.board.record({"shop", "mail"}, sample_decision(now - std::chrono::seconds(30)));
  for (int i = 3; i > 0; --i) {
    rest.board.add_point({"shop", "mail"}, 0,
                         {.at = now - i * std::chrono::minutes(1),
                          .state = scale::Reading::State::value,
                          .value = 10.0 * i,
                          .target = 10,
                          .replicas = i});
  }
  rest.warnings.add("shop", "mail", {"clampmax"}, now);
  rest.store.append({.metric = "late"}, {.time = now - std::chrono::minutes(20)}, now);
  send_latency(rest, {1, 2, 0}, 2.5, 20);
  send_latency(rest, {1, 4, 1}, 9, 5);
  rest.send("queue.depth", 30, 5);
  rest.send("queue.depth", 42, 2);
  rest.send("queue.depth", 8, 1, "video");
  rest.store.look(0, [](tsdb::Store& store) {
    store.describe("queue.depth",
                   {"queue.depth", tsdb::MetricType::gauge, "{message}", "waiting \"mails\""});
    store.describe("latency_count",
                   {"latency", tsdb::MetricType::histogram, "s", "how long it takes"});
  });
  send_twice_at_once(rest);
}

struct Case {
  const char* method;
  const char* path;
  const char* query;
  const char* body;
  int status;
  const char* wanted;  // part of the body
};

constexpr const char* mail = "/api/v1/objects/shop/mail";

const Case cases[] = {
    {"GET", "/api/v1/histograms", "query=latency", "", 200,
     R"("points":2,"histogram":{"count":"6","sum":"9","buckets":[[0,"-Inf","0.5","1"],)"
     R"([0,"0.5","1","4"],[0,"1","+Inf","1"]]}}])"},
    {"GET", "/api/v1/histograms", "query=latency%7Broute%3D/pay%7D&window=1m", "", 200,
     R"("increase":{"series":1,"exact":true,"explicit":{"count":"3","sum":"6.5","buckets":)"
     R"([[0,"0.5","1","2"],[0,"1","+Inf","1"]]},"exponential":null})"},
    {"GET", "/api/v1/histograms", "query=latency%7Broute%3Dx%7D", "", 200, R"("items":[])"},
    {"GET", "/api/v1/histograms", "", "", 400, "query: missing"},
    {"GET", "/api/v1/histograms", "query=latency&limit=101", "", 400, "limit: "},
    {"GET", "/api/v1/metadata", "", "", 200,
     R"({"status":"success","data":{"latency":[{"type":"histogram","help":"how long it takes",)"
     R"("unit":"s"}],"queue.depth":[{"type":"gauge","help":"waiting \"mails\"",)"
     R"("unit":"{message}"}]}})"},
    {"GET", "/api/v1/metadata", "metric=latency", "", 200, R"("data":{"latency":[{"type":)"},
    {"GET", "/api/v1/metadata", "metric=latency_count", "", 200, R"("data":{}})"},
    {"GET", "/api/v1/metadata", "limit=1", "", 200, R"("unit":"s"}]}})"},
    {"GET", "/api/v1/metadata", "limit=0", "", 400, "limit: "},
    {"GET", "/api/v1/objects", "", "", 200, R"("name":"mail")"},
    {"GET", "/api/v1/objects/shop/mail", "", "", 200, R"("state":"value","value":42)"},
    {"GET", "/api/v1/objects/shop/none", "", "", 404, "no object shop/none"},
    {"GET", "/api/v1/objects/shop/mail/decisions", "", "", 200, R"("kind":"max")"},
    {"GET", "/api/v1/objects/shop/mail/decisions", "limit=0", "", 400, "limit: "},
    {"GET", "/api/v1/objects/shop/mail/decisions", "limit=201", "", 400, "limit: "},
    {"GET", "/api/v1/objects/shop/mail/decisions", "limit=x", "", 400, "limit: "},
    {"GET", "/api/v1/objects/shop/mail/decisions", "before=-1", "", 400, "before: "},
    {"GET", "/api/v1/objects/shop/none/decisions", "", "", 404, "no object"},
    {"GET", "/api/v1/objects/shop/mail/points", "", "", 200, R"("replicas":3)"},
    {"GET", "/api/v1/objects/shop/mail/points", "trigger=1", "", 400, "trigger: "},
    {"GET", "/api/v1/objects/shop/mail/points", "trigger=-1", "", 400, "trigger: "},
    {"GET", "/api/v1/objects/shop/mail/points", "from=yesterday", "", 400, "from: "},
    {"GET", "/api/v1/objects/shop/none/points", "", "", 404, "no object"},
    {"GET", "/api/v1/objects/shop/mail/explain", "", "", 200, "max replicas is 4"},
    {"GET", "/api/v1/objects/shop/mail/explain", "format=json", "", 200, R"("decisions":[)"},
    {"GET", "/api/v1/objects/shop/none/explain", "", "", 404, "no object"},
    {"GET", "/api/v1/objects/shop/mail/explain", "at=45s", "", 200, "2 -> 4"},
    {"GET", "/api/v1/objects/shop/mail/explain", "at=45s&format=json", "", 200, R"("from":2)"},
    {"GET", "/api/v1/objects/shop/mail/explain", "at=2h&format=json", "", 200, R"("decisions":[])"},
    {"GET", "/api/v1/objects/shop/mail/explain", "at=%401799999955", "", 200, "2 -> 4"},
    {"GET", "/api/v1/objects/shop/mail/explain", "at=yesterday", "", 400, "at: "},
    {"GET", "/api/v1/objects/shop/mail/explain", "at=", "", 400, "at: "},
    {"GET", "/api/v1/objects/shop/mail/explain", "at=2100-01-01T00:00:00Z", "", 400, "the future"},
    {"GET", "/api/v1/objects/shop/none/explain", "at=10m", "", 404, "no object"},
    {"GET", "/api/v1/query", "query=sum(queue.depth)", "", 200, R"("value":50)"},
    {"GET", "/api/v1/query",
     "query=sum(queue_depth%7Bqueue%3Dmail%7D)&operationOverTime=max&window=3s", "", 200, "42"},
    {"GET", "/api/v1/query", "query=nothing", "", 200, R"("state":"absent","value":null)"},
    {"GET", "/api/v1/query", "", "", 400, "query: missing"},
    {"GET", "/api/v1/query", "query=sum(", "", 400, "error"},
    {"GET", "/api/v1/query", "query=x&operationOverTime=median", "", 400, "median"},
    {"GET", "/api/v1/query", "query=x&window=soon", "", 400, "soon"},
    {"GET", "/api/v1/query", "query=x&window=-5s", "", 400, "window"},
    {"GET", "/api/v1/status/tsdb", "", "", 200, R"({"name":"queue=mail","value":)"},
    {"GET", "/api/v1/status/tsdb", "limit=1", "", 200, R"("seriesCountByMetricName":[{"name":)"},
    {"GET", "/api/v1/status/tsdb", "limit=0", "", 400, "limit: "},
    {"GET", "/api/v1/top", "", "", 200, R"({"name":"queue_depth","series":2,"samples":3})"},
    {"GET", "/api/v1/top", "limit=1001", "", 400, "limit: "},
    {"GET", "/api/v1/warnings", "", "", 200, R"("unknownKeys":["clampmax"])"},
    {"GET", "/api/v1/warnings", "", "", 200, R"("offsetSeconds":-1200,"points":1,)"},
    {"GET", "/api/v1/warnings", "", "", 200,
     R"("overlaps":[{"resource":{"service.name":"shop"},"metric":"orders","points":1,)"},
    {"GET", "/healthz", "", "", 200, "ok"},
    {"GET", "/info", "", "", 200, "\"retentionSeconds\": \"600\""},
    {"GET", "/memstore/names", "", "", 200, "\"queue_depth\""},
    {"GET", "/memstore/data", "", "", 200, "\"lastUpdate\": 1799999998"},
    {"POST", "/memstore/query", "",
     R"json({"operationOverTime":"last_one","query":"avg(queue_depth)"})json", 200,
     "\"value\": 25"},
    {"POST", "/memstore/query", "", R"({"operationOverTime":"last_one","query":"nothing"})", 200,
     "Metric not found"},
    {"POST", "/memstore/query", "", R"({"query":"nothing"})", 400, "operationOverTime: missing"},
    {"POST", "/memstore/query", "", R"({"operationOverTime":"last_one"})", 400, "query: missing"},
    {"POST", "/memstore/query", "", R"({"operationOverTime":"last_one","query":"}"})", 400,
     "error"},
    {"POST", "/memstore/query", "", "{", 400, "bad JSON"},
    {"POST", "/memstore/query", "", "[]", 400, "missing"},
    {"POST", "/memstore/reset", "", "", 200, "\"operation\": \"reset\""},
    {"GET", "/openapi.json", "", "", 200, R"("openapi":"3.1.0")"},
    {"GET", "/readyz", "", "", 200, "ready"},
    {"GET", "/", "", "", 200, "<title>Tidewheel</title>"},
    {"GET", "/assets/app.js", "", "", 200, "import"},
    {"GET", "/assets/none.js", "", "", 404, "no file none.js"},
    {"GET", "/assets/../rest.cpp", "", "", 404, "nothing is at"},
    {"GET", "/none", "", "", 404, "nothing is at /none"},
    {"POST", "/info", "", "", 405, "use GET"},
    {"GET", "/memstore/reset", "", "", 405, "use POST"},
    {"DELETE", "/api/v1/objects/shop/mail", "", "", 405, "use GET"},
};

TEST(Rest, Answers) {
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.method) + " " + c.path + "?" + c.query);
    RestFixture rest;
    fill(rest);
    const auto response = rest.ask({.method = c.method,
                                    .path = c.path,
                                    .query = c.query,
                                    .headers = {{"host", "127.0.0.1:9090"}},
                                    .body = c.body});
    EXPECT_EQ(response.status, c.status);
    EXPECT_THAT(response.body, HasSubstr(c.wanted));
    EXPECT_EQ(response.headers.find("x-content-type-options"), "nosniff");
    if (response.status >= 400)
      EXPECT_TRUE(json::text_at(parsed(response), "error")) << response.body;
  }
}

TEST(Rest, EveryRouteHasAHappyCase) {
  for (const Route& route : routes()) {
    if (route.media == "text/event-stream" || route.pattern.ends_with('*'))
      continue;  // tests of their own
    const bool covered = std::ranges::any_of(cases, [&](const Case& c) {
      return c.status == 200 && c.method == route.method && match(route.pattern, c.path);
    });
    EXPECT_TRUE(covered) << route.pattern;
  }
}

TEST(Rest, AnswersAsTheSchemasSay) {
  for (const auto& c : cases) {
    if (c.status != 200) continue;
    const auto route = std::ranges::find_if(
        routes(), [&](const Route& r) { return r.method == c.method && match(r.pattern, c.path); });
    if (route->schema.empty() ||
        (route->media == "text/plain" && !std::string_view(c.query).contains("format=json")))
      continue;
    SCOPED_TRACE(std::string(c.path) + "?" + c.query);
    RestFixture rest;
    fill(rest);
    const auto response =
        rest.ask({.method = c.method, .path = c.path, .query = c.query, .body = c.body});
    EXPECT_EQ(response.headers.find("content-type"), "application/json");
    EXPECT_THAT(testing::difference(parsed(response), *json::find(schemas(), route->schema)),
                IsEmpty());
  }
}

TEST(Rest, SaysWhatAnObjectIsLike) {
  RestFixture rest;
  fill(rest);
  const auto object = parsed(rest.get(mail));
  EXPECT_EQ(json::int_at(object, "replicas"), 3);
  EXPECT_EQ(json::int_at(object, "desiredReplicas"), 4);
  const json::Value& trigger = json::find(object, "triggers")->get_array()[0];
  EXPECT_EQ(json::number_at(trigger, "ageSeconds"), 2);
  EXPECT_EQ(json::number_at(trigger, "target"), 10);
  EXPECT_EQ(json::int_at(trigger, "proposal"), 5);
  EXPECT_EQ(json::int_at(*json::find(object, "lastDecision", "decision"), "to"), 4);
}

TEST(Rest, WritesNullForWhatIsNotThere) {
  RestFixture rest;
  auto object = sample_object();
  object.replicas.reset();
  object.triggers[0].reading = {.state = scale::Reading::State::not_a_number,
                                .value = std::numeric_limits<double>::quiet_NaN()};
  object.triggers[0].proposal.reset();
  rest.board.put(object);
  const auto shown = parsed(rest.get(mail));
  EXPECT_TRUE(json::find(shown, "replicas")->is_null());
  EXPECT_TRUE(json::find(shown, "lastDecision")->is_null());
  const json::Value& trigger = json::find(shown, "triggers")->get_array()[0];
  EXPECT_EQ(json::text_at(trigger, "state"), "not_a_number");
  for (const char* name : {"value", "newest", "ageSeconds", "proposal"})
    EXPECT_TRUE(json::find(trigger, name)->is_null());
}

TEST(Rest, PagesThroughDecisions) {
  RestFixture rest;
  rest.board.put(sample_object());
  for (int i = 0; i < 7; ++i)
    rest.board.record({"shop", "mail"}, sample_decision(rest.clock.now(), 10 + i));
  std::vector<std::int64_t> ids;
  std::string before;
  for (;;) {
    const auto page = parsed(rest.get(std::string(mail) + "/decisions", "limit=3" + before));
    const auto& items = json::find(page, "items")->get_array();
    if (items.empty()) break;
    for (const auto& item : items) ids.push_back(*json::int_at(item, "id"));
    before = "&before=" + std::to_string(ids.back());
  }
  EXPECT_EQ(ids, (std::vector<std::int64_t>{7, 6, 5, 4, 3, 2, 1}));
}

TEST(Rest, GivesPointsFromAMomentOrASpanBack) {
  RestFixture rest;
  fill(rest);
  const auto count = [&](const std::string& query) {
    return json::find(parsed(rest.get(std::string(mail) + "/points", query)), "items")
        ->get_array()
        .size();
  };
  EXPECT_EQ(count(""), 3u);
  EXPECT_EQ(count("from=90s"), 1u);
  EXPECT_EQ(count("from=" + base::format_time(rest.clock.now() - std::chrono::minutes(2))), 2u);
}

TEST(Rest, ExplainsInTextOrJson) {
  RestFixture rest;
  fill(rest);
  const auto text = rest.get(std::string(mail) + "/explain");
  EXPECT_EQ(text.headers.find("content-type"), "text/plain; charset=utf-8");
  for (const char* wanted :
       {"shop/mail: 4 replicas: queue-depth is 42", "target: Deployment mail",
        "replicas: 3 (3 ready), wanted 4, allowed 0 to 4",
        "queue-depth (kedify-otel)  sum(queue_depth)", "42 from 3 series, newest sample 2s old",
        "target: 10 per replica, active above 1: active", "proposes 5", "last decision",
        "max: 5 -> 4 (max replicas is 4)", "before that"}) {
    EXPECT_THAT(text.body, HasSubstr(wanted));
  }
  const auto asked = rest.ask({.method = "GET",
                               .path = std::string(mail) + "/explain",
                               .headers = {{"accept", "text/html, application/json"}}});
  EXPECT_EQ(json::find(parsed(asked), "decisions")->get_array().size(), 2u);
}

// What an object's explanation is at a moment, a minute after its first decision.
struct PastCase {
  const char* name;
  const char* at;
  std::vector<const char*> wanted;
  std::vector<const char*> unwanted;
};

TEST(Rest, ExplainsThePast) {
  const PastCase rows[] = {
      {"in force, ended since",
       "at=45s",
       {"shop/mail at 2027-01-15T07:59:15Z (45s ago): 4 replicas: queue-depth is 42",
        "in force since 2027-01-15T07:59:00Z (1m ago) until 2027-01-15T07:59:30Z (30s ago), for "
        "30s",
        "* queue-depth: value 42, age 0s, target 10, activation 1: active, proposes 5",
        "max: 5 -> 4 (max replicas is 4)", "\nnext\n  2027-01-15T07:59:30Z  3 -> 4"},
       {"before that", "no decision", "and still", "triggers now"}},
      {"still in force",
       "at=10s",
       {"in force since 2027-01-15T07:59:30Z (30s ago), and still",
        "reached 3 times; the last time", "value 44",
        "before that\n  2027-01-15T07:59:00Z  2 -> 4"},
       {"\nnext\n"}},
      {"before the first",
       "at=2h",
       {"shop/mail at 2027-01-15T06:00:00Z (2h ago): no decision yet, the first was made at "
        "2027-01-15T07:59:00Z (1m ago)",
        "\nnext\n"},
       {"in force", "not kept"}},
  };
  RestFixture rest;
  fill(rest);
  for (int i = 1; i <= 2; ++i) {
    auto repeated = sample_decision(rest.clock.now() - std::chrono::seconds(30 - i));
    repeated.proposals[0].reading.value = 42 + i;
    rest.board.record({"shop", "mail"}, repeated);
  }
  for (const auto& c : rows) {
    SCOPED_TRACE(c.name);
    const auto text = rest.get(std::string(mail) + "/explain", c.at).body;
    for (const char* wanted : c.wanted) EXPECT_THAT(text, HasSubstr(wanted));
    for (const char* unwanted : c.unwanted) EXPECT_THAT(text, Not(HasSubstr(unwanted)));
  }
}

TEST(Rest, SaysSinceWhenDecisionsAreKept) {
  RestFixture rest("127.0.0.1", {.pace = Duration{0}}, {.decisions_bytes_max = 16 << 10});
  rest.board.put(sample_object());
  const Timestamp now = rest.clock.now();
  for (int i = 0; i < 500; ++i)
    rest.board.record({"shop", "mail"}, sample_decision(now - std::chrono::seconds(600 - i), i));
  EXPECT_THAT(rest.get(std::string(mail) + "/explain", "at=10m").body,
              HasSubstr("no longer known, records before 2027-01-15T07:"));
  const auto shown = parsed(rest.get(std::string(mail) + "/explain", "at=10m&format=json"));
  ASSERT_TRUE(json::text_at(shown, "keptSince"));
  EXPECT_EQ(json::text_at(shown, "keptSince"),
            json::text_at(*json::find(shown, "next", "decision"), "at"));
}

TEST(Rest, TellsADecisionWithTheTargetsOfItsTime) {
  RestFixture rest;
  fill(rest);
  auto changed = sample_object();
  changed.triggers[0].spec.target = 7;
  rest.board.put(changed);
  rest.board.record({"shop", "mail"}, sample_decision(rest.clock.now()));
  const auto decisions = parsed(rest.get(std::string(mail) + "/decisions"));
  const auto& items = json::find(decisions, "items")->get_array();
  ASSERT_EQ(items.size(), 3u);
  const auto target = [](const json::Value& record) {
    return json::number_at(json::find(record, "decision", "proposals")->get_array()[0], "target");
  };
  EXPECT_EQ(target(items[0]), 7);
  EXPECT_EQ(target(items[1]), 10);
  EXPECT_THAT(rest.get(std::string(mail) + "/explain", "at=10s").body, HasSubstr("target 10"));
}

TEST(Rest, ExplainsMissingData) {
  struct Row {
    scale::Reading reading;
    const char* wanted;
  };
  RestFixture rest;
  const Timestamp now = rest.clock.now();
  using enum scale::Reading::State;
  const Row rows[] = {
      {{.state = absent}, "value: absent: no series has matched yet"},
      {{.state = stale, .newest = now - std::chrono::seconds(35)},
       "value: stale, newest sample 35s old"},
      {{.state = error, .error = "connection refused"}, "value: error: connection refused"},
      {{.state = not_a_number}, "value: not a number"},
  };
  for (const auto& row : rows) {
    auto object = sample_object();
    object.problems = {"spec.triggers[0]: something is wrong"};
    object.triggers[0].reading = row.reading;
    object.triggers[0].held = true;
    rest.board.put(object);
    const auto response = rest.get(std::string(mail) + "/explain");
    EXPECT_THAT(
        response.body,
        AllOf(HasSubstr(row.wanted), HasSubstr("problem: spec.triggers[0]: something is wrong"),
              HasSubstr("holds its last proposal 5"), HasSubstr("no decision yet")));
  }
}

TEST(Rest, PutsProblemsThenLoadOnTop) {
  RestFixture rest;
  auto idle = sample_object("idle");
  idle.desired = 0;
  auto broken = sample_object("broken");
  broken.desired = 0;
  broken.problems = {"no such Deployment"};
  for (const auto& object : {idle, sample_object("busy"), broken}) rest.board.put(object);
  const auto top = parsed(rest.get("/api/v1/top", "limit=2"));
  const auto& objects = json::find(top, "objects")->get_array();
  ASSERT_EQ(objects.size(), 2u);
  EXPECT_EQ(json::text_at(objects[0], "name"), "broken");
  EXPECT_EQ(json::text_at(objects[1], "name"), "busy");
}

TEST(Rest, IsReadyOnlyWhenNothingIsMissing) {
  RestFixture rest;
  rest.missing = {"objects are being loaded", "OTLP port"};
  const auto response = rest.get("/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "not ready:\n- objects are being loaded\n- OTLP port\n");
}

TEST(Rest, KeepsOtelAddOnsShapes) {
  RestFixture rest;
  EXPECT_EQ(rest.get("/memstore/names").body, "null");
  EXPECT_EQ(rest.get("/memstore/data").body, "{}");
  EXPECT_THAT(
      rest.get("/info").body,
      AllOf(StartsWith("{\n    \"version\": \""), HasSubstr("\n    \"scalerPort\": \"4318\""),
            ContainsRegex("\"gitSha\": \"([0-9a-f]{7}|unknown)\"")));
  rest.send("queue.depth", 30, 5);
  EXPECT_EQ(rest.get("/memstore/names").body, "[\n    \"queue_depth\"\n]");
  const auto reset = rest.post("/memstore/reset");
  EXPECT_EQ(reset.body,
            "{\n    \"ok\": true,\n    \"operation\": \"reset\",\n    \"error\": \"\",\n    "
            "\"value\": 0\n}");
  EXPECT_EQ(rest.get("/memstore/names").body, "null");
  const auto swagger = rest.get("/swagger/index.html");
  EXPECT_EQ(swagger.status, 308);
  EXPECT_EQ(swagger.headers.find("location"), "/#/api");
}

TEST(Page, ServesWhatTheIndexNamesAndNothingFromElsewhere) {
  RestFixture rest;
  const auto index = rest.get("/");
  EXPECT_EQ(index.headers.find("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(std::string(*index.headers.find("content-security-policy")),
              HasSubstr("default-src 'none'"));
  for (const auto& asset : assets()) {
    SCOPED_TRACE(asset.name);
    EXPECT_NE(content_type(asset.name), "application/octet-stream");
    EXPECT_THAT(std::string(asset.bytes),
                AllOf(Not(IsEmpty()), Not(HasSubstr("https://")), Not(HasSubstr("innerHTML"))));
  }
  for (std::size_t at = index.body.find("/assets/"); at != std::string::npos;
       at = index.body.find("/assets/", at + 1)) {
    const std::string path = index.body.substr(at, index.body.find('"', at) - at);
    EXPECT_EQ(rest.get(path).status, 200) << path;
  }
}

TEST(Page, EveryImportedModuleExists) {
  for (const auto& asset : assets()) {
    const std::string_view text = asset.bytes;
    for (std::size_t at = text.find("from \"./"); at != text.npos;
         at = text.find("from \"./", at + 1)) {
      const std::string_view name = text.substr(at + 8, text.find('"', at + 8) - at - 8);
      EXPECT_NE(find_asset(name), nullptr) << asset.name << " imports " << name;
    }
  }
}

TEST(Page, IsNotSentAgainUnchanged) {
  RestFixture rest;
  const auto first = rest.get("/assets/style.css");
  EXPECT_EQ(first.headers.find("content-type"), "text/css; charset=utf-8");
  const auto again =
      rest.ask({.method = "GET",
                .path = "/assets/style.css",
                .headers = {{"if-none-match", std::string(*first.headers.find("etag"))}}});
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
}

TEST(Rest, ATokenIsNeededToChangeSomethingWhereOneIsSet) {
  const net::testing::Folder folder;
  folder.write("token", "s3cret");
  RestFixture rest;
  auto token = net::BearerToken::open({.file = folder / "token"}, rest.clock, {}).value();
  rest.require(token);
  rest.send("queue.depth", 30, 5);
  EXPECT_EQ(rest.get("/memstore/names").status, 200);
  for (const char* path : {"/memstore/reset", "/nowhere"}) {
    const auto refused = rest.post(path);
    EXPECT_EQ(refused.status, 401) << path;
    EXPECT_EQ(refused.headers.find("www-authenticate"), "Bearer");
    EXPECT_EQ(refused.body, "{\n    \"error\": \"a bearer token is needed\"\n}");
  }
  EXPECT_EQ(rest.get("/memstore/names").body, "[\n    \"queue_depth\"\n]");
  const auto done =
      rest.ask({.method = "POST",
                .path = "/memstore/reset",
                .headers = {{"host", "localhost"}, {"authorization", "Bearer s3cret"}}});
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(rest.get("/memstore/names").body, "null");
}

}  // namespace
}  // namespace server
