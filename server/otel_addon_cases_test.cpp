// What otel-add-on's external scaler and REST API answered, or should have answered: see
// testdata/README.md.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "server/external_scaler.h"
#include "server/testing/rest_fixture.h"

namespace server {
namespace {

constexpr const char* file = TIDEWHEEL_SOURCE "/server/testdata/otel_addon_cases.json";
constexpr double default_tolerance = 1e-9;

std::string text_or(const json::Value& value, std::string_view key, std::string fallback) {
  return json::text_at(value, key).value_or(std::move(fallback));
}

// One case in a store of its own.
class Replay {
 public:
  explicit Replay(const json::Value& one)
      : one_(one), scaler_({rest_.store, rest_.clock}, options(one)) {
    if (const auto* samples = json::find(one, "samples")) {
      for (const auto& sample : samples->get_array()) send(sample);
    }
  }

  json::Value answer() {
    const std::string ask = *json::text_at(one_, "ask");
    if (ask == "RestQuery") return rest_query();
    if (ask == "RestReset") return rest_answer(rest_.post("/memstore/reset"), {"ok"});
    if (ask == "IsActive") return in_json(scaler_.is_active(object()));
    if (ask == "GetMetricSpec") return spec();
    return value();
  }

 private:
  static ExternalScalerOptions options(const json::Value& one) {
    return {.error_if_not_found = json::bool_at(one, "errorIfNotFound").value_or(false),
            .value_if_not_found = json::number_at(one, "valueIfNotFound").value_or(0)};
  }

  void send(const json::Value& sample) {
    std::vector<tsdb::Label> labels;
    if (const auto* object = json::find(sample, "labels")) {
      for (const auto& label : object->get_object())
        labels.push_back({label.key(), std::string(label.value().get_string())});
    }
    std::vector<tsdb::LabelView> attributes;
    for (const auto& label : labels) attributes.push_back({label.name, label.value});
    const auto counter = json::bool_at(sample, "counter");
    const std::string metric = *json::text_at(sample, "metric");
    const tsdb::SeriesView series{
        .metric = metric,
        .kind = counter ? tsdb::Kind::sum : tsdb::Kind::gauge,
        .temporality = counter ? tsdb::Temporality::cumulative : tsdb::Temporality::unspecified,
        .monotonic = counter.value_or(false),
        .attributes = attributes};
    const auto integer =
        json::find(sample, "value")->is_double() ? std::nullopt : json::int_at(sample, "value");
    const double number = *json::number_at(sample, "value");
    const Timestamp now = rest_.clock.now();
    const Timestamp at = now - std::chrono::seconds(*json::int_at(sample, "ago"));
    const Timestamp start = counter ? now - std::chrono::hours(1) : Timestamp{};
    rest_.store.append(series,
                       {.time = at,
                        .start = start,
                        .value = integer ? tsdb::Value::of_int(*integer) : tsdb::Value::of(number)},
                       now);
  }

  ScaledObjectRef object() const {
    ScaledObjectRef ref{.name = text_or(one_, "name", "so"),
                        .ns = text_or(one_, "namespace", "ns")};
    for (const auto& entry : json::find(one_, "metadata")->get_object()) {
      ref.metadata.emplace(entry.key(), std::string(entry.value().get_string()));
    }
    return ref;
  }

  static json::Value error_text(const Error& error) {
    return error.code == Code::invalid       ? "error:INVALID_ARGUMENT"
           : error.code == Code::unavailable ? "error:UNAVAILABLE"
                                             : "error";
  }

  template <class T>
  static json::Value in_json(const Result<T>& result) {
    return result ? json::Value(*result) : error_text(result.error());
  }

  json::Value value() {
    const auto answer = scaler_.metric_value({.object = object(), .metric_name = "x"});
    return answer ? json::Value(answer->value) : error_text(answer.error());
  }

  json::Value spec() {
    const auto answer = scaler_.metric_spec(object());
    if (!answer) return error_text(answer.error());
    return json::Object{{"specs", 1},
                        {"metricName", answer->metric_name},
                        {"targetSizeFloat", answer->target},
                        {"targetSize", static_cast<std::int64_t>(std::ceil(answer->target))}};
  }

  json::Value rest_query() {
    const json::Value& body = *json::find(one_, "body");
    const std::string text = body.is_string() ? std::string(body.get_string()) : json::print(body);
    return rest_answer(rest_.post("/memstore/query", text), {"ok", "value", "error"});
  }

  // The members that the cases compare: of the error, only whether there is one.
  static json::Value rest_answer(const net::http::Response& response,
                                 std::initializer_list<std::string_view> members) {
    json::Object answer{{"status", response.status}};
    if (response.status != 200) return answer;
    const auto body = json::parse(response.body);
    for (const auto member : members) answer[member] = *json::find(*body, member);
    if (auto* error = answer.if_contains("error")) *error = !error->get_string().empty();
    return answer;
  }

  const json::Value& one_;
  testing::RestFixture rest_;
  ExternalScaler scaler_;
};

bool agree(const json::Value& got, const json::Value& want, double tolerance) {
  if (got.is_number() && want.is_number()) {
    const double a = got.to_number<double>();
    const double b = want.to_number<double>();
    return std::abs(a - b) <= tolerance * std::max(std::abs(b), 1e-6);
  }
  if (!got.is_object() || !want.is_object()) return got == want;
  return std::ranges::all_of(want.get_object(), [&](const auto& member) {
    const auto* mine = json::find(got, std::string_view(member.key()));
    return mine != nullptr && agree(*mine, member.value(), tolerance);
  });
}

TEST(OtelAddonCases, AllAgree) {
  std::ifstream in(file);
  const auto cases = json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
  ASSERT_TRUE(cases) << cases.error().what;
  ASSERT_GT(cases->get_array().size(), 100u);
  for (const auto& one : cases->get_array()) {
    const auto got = Replay(one).answer();
    const auto& want = *json::find(one, "want");
    EXPECT_TRUE(agree(got, want, json::number_at(one, "tolerance").value_or(default_tolerance)))
        << *json::text_at(one, "id") << " (" << *json::text_at(one, "note")
        << "): " << json::print(got) << " instead of " << json::print(want);
  }
}

}  // namespace
}  // namespace server
