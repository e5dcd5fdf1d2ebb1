#include "otlp/decode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <random>
#include <sstream>

#include "otlp/encode.h"
#include "otlp/fields.h"
#include "otlp/testing/random_request.h"
#include "otlp/testing/seen.h"
#include "proto/reader.h"
#include "proto/writer.h"

namespace otlp {
namespace {

using namespace std::string_literals;
using proto::Writer;
using testing::rebuild;
using testing::see;

std::string file(const std::string& name) {
  std::ifstream in(TIDEWHEEL_SOURCE "/otlp/testdata/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

// The batch as the .want files write it.
std::string listing(const Batch& batch) {
  std::ostringstream out;
  for (const auto& seen : see(batch)) out << seen << '\n';
  out << "empty points " << batch.empty_points << '\n';
  return out.str();
}

bool is_empty(const Batch& batch) {
  return batch.labels.empty() && batch.resources.empty() && batch.scopes.empty() &&
         batch.metrics.empty() && batch.rows.empty() && batch.empty_points == 0 &&
         batch.histograms.empty() && batch.bounds.empty() && batch.counts.empty() &&
         batch.negative_counts.empty() && batch.exemplars == 0 && batch.skipped_metrics == 0;
}

// A request of one resource, one scope and one metric whose bytes `fill` writes.
template <class Fill>
std::string request_of_metric(Fill fill) {
  std::string bytes;
  Writer out(bytes);
  out.message(1, [&](Writer& resource) {
    resource.message(2, [&](Writer& scope) { scope.message(2, fill); });
  });
  return bytes;
}

void write_gauge_point(Writer& metric, std::uint32_t data_field, double value) {
  metric.message(data_field, [&](Writer& data) {
    data.message(1, [&](Writer& point) { point.float64(field::point::as_double, value); });
  });
}

const char* const golden[] = {"empty", "plain", "values", "attributes", "types"};

TEST(Decode, ReadsWhatThePublicPackageWrote) {
  for (const std::string name : golden) {
    SCOPED_TRACE(name);
    const std::string body = file(name + ".bin");
    Batch batch;
    const auto decoded = decode(body, batch);
    ASSERT_TRUE(decoded) << decoded.error().what;
    EXPECT_EQ(listing(batch), file(name + ".want"));
  }
}

TEST(DecodeJson, ReadsWhatThePublicPackageWrote) {
  for (const std::string name : golden) {
    SCOPED_TRACE(name);
    Batch batch;
    const auto decoded = decode_json(file(name + ".json"), batch);
    ASSERT_TRUE(decoded) << decoded.error().what;
    EXPECT_EQ(listing(batch), file(name + ".want"));
  }
}

TEST(Decode, BothEncodingsOfARandomRequestAreTheSamePoints) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  base::Random random(seed);
  for (int i = 0; i < 500; ++i) {
    const Request request = testing::random_request(random);
    const std::string bytes = encode(request);
    const std::string text = encode_json(request);
    Batch from_bytes;
    Batch from_text;
    ASSERT_TRUE(decode(bytes, from_bytes));
    const auto decoded = decode_json(text, from_text);
    ASSERT_TRUE(decoded) << decoded.error().what << '\n' << text;
    ASSERT_EQ(listing(from_bytes), listing(from_text)) << text;

    const std::string again = encode(rebuild(from_bytes));
    Batch from_again;
    ASSERT_TRUE(decode(again, from_again));
    ASSERT_EQ(see(from_again), testing::without_histograms(see(from_bytes)));
    ASSERT_EQ(from_bytes.flawed, from_text.flawed);
    ASSERT_EQ(from_bytes.exemplars, from_text.exemplars);
  }
}

TEST(Decode, KeepsNothingOfARequestThatIsCutAnywhere) {
  for (const std::string name : {"plain", "values", "attributes", "types"}) {
    const std::string body = file(name + ".bin");
    std::vector<std::size_t> ends = {0};
    for (proto::Reader in(body); in.next();) {
      const std::string_view item = in.bytes();
      ends.push_back(static_cast<std::size_t>(item.data() + item.size() - body.data()));
    }
    Batch batch;
    for (std::size_t length = 0; length < body.size(); ++length) {
      SCOPED_TRACE(name + " cut at " + std::to_string(length));
      const auto decoded = decode(std::string_view(body).substr(0, length), batch);
      EXPECT_EQ(decoded.has_value(), std::ranges::find(ends, length) != ends.end());
      if (!decoded) {
        EXPECT_EQ(decoded.error().code, Code::invalid);
        EXPECT_TRUE(is_empty(batch));
      }
    }
  }
}

TEST(DecodeJson, KeepsNothingOfADocumentThatIsCutAnywhere) {
  std::string body = file("attributes.json");
  body.erase(body.find_last_of('}') + 1);
  Batch batch;
  for (std::size_t length = 0; length < body.size(); ++length) {
    EXPECT_FALSE(decode_json(std::string_view(body).substr(0, length), batch)) << length;
    EXPECT_TRUE(is_empty(batch));
  }
}

// A point whose only attribute is a value `levels` deep: wrap(value) puts it one deeper.
template <class Wrap>
std::string nested(int levels, Wrap wrap) {
  AttributeValue value = wrap({});
  for (int i = 1; i < levels; ++i) value = wrap(std::move(value));
  const DataPoint point{.value = 1.0, .attributes = {{"deep", value}}};
  return encode({{{.scopes = {{.metrics = {{.name = "m", .points = {point}}}}}}}});
}

AttributeValue in_list(AttributeValue value) {
  return {AttributeValue::List{std::move(value)}};
}
AttributeValue in_map(AttributeValue value) {
  return {AttributeValue::Map{{"k", std::move(value)}}};
}

TEST(Decode, ValuesNestToTheLimit) {
  Batch batch;
  for (const auto wrap : {in_list, in_map}) {
    EXPECT_TRUE(decode(nested(value_nesting_max - 1, wrap), batch));
    const auto deeper = decode(nested(value_nesting_max, wrap), batch);
    ASSERT_FALSE(deeper);
    EXPECT_EQ(deeper.error().what,
              "resource_metrics[0].scope_metrics[0].metrics[0].data_points[0].attributes[0]: "
              "value nested too deep");
  }
}

TEST(Decode, AThousandLevelsAreAnError) {
  Batch batch;
  const auto decoded = decode(nested(1000, in_map), batch);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, Code::invalid);
}

TEST(Decode, ValuesOfManyElementsAreAnError) {
  const DataPoint point{
      .value = 1.0,
      .attributes = {{"wide", {AttributeValue::List(value_elements_max + 1)}}},
  };
  const Request request{{{.scopes = {{.metrics = {{.name = "m", .points = {point}}}}}}}};
  Batch batch;
  EXPECT_FALSE(decode(encode(request), batch));
  EXPECT_FALSE(decode_json(encode_json(request), batch));
}

TEST(Decode, OfSeveralTypesTheLastOneCounts) {
  const std::string body = request_of_metric([](Writer& metric) {
    metric.text(1, "m");
    write_gauge_point(metric, field::metric::gauge, 1);
    write_gauge_point(metric, field::metric::sum, 2);
    write_gauge_point(metric, field::metric::sum, 3);
  });
  Batch batch;
  ASSERT_TRUE(decode(body, batch));
  const auto seen = see(batch);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].kind, tsdb::Kind::sum);
  EXPECT_EQ(seen[0].value, "double 4000000000000000");
}

