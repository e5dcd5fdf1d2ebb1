#include "scalers/kedify_otel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "scalers/testing/reference_metadata.h"

namespace scalers::kedify_otel {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Result<Params> parse_with(std::string key, std::string text) {
  Metadata metadata{{"metricQuery", "foo"}};
  metadata[std::move(key)] = std::move(text);
  return parse(metadata);
}

TEST(KedifyOtelParse, NeedsOnlyAQuery) {
  const auto params = parse({{"metricQuery", "avg(foo{a=1, b=\"x y\"})"}});
  ASSERT_TRUE(params) << params.error().what;
  EXPECT_EQ(params->question.query.aggregation, tsdb::Aggregation::avg);
  EXPECT_EQ(params->question.query.metric, "foo");
  EXPECT_EQ(params->question.query.matchers.size(), 2u);
  EXPECT_EQ(params->question.operation, tsdb::Operation::last_one);
  EXPECT_EQ(params->question.window, std::nullopt);
  EXPECT_EQ(params->target, std::nullopt);
  EXPECT_EQ(params->activation, 0);
  EXPECT_EQ(params->clamp_min, std::nullopt);
  EXPECT_EQ(params->clamp_max, std::nullopt);
}

TEST(KedifyOtelParse, ReadsEveryKey) {
  const auto params = parse({{"activationTargetValue", "2.5"},
                             {"clampMax", "600"},
                             {"clampMin", "-1"},
                             {"metricQuery", "sum(vllm:num_requests_running)"},
                             {"operationOverTime", "rate"},
                             {"scalerAddress", "keda-otel-scaler.keda.svc:4318"},
                             {"targetValue", ".5"},
                             {"window", "5m"}});
  ASSERT_TRUE(params) << params.error().what;
  EXPECT_EQ(params->activation, 2.5);
  EXPECT_EQ(params->clamp_max, 600);
  EXPECT_EQ(params->clamp_min, -1);
  EXPECT_EQ(params->question.operation, tsdb::Operation::rate);
  EXPECT_EQ(params->question.window, 5min);
  EXPECT_EQ(params->target, 0.5);
}

TEST(KedifyOtelParse, KnowsTheSixOperations) {
  using enum tsdb::Operation;
  struct Case {
    const char* text;
    std::optional<tsdb::Operation> want;
  };
  const Case cases[] = {
      {"last_one", last_one}, {"min", min},   {"max", max}, {"avg", avg},   {"count", count},
      {"rate", rate},         {"", last_one}, {"rte", {}},  {"sum", {}},    {"Rate", {}},
      {" rate", {}},          {"rate ", {}},  {"last", {}}, {"median", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto got = parse_with("operationOverTime", c.text);
    EXPECT_EQ(got ? std::optional(got->question.operation) : std::nullopt, c.want);
    if (!got) EXPECT_THAT(got.error().what, ::testing::StartsWith("operationOverTime: "));
  }
}

// A value is taken as that number, or refused.
struct NumberCase {
  const char* text;
  std::optional<double> want;
};

TEST(KedifyOtelParse, TargetsAreNumbersAboveZero) {
  const NumberCase cases[] = {
      {"5", 5},        {"1", 1},      {"2.5", 2.5},  {".5", 0.5},   {"+5", 5},
      {"1e-3", 0.001}, {"4.0", 4},    {"1e+2", 100}, {"1e3", 1000}, {"2147483648", 2147483648.0},
      {"0.01", 0.01},  {" 5", {}},    {"100m", {}},  {"abc", {}},   {"0x", {}},
      {"5e", {}},      {"1.2.3", {}}, {"e5", {}},    {"5\n", {}},   {"\xd9\xa5", {}},
      {"", {}},        {"0", {}},     {"-1", {}},    {"-0", {}},    {"NaN", {}},
      {"Inf", {}},     {"-Inf", {}},  {"1e400", {}}, {"1_000", {}}, {"1e-400", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto got = parse_with("targetValue", c.text);
    EXPECT_EQ(got ? got->target : std::nullopt, c.want);
    EXPECT_EQ(got.has_value(), c.want.has_value());
  }
}

TEST(KedifyOtelParse, ClampsAreNumbers) {
  const NumberCase cases[] = {
      {"20", 20},       {"44.75", 44.75},
      {"0", 0},         {"-10", -10},
      {"1e1", 10},      {".5", 0.5},
      {"+60", 60},      {"12.", 12},
      {"0.001", 0.001}, {"abc", {}},
      {"10m", {}},      {"5 ", {}},
      {"1,5", {}},      {"", {}},
      {"NaN", {}},      {"Inf", std::numeric_limits<double>::infinity()},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto low = parse_with("clampMin", c.text);
    EXPECT_EQ(low ? low->clamp_min : std::nullopt, c.want);
    const auto high = parse_with("clampMax", c.text);
    EXPECT_EQ(high ? high->clamp_max : std::nullopt, c.want);
    EXPECT_EQ(low.has_value() && high.has_value(), c.want.has_value());
  }
}

TEST(KedifyOtelParse, ActivationsAreFiniteNumbers) {
  const NumberCase cases[] = {
      {"0", 0},    {"50", 50},  {"-1", -1},  {"0.5", 0.5}, {"", {}},
      {"NaN", {}}, {"Inf", {}}, {"50 ", {}}, {"5k", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto got = parse_with("activationTargetValue", c.text);
    EXPECT_EQ(got ? std::optional(got->activation) : std::nullopt, c.want);
  }
}

TEST(KedifyOtelParse, WindowsAreDurations) {
  struct Case {
    const char* text;
    std::optional<Duration> want;
  };
  const Case cases[] = {
      {"5m", 5min}, {"30s", 30s}, {"1h30m", 90min}, {"24h", 24h}, {"500ms", 500ms}, {"24h1s", {}},
      {"0", {}},    {"0s", {}},   {"-5m", {}},      {"5", {}},    {"", {}},         {"5 m", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto got = parse_with("window", c.text);
    EXPECT_EQ(got ? got->question.window : std::nullopt, c.want);
    EXPECT_EQ(got.has_value(), c.want.has_value());
  }
}

TEST(KedifyOtelParse, SaysWhichKeyIsWrong) {
  struct Case {
    Metadata metadata;
    const char* want;
  };
  const Case cases[] = {
      {{}, "missing metricQuery"},
      {{{"metricquery", "foo"}}, "missing metricQuery"},
      {{{"query", "up"}}, "query: PromQL is not offered, only metricQuery"},
      {{{"query", "up"}, {"metricQuery", "foo"}}, "query: PromQL is not offered, only metricQuery"},
      {{{"query", ""}}, "missing metricQuery"},
      {{{"metricQuery", "foo"}, {"targetValue", "100m"}}, "targetValue: \"100m\" is not a number"},
      {{{"metricQuery", "foo"}, {"targetValue", "0"}}, "targetValue: \"0\" is not above 0"},
      {{{"metricQuery", "foo"}, {"clampMax", "abc"}}, "clampMax: \"abc\" is not a number"},
      {{{"metricQuery", "foo"}, {"clampMin", "NaN"}}, "clampMin: NaN bounds nothing"},
      {{{"metricQuery", "foo"}, {"clampMin", "5"}, {"clampMax", "4.5"}},
       "clampMin 5 is above clampMax 4.5"},
      {{{"metricQuery", "foo"}, {"activationTargetValue", "Inf"}},
       "activationTargetValue: \"Inf\" is not finite"},
      {{{"metricQuery", "foo"}, {"operationOverTime", "rte"}},
       "operationOverTime: unknown operation \"rte\", want last_one, min, max, avg, count or rate"},
      {{{"metricQuery", "foo"}, {"window", "25h"}},
       "window: \"25h\" is more than the 24h that a window may span"},
  };
  for (const auto& c : cases) {
    const auto got = parse(c.metadata);
    ASSERT_FALSE(got) << c.want;
    EXPECT_EQ(got.error(), (Error{Code::invalid, c.want}));
  }
}

// What reading a trigger's metadata says; empty: it is read.
std::string said_of(const Metadata& metadata) {
  const auto params = parse(metadata);
  if (!params) return params.error().what;
  const auto target = target_of(*params);
  return target ? std::string() : target.error().what;
}

TEST(KedifyOtelParse, SaysWhatIsWrongWithEachRowOfTheReference) {
  for (const auto& row : testing::reference_metadata()) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(said_of(row.metadata), row.why);
    EXPECT_THAT(unknown_keys(row.metadata), IsEmpty());
  }
}

TEST(KedifyOtelParse, SaysWhatIsWrongWithEachQueryOfTheReference) {
  for (const auto& row : testing::reference_query_metadata()) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(said_of(row.metadata), row.why);
  }
}

TEST(KedifyOtelParse, ReadsTheQueriesOfTheExamples) {
  const char* queries[] = {
      "avg(http_server_request_count{app_id=nodeapp, method=GET, path=/v1.0/state/statestore})",
      "sum(vllm:gpu_cache_usage_perc{deployment=vllm-llama3-deployment-vllm})",
      "sum(DCGM_FI_DEV_MEM_COPY_UTIL{svc=llama})",
      "sum(runtime_service_invocation_req_recv_total{app_id=\"nodeapp\",src_app_id=\"pythonapp\"})",
  };
  for (const char* query : queries) {
    SCOPED_TRACE(query);
    EXPECT_TRUE(parse({{"metricQuery", query}, {"targetValue", "1"}}));
  }
}

TEST(KedifyOtelUnknownKeys, AreLikelyTypingMistakes) {
  EXPECT_THAT(unknown_keys({{"metricQuery", "foo"},
                            {"targetValue", "5"},
                            {"clampmin", "1"},
                            {"Window", "5m"},
                            {"tidewheel.dev/of-stale", "zero"}}),
              ElementsAre("Window", "clampmin", "tidewheel.dev/of-stale"));
  EXPECT_THAT(unknown_keys({{"scalerAddress", "a"},
                            {"enableTLS", "true"},
                            {"unsafeSsl", "false"},
                            {"caCert", "c"},
                            {"tlsClientCert", "c"},
                            {"tlsClientKey", "k"},
                            {"tidewheel.dev/on-stale", "hold"},
                            {"tidewheel.dev/on-absent", "zero"}}),
              IsEmpty());
}

TEST(KedifyOtelParameters, ListEveryKeyWithItsHelp) {
  const auto rows = parameters();
  EXPECT_TRUE(std::ranges::is_sorted(rows, {}, &ParameterHelp::name));
  EXPECT_EQ(std::ranges::count(rows, Need::required, &ParameterHelp::need), 1);
  for (const auto& row : rows) EXPECT_FALSE(row.help.empty()) << row.name;
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

TEST(KedifyOtelRead, ClampsTheValue) {
  using enum scale::Reading::State;
  struct Case {
    const char* name;
    std::optional<double> min;
    std::optional<double> max;
    double value;
    scale::Reading::State state;
    double want;
  };
  const Case cases[] = {
      {"no clamps", {}, {}, 44.75, value, 44.75},
      {"above the maximum", {}, 20, 44.75, value, 20},
      {"at the maximum", {}, 44.75, 44.75, value, 44.75},
      {"above the minimum", 3, {}, 44.75, value, 44.75},
      {"below the minimum", 60, {}, 44.75, value, 60},
      {"between", 0, 600, 44.75, value, 44.75},
      {"maximum 0", {}, 0, 44.75, value, 0},
      {"negative minimum", -10, {}, 44.75, value, 44.75},
      {"negative value", -10, {}, -44, value, -10},
      {"negative maximum", {}, -1, 5, value, -1},
      {"zero raised", 1, {}, 0, value, 1},
      {"an infinite value within a maximum", {}, 10, inf, value, 10},
      {"an infinite value", {}, {}, inf, not_a_number, 0},
      {"an infinite minimum", inf, {}, 5, not_a_number, 0},
      {"an infinite maximum", {}, inf, 5, value, 5},
      {"NaN is not clamped", 1, 10, nan, not_a_number, 0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Params params{.clamp_min = c.min, .clamp_max = c.max};
    const auto got = read(params, {.state = tsdb::Answer::State::value,
                                   .value = c.value,
                                   .newest = Timestamp{7},
                                   .series = 2,
                                   .matched = 3});
    EXPECT_EQ(got, (scale::Reading{
                       .state = c.state, .value = c.want, .newest = Timestamp{7}, .series = 2}));
  }
}

TEST(KedifyOtelRead, OtherStatesPassUnclamped) {
  struct Case {
    tsdb::Answer::State from;
    scale::Reading::State want;
  };
  const Case cases[] = {
      {tsdb::Answer::State::absent, scale::Reading::State::absent},
      {tsdb::Answer::State::stale, scale::Reading::State::stale},
      {tsdb::Answer::State::not_a_number, scale::Reading::State::not_a_number},
  };
  for (const auto& c : cases) {
    const auto got = read({.clamp_min = 5}, {.state = c.from, .newest = Timestamp{7}});
    EXPECT_EQ(got, (scale::Reading{.state = c.want, .newest = Timestamp{7}}));
  }
}

TEST(KedifyOtelRead, SilenceThatIsEvidenceOfZeroPasses) {
  const auto got =
      read({}, {.state = tsdb::Answer::State::stale, .ended = true, .newest = Timestamp{7}});
  EXPECT_EQ(got,
            (scale::Reading{
                .state = scale::Reading::State::stale, .newest = Timestamp{7}, .ended = true}));
}

TEST(KedifyOtelServes, ByTypeAndAddress) {
  struct Case {
    const char* type;
    std::optional<std::string> address;
    std::vector<std::string> own;
    bool want;
  };
  const std::string service = "keda-otel-scaler.keda.svc:4318";
  const Case cases[] = {
      {"kedify-otel", {}, {}, true},
      {"kedify-otel", "elsewhere:1", {}, true},
      {"external", service, {"*otel*:4318"}, true},
      {"external-push", service, {"*otel*:4318"}, true},
      {"external", service, {}, false},
      {"external", {}, {"*"}, false},
      {"external", "redis-scaler:4318", {"*otel*:4318"}, false},
      {"external", "keda-otel-scaler:43180", {"*otel*:4318"}, false},
      {"external", "keda-otel-scaler:4319", {"*otel*:4318", "*:4319"}, true},
      {"external", service, {service}, true},
      {"external", service + "x", {service}, false},
      {"external", service, {"*"}, true},
      {"external", "", {"*"}, true},
      {"external", "otel:4318", {"*otel*:4318"}, true},
      {"external", "a:4318:4318", {"a*:4318"}, true},
      {"external", "abab", {"*ab*ab"}, true},
      {"external", "aba", {"*ab*ab"}, false},
      {"external", "ab", {"ab*ab"}, false},
      {"external", "abc", {"a**c"}, true},
      {"prometheus", service, {"*"}, false},
      {"External", service, {"*"}, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.type) + " " + c.address.value_or("(none)"));
    Metadata metadata;
    if (c.address) metadata["scalerAddress"] = *c.address;
    EXPECT_EQ(serves(c.type, metadata, c.own), c.want);
  }
}

}  // namespace
}  // namespace scalers::kedify_otel