TEST(Decode, PartsMayComeInAnyOrderAndInPieces) {
  std::string body;
  Writer out(body);
  const auto label = [](std::string_view key) {
    return [key](Writer& attribute) { attribute.text(1, key); };
  };
  out.message(1, [&](Writer& resource) {
    resource.message(1, [&](Writer& r) { r.message(1, label("first")); });
    resource.message(2, [&](Writer& scope) {
      scope.message(2, [](Writer& metric) {
        write_gauge_point(metric, field::metric::gauge, 1);
        metric.text(1, "late name");
      });
      scope.message(1, [](Writer& s) { s.text(1, "late scope"); });
    });
    resource.message(1, [&](Writer& r) { r.message(1, label("second")); });
  });
  Batch batch;
  ASSERT_TRUE(decode(body, batch));
  const auto seen = see(batch);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].metric, "late name");
  EXPECT_EQ(seen[0].scope, "late scope ");
  EXPECT_EQ(seen[0].resource, (std::vector<tsdb::Label>{{"first", ""}, {"second", ""}}));
}

TEST(Decode, TimesPastTheLastMomentAreTheLastMoment) {
  const DataPoint point{.time_ns = std::numeric_limits<std::uint64_t>::max(), .value = 1.0};
  const Request request{{{.scopes = {{.metrics = {{.name = "m", .points = {point}}}}}}}};
  const std::string body = encode(request);
  Batch batch;
  ASSERT_TRUE(decode(body, batch));
  EXPECT_EQ(see(batch)[0].time_ns, std::numeric_limits<std::int64_t>::max());
}

TEST(Decode, EachLimitIsAnErrorByName) {
  const DataPoint point{.value = 1.0, .attributes = {{"a", {"b"s}}}};
  const Metric metric{.name = "m", .points = {point, point}};
  const ScopeMetrics scope{.metrics = {metric, metric}};
  const Metric buckets{.name = "h",
                       .type = MetricType::histogram,
                       .points = {{.attributes = {}, .counts = std::vector<std::uint64_t>(64)}}};
  const std::string body = encode({{{.scopes = {scope, scope}},
                                    {.scopes = {scope, scope}},
                                    {.scopes = {{.metrics = {buckets}}}}}});
  struct Case {
    DecodeLimits limits;
    const char* want;
  };
  const Case cases[] = {
      {{.points_max = 15}, "more points in one request than are taken"},
      {{.attributes_max = 15}, "more attributes in one request than are taken"},
      {{.metrics_max = 3}, "more metrics in one request than are taken"},
      {{.buckets_max = 63}, "more buckets in one request than are taken"},
  };
  Batch batch;
  for (const Case& c : cases) {
    const auto decoded = decode(body, batch, {.limits = c.limits});
    ASSERT_FALSE(decoded);
    EXPECT_NE(decoded.error().what.find(c.want), std::string::npos) << decoded.error().what;
    EXPECT_TRUE(is_empty(batch));
  }
  EXPECT_TRUE(decode(
      body, batch,
      {.limits = {.points_max = 17, .attributes_max = 16, .metrics_max = 9, .buckets_max = 64}}));
}

struct Damage {
  const char* name;
  std::string body;
  const char* want;
};

TEST(Decode, SaysWhereTheDamageIs) {
  const Damage cases[] = {
      {"text", "hello world", "field 13: of an unknown wire type"},
      {"resource is a number", "\x0a\x02\x08\x01"s,
       "resource_metrics[0]: field 1: of the wrong wire type"},
      {"length over the end of its message", "\x0a\x02\x12\x05"s,
       "resource_metrics[0]: field 2: cut short"},
      {"name is not UTF-8", request_of_metric([](Writer& m) { m.bytes(1, "\xff"); }),
       "resource_metrics[0].scope_metrics[0].metrics[0]: field 1: not UTF-8"},
      {"histogram cut short", request_of_metric([](Writer& m) { m.bytes(9, "\x0a\x05"); }),
       "resource_metrics[0].scope_metrics[0].metrics[0]: field 1: cut short"},
      {"time as varint", request_of_metric([](Writer& m) {
         m.message(5, [](Writer& data) {
           data.message(1, [](Writer& point) { point.uint64(field::point::time_unix_nano, 1); });
         });
       }),
       "resource_metrics[0].scope_metrics[0].metrics[0].data_points[0]: "
       "field 3: of the wrong wire type"},
      {"second resource", "\x0a\x00\x0a\x01\x12"s, "resource_metrics[1]: field 2: cut short"},
      {"after a good resource", "\x0a\x00\x0a"s, "field 1: cut short"},
  };
  Batch batch;
  for (const Damage& c : cases) {
    SCOPED_TRACE(c.name);
    const auto decoded = decode(c.body, batch);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().what, c.want);
    EXPECT_EQ(decoded.error().code, Code::invalid);
  }
}

// One gauge point with these members, in a whole document.
std::string json_point(const std::string& members) {
  return R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{)" +
         members + "}]}}]}]}]}";
}

TEST(DecodeJson, TakesEverySpellingOfAValue) {
  struct Case {
    const char* members;
    const char* want;
  };
  const Case cases[] = {
      {R"("asInt":5)", "int 5"},
      {R"("asInt":"-9223372036854775808")", "int -9223372036854775808"},
      {R"("asInt":1e3)", "int 1000"},
      {R"("asInt":2.0)", "int 2"},
      {R"("asDouble":1)", "double 3ff0000000000000"},
      {R"("asDouble":"1.5")", "double 3ff8000000000000"},
      {R"("asDouble":0.1)", "double 3fb999999999999a"},
      {R"("asDouble":"NaN")", "double nan"},
      {R"("asDouble":"Infinity")", "double 7ff0000000000000"},
      {R"("asDouble":"-Infinity")", "double fff0000000000000"},
      {R"("asDouble":null,"asInt":3)", "int 3"},
      {R"("flags":1)", "no recorded value"},
      {R"("asInt":1,"somethingNew":{"a":[1]}, "as_double": 7)", "int 1"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.members);
    Batch batch;
    const auto decoded = decode_json(json_point(c.members), batch);
    ASSERT_TRUE(decoded) << decoded.error().what;
    ASSERT_EQ(batch.rows.size(), 1u);
    EXPECT_EQ(see(batch)[0].value, c.want);
  }
}

TEST(DecodeJson, TakesEnumsAsNumbersAndNames) {
  for (const char* delta : {"1", R"("AGGREGATION_TEMPORALITY_DELTA")"}) {
    Batch batch;
    ASSERT_TRUE(decode_json(R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","sum":{
        "dataPoints":[{"asInt":1}],"isMonotonic":true,"aggregationTemporality":)"s +
                                delta + "}}]}]}]}",
                            batch));
    EXPECT_EQ(see(batch)[0].temporality, tsdb::Temporality::delta);
    EXPECT_TRUE(see(batch)[0].monotonic);
  }
}

TEST(DecodeJson, SaysWhereTheDamageIs) {
  const std::string at_point = "resourceMetrics[0].scopeMetrics[0].metrics[0].dataPoints[0]";
  const std::pair<std::string, std::string> cases[] = {
      {"[]", "not an object"},
      {R"({"resourceMetrics":{}})", "resourceMetrics: not a list"},
      {R"({"resourceMetrics":[{"resource":[]}]})", "resourceMetrics[0]: not an object"},
      {R"({"resourceMetrics":[{"scopeMetrics":[1]}]})",
       "resourceMetrics[0].scopeMetrics[0]: not an object"},
      {json_point(R"("asInt":1.5)"), at_point + ": asInt: not an integer of its range"},
      {json_point(R"("asInt":"9223372036854775808")"),
       at_point + ": asInt: not an integer of its range"},
      {json_point(R"("asDouble":"inf")"), at_point + ": asDouble: not a number"},
      {json_point(R"("asDouble":1,"asInt":1)"), at_point + ": both asDouble and asInt"},
      {json_point(R"("timeUnixNano":-1)"),
       at_point + ": timeUnixNano: not an integer of its range"},
      {json_point(R"("attributes":[{"key":1}])"), at_point + ".attributes[0]: not a string"},
      {json_point(R"("attributes":[{"key":"k","value":{"bytesValue":"a"}}])"),
       at_point + ".attributes[0]: bytesValue: not base64"},
  };
  for (const auto& [body, want] : cases) {
    SCOPED_TRACE(body);
    Batch batch;
    const auto decoded = decode_json(body, batch);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().what, want);
    EXPECT_TRUE(is_empty(batch));
  }
}

// --- digests

// Two series are one when all of this is equal, names of labels being unique.
std::string identity_of(const testing::Seen& seen) {
  std::ostringstream out;
  out << seen.metric << '\n' << seen.scope;
  for (auto labels : {seen.resource, seen.scope_attributes, seen.attributes}) {
    std::ranges::sort(labels);
    for (const auto& label : labels) out << '\n' << label.name << '\0' << label.value;
    out << "\n-";
  }
  return out.str();
}

TEST(Digest, ReadsTheSamePointsAndTellsSeriesApart) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  base::Random random(seed);
  const tsdb::Hasher hasher;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> series;
  for (int i = 0; i < 300; ++i) {
    const std::string body = encode(testing::random_request(random));
    Batch batch, digested;
    ASSERT_TRUE(decode(body, batch));
    ASSERT_TRUE(digest(body, digested, hasher));
    const auto seen = testing::see_digested(digested);
    ASSERT_EQ(seen, see(batch));
    ASSERT_EQ(digested.digests.size(), seen->size());
    for (std::size_t row = 0; row < seen->size(); ++row) {
      const tsdb::Digest& key = digested.digests[row];
      const auto known = series.try_emplace({key.low, key.high}, identity_of((*seen)[row])).first;
      ASSERT_EQ(known->second, identity_of((*seen)[row]));
    }
  }
}

// A point with these attributes, in this order.
std::string point_with(const std::vector<Attribute>& attributes) {
  return encode(
      {.resources = {{.scopes = {{.metrics = {{.name = "m",
                                               .points = {{.time_ns = 1,
                                                           .value = 1.0,
                                                           .attributes = attributes}}}}}}}}});
}

TEST(Digest, DoesNotDependOnTheOrderOfAttributes) {
  const tsdb::Hasher hasher;
  const auto digest_of = [&](const std::vector<Attribute>& attributes) {
    const std::string body = point_with(attributes);
    Batch batch;
    EXPECT_TRUE(digest(body, batch, hasher));
    return batch.digests.at(0);
  };
  const Attribute a{"a", {std::string("1")}};
  const Attribute b{"b", {std::string("2")}};
  EXPECT_EQ(digest_of({a, b}), digest_of({b, a}));
  EXPECT_NE(digest_of({a, b}), digest_of({a}));
  EXPECT_NE(digest_of({a, a}), digest_of({}));
}

TEST(Digest, SaysWhatIsWrongAsDecodeDoes) {
  const std::string wrong_value = request_of_metric([](Writer& metric) {
    metric.message(5, [](Writer& data) {
      data.message(1, [](Writer& point) {
        point.float64(field::point::as_double, 1);
        point.bytes(field::point::attributes, "\x0f");
      });
    });
  });
  const tsdb::Hasher hasher;
  Batch batch;
  // The walk does not look into attributes; what comes after them is found, and the attribute
  // named.
  EXPECT_TRUE(digest(wrong_value, batch, hasher));
  EXPECT_EQ(testing::see_digested(batch), std::nullopt);
  const auto refused = digest(wrong_value + "\x0f", batch, hasher);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), decode(wrong_value, batch).error());
  EXPECT_TRUE(is_empty(batch));
}

// --- metrics that nobody wants

// Wants these alone.
struct Wants {
  explicit Wants(std::vector<std::string> names)
      : wanted({.all = false, .always = std::move(names)}), view(wanted) {
    view.refresh();
  }

  tsdb::Wanted wanted;
  tsdb::WantedView view;
};

// What is left of a request, by each way to read it.
struct Left {
  std::vector<std::string> metrics;
  std::uint64_t skipped = 0;
  std::string error;  // then there is nothing else
  bool operator==(const Left&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Left& left) {
    for (const auto& metric : left.metrics) out << metric << ' ';
    return out << left.skipped << " skipped " << left.error;
  }
};

Left left_of(const Batch& batch, const Result<void>& decoded) {
  if (!decoded) return {.error = decoded.error().what};
  Left left{.skipped = batch.skipped_metrics};
  for (const Batch::Metric& metric : batch.metrics) left.metrics.emplace_back(metric.name);
  return left;
}

std::string number_of(double value) {
  return request_of_metric([value](Writer& metric) { write_gauge_point(metric, 5, value); });
}

// One resource with these metrics.
template <class... Fill>
std::string request_of(Fill... fill) {
  std::string bytes;
  Writer out(bytes);
  out.message(1, [&](Writer& resource) {
    resource.message(2, [&](Writer& scope) { (scope.message(2, fill), ...); });
  });
  return bytes;
}

auto named(std::string_view name) {
  return [name](Writer& metric) {
    metric.text(field::metric::name, name);
    write_gauge_point(metric, field::metric::gauge, 1);
  };
}

constexpr std::string_view metric_0 = "resource_metrics[0].scope_metrics[0].metrics[0]: ";

TEST(DecodeWanted, SkipsAtItsLengthWhatNobodyWants) {
  struct Case {
    const char* name;
    std::string body;
    Left want;
  };
  const Case cases[] = {
      {"nothing", "", {}},
      {"one of each", request_of(named("a.b"), named("c"), named("a_b")), {{"a.b", "a_b"}, 1}},
      {"a histogram for its count",
       request_of([](Writer& metric) {
         metric.text(field::metric::name, "h");
         metric.message(field::metric::histogram, [](Writer& data) {
           data.message(1, [](Writer& point) { point.float64(field::distribution::sum, 1); });
         });
       }),
       {{"h_count", "h_sum"}, 0}},
      {"the name last",
       request_of(
           [](Writer& metric) {
             write_gauge_point(metric, field::metric::gauge, 1);
             metric.text(field::metric::unit, "s");
             metric.text(field::metric::name, "c");
           },
           [](Writer& metric) {
             write_gauge_point(metric, field::metric::gauge, 1);
             metric.text(field::metric::name, "a.b");
           }),
       {{"a.b"}, 1}},
      {"of two names the last",
       request_of(
           [](Writer& metric) {
             named("a.b")(metric);
             metric.text(field::metric::name, "c");
           },
           [](Writer& metric) {
             named("c")(metric);
             metric.text(field::metric::name, "a.b");
           }),
       {{"a.b"}, 1}},
      {"no name", number_of(1), {{}, 1}},
      {"an empty name", request_of(named("")), {{}, 1}},
      {"damage within what is skipped",
       request_of([](Writer& metric) {
         metric.text(field::metric::name, "c");
         metric.bytes(field::metric::gauge, "\x0a\x05");
       }),
       {{}, 1}},
      {"a skipped name that is not UTF-8",
       request_of([](Writer& metric) { metric.bytes(field::metric::name, "\xff"); }),
       {{}, 1}},
      {"the same within what is kept",
       request_of([](Writer& metric) {
         metric.text(field::metric::name, "a.b");
         metric.bytes(field::metric::gauge, "\x0a\x05");
       }),
       {.error = std::string(metric_0) + "field 1: cut short"}},
      {"a name cut short",
       "\x0a\x07\x12\x05\x12\x03\x0a\x05z"s,
       {.error = std::string(metric_0) + "field 1: cut short"}},
      {"data cut short after a name",
       "\x0a\x0a\x12\x08\x12\x06\x0a\x01z\x2a\x05z"s,
       {.error = std::string(metric_0) + "field 5: cut short"}},
      {"a name that is a number",
       "\x0a\x06\x12\x04\x12\x02\x08\x01"s,
       {.error = std::string(metric_0) + "field 1: of the wrong wire type"}},
      {"the metric cut short",
       "\x0a\x06\x12\x04\x12\x05\x0a\x01"s,
       {.error = "resource_metrics[0].scope_metrics[0]: field 2: cut short"}},
      {"damage after what is skipped",
       request_of(named("c")) + "\x0a"s,
       {.error = "field 1: cut short"}},
  };
  const tsdb::Hasher hasher;
  Wants some({"a_b", "h_count"});
  Batch batch;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const DecodeOptions options{.wanted = &some.view};
    EXPECT_EQ(left_of(batch, digest(c.body, batch, hasher, options)), c.want);
    EXPECT_EQ(left_of(batch, decode(c.body, batch, options)), c.want);
    if (!c.want.error.empty()) EXPECT_TRUE(is_empty(batch));
  }
}

TEST(DecodeWanted, SoItDoesInJson) {
  struct Case {
    const char* name;
    std::string metrics;
    Left want;
  };
  const std::string gauge = R"("gauge":{"dataPoints":[{"asInt":1}]})";
  const Case cases[] = {
      {"nothing", "", {}},
      {"one of each",
       R"({"name":"a.b",)" + gauge + R"(},{"name":"c",)" + gauge + R"(},{"name":"a/b",)" + gauge +
           "}",
       {{"a.b", "a/b"}, 1}},
      {"a histogram for its count",
       R"({"name":"h","histogram":{"dataPoints":[{"count":1,"sum":2}]}})",
       {{"h_count", "h_sum"}, 0}},
      {"the name last",
       "{" + gauge + R"(,"name":"c"},{)" + gauge + R"(,"name":"a.b"})",
       {{"a.b"}, 1}},
      {"no name", "{" + gauge + "}", {{}, 1}},
      {"an empty name", R"({"name":"",)" + gauge + "}", {{}, 1}},
      {"damage within what is skipped", R"({"name":"c","gauge":5})", {{}, 1}},
      {"the same within what is kept",
       R"({"name":"a.b","gauge":5})",
       {.error = "resourceMetrics[0].scopeMetrics[0].metrics[0]: gauge: not an object"}},
      {"a name that is a number",
       R"({"name":5})",
       {.error = "resourceMetrics[0].scopeMetrics[0].metrics[0]: name: not a string"}},
  };
  Wants some({"a_b", "h_count"});
  Batch batch;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string body =
        R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[)" + c.metrics + "]}]}]}";
    EXPECT_EQ(left_of(batch, decode_json(body, batch, {.wanted = &some.view})), c.want);
  }
}

// All ways agree, and what they leave is what a full reading has of those names.
TEST(DecodeWanted, EveryWayLeavesTheSameOfARandomRequest) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  base::Random random(seed);
  const tsdb::Hasher hasher;
  for (int i = 0; i < 300; ++i) {
    const Request request = testing::random_request(random);
    const std::string bytes = encode(request);
    std::vector<std::string> names;
    for (const auto& resource : request.resources) {
      for (const auto& scope : resource.scopes) {
        for (const auto& metric : scope.metrics)
          if (random.next() % 2 == 0) names.push_back(metric.name);
      }
    }
    Wants some(names);
    const DecodeOptions options{.wanted = &some.view};
    Batch all, from_bytes, digested, from_text;
    ASSERT_TRUE(decode(bytes, all));
    ASSERT_TRUE(decode(bytes, from_bytes, options));
    ASSERT_TRUE(digest(bytes, digested, hasher, options));
    ASSERT_TRUE(decode_json(encode_json(request), from_text, options));
    std::erase_if(all.metrics,
                  [&](const Batch::Metric& metric) { return !some.view.wants(metric.sent_name); });
    ASSERT_EQ(see(from_bytes), see(all));
    ASSERT_EQ(testing::see_digested(digested), see(all));
    ASSERT_EQ(listing(from_text), listing(from_bytes));
    ASSERT_EQ(digested.skipped_metrics, from_bytes.skipped_metrics);
    ASSERT_EQ(from_text.skipped_metrics, from_bytes.skipped_metrics);
    ASSERT_EQ(digested.flawed, from_bytes.flawed);
    ASSERT_EQ(digested.exemplars, from_bytes.exemplars);
  }
}

}  // namespace
}  // namespace otlp
