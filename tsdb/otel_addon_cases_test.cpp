// What otel-add-on answered, or should have, replayed against the store: those cases that a store
// can answer by itself.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>

#include "json/json.h"
#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using testing::Feed;
using testing::Sent;

constexpr const char* file = TIDEWHEEL_SOURCE "/tests/otel_addon/cases.json";

double number_of(const json::Value& value) {
  if (value.is_string())
    return std::strtod(value.as_string().c_str(), nullptr);  // "NaN", "+Inf", big integers
  return value.to_number<double>();
}

Value value_of(const json::Value& v) {
  if (const auto* integer = json::find(v, "i")) {
    return Value::of_int(integer->is_string() ? std::stoll(integer->as_string().c_str())
                                              : integer->to_number<std::int64_t>());
  }
  const auto* real = json::find(v, "d");
  return Value::of(real ? number_of(*real) : 0);
}

// As the receiver spells attribute values that are not text.
std::string text_of(const json::Value& value, int index) {
  if (value.is_string()) {
    std::string text(value.as_string());
    if (const auto hash = text.find('#'); hash != text.npos)
      text.replace(hash, 1, std::to_string(index));
    return text;
  }
  if (const auto* integer = json::find(value, "i")) return json::print(*integer);
  if (const auto* real = json::find(value, "d")) {
    std::ostringstream out;
    out << number_of(*real);
    return out.str();
  }
  return json::print(value);
}

Labels labels_of(const json::Value* object, int index) {
  Labels labels;
  if (!object) return labels;
  for (const auto& [key, value] : object->as_object())
    labels.push_back({key, text_of(value, index)});
  return labels;
}

// Plays one case in a store of its own.
class Replay {
 public:
  explicit Replay(const json::Value& one) : one_(one), feed_(options(one)) {
    base_ = feed_.now;
    feed_.advance(std::chrono::milliseconds(500));
  }

  // A number, or one of the two errors.
  json::Value answer() {
    for (const auto& step : json::find(one_, "steps")->as_array()) play(step);
    return ask(*json::find(one_, "ask", "meta"));
  }

 private:
  static Options options(const json::Value& one) {
    Options options;
    if (const auto seconds =
            json::text_at(*json::find(one, "env"), "METRIC_STORE_RETENTION_SECONDS")) {
      options.retention = std::chrono::seconds(std::stoi(*seconds));
    }
    return options;
  }

  void play(const json::Value& step) {
    if (const auto* push = json::find(step, "push")) {
      for (const auto& metric : push->as_array()) send(metric);
      feed_.store.publish(feed_.now);
    }
    if (const auto sleep = json::int_at(step, "sleep")) feed_.pass(std::chrono::seconds(*sleep));
    if (json::text_at(step, "ask") == "RestReset") feed_.store.reset();
    if (const auto* meta = json::find(step, "meta")) ask(*meta);
  }

  void send(const json::Value& metric) {
    const auto* points = json::find(metric, "points");
    if (!points) return;
    for (const auto& point : points->as_array()) {
      const auto copies = json::int_at(point, "n").value_or(1);
      for (int k = 0; k < copies; ++k) send_point(metric, point, k);
    }
  }

  void send_point(const json::Value& metric, const json::Value& point, int k) {
    const double shift = (feed_.now - base_).count() / 1e9;
    const auto& v = *json::find(point, "v");
    Sent sent{.metric = *json::text_at(metric, "name"),
              .value = value_of(v),
              .ago = *json::number_at(point, "t") + shift,
              .attributes = labels_of(json::find(point, "a"), k),
              .resource = labels_of(json::find(metric, "res"), 0),
              .start_ago = json::number_at(point, "start").value_or(3600) + shift,
              .no_recorded_value = json::find(v, "flag") != nullptr};
    if (k > 0)
      sent.value = Value::of(sent.value.number() + k * json::number_at(point, "dv").value_or(0));
    if (json::text_at(metric, "kind") == "sum") {
      sent.kind = Kind::sum;
      sent.monotonic = json::bool_at(metric, "monotonic").value_or(true);
      sent.temporality = json::text_at(metric, "temporality") == "delta" ? Temporality::delta
                                                                         : Temporality::cumulative;
    }
    feed_.send(sent);
  }

  json::Value ask(const json::Value& meta) const {
    const auto query = parse_metric_query(json::text_at(meta, "metricQuery").value_or(""));
    const auto operation =
        parse_operation(json::text_at(meta, "operationOverTime").value_or("last_one"));
    const auto low = clamp(meta, "clampMin", -std::numeric_limits<double>::infinity());
    const auto high = clamp(meta, "clampMax", std::numeric_limits<double>::infinity());
    if (!query || !operation || !low || !high) return "error:INVALID_ARGUMENT";
    const Answer answer =
        feed_.store.evaluate({.query = *query, .operation = *operation}, feed_.now);
    if (answer.state != Answer::State::value) return "error:UNAVAILABLE";
    return std::min(std::max(answer.value, *low), *high);
  }

  static std::optional<double> clamp(const json::Value& meta, const char* key, double missing) {
    const auto text = json::text_at(meta, key);
    if (!text) return missing;
    char* end = nullptr;
    const double value = std::strtod(text->c_str(), &end);
    return *end == '\0' && !text->empty() ? std::optional(value) : std::nullopt;
  }

  const json::Value& one_;
  Timestamp base_;
  Feed feed_;
};

// Whether all that it needs is numbers and a value's question: the other types of metric, the other
// questions and what is answered for missing data belong to other folders.
bool is_of_the_store(const json::Value& one) {
  if (json::text_at(*json::find(one, "ask"), "ask") != "GetMetrics") return false;
  for (const auto& entry : json::find(one, "env")->as_object()) {
    if (std::string_view(entry.key()).contains("_IF_NOT_FOUND")) return false;
  }
  for (const auto& step : json::find(one, "steps")->as_array()) {
    const auto* push = json::find(step, "push");
    if (!push) continue;
    for (const auto& metric : push->as_array()) {
      const auto kind = json::text_at(metric, "kind");
      if (kind != "gauge" && kind != "sum") return false;
    }
  }
  return true;
}

bool agree(const json::Value& got, const json::Value& want, double tolerance) {
  if (want.is_string() || got.is_string()) return got == want;
  const double a = number_of(got);
  const double b = number_of(want);
  return std::abs(a - b) <= tolerance * std::max(std::abs(b), 1e-6);
}

TEST(OtelAddonCases, AllAgree) {
  std::ifstream in(file);
  const auto document = json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
  ASSERT_TRUE(document) << document.error().what;
  const auto& cases = json::find(*document, "cases")->as_array();
  std::size_t replayed = 0;
  for (const auto& one : cases) {
    if (!is_of_the_store(one)) continue;
    ++replayed;
    SCOPED_TRACE(*json::text_at(one, "id") + ": " + *json::text_at(one, "note"));
    const auto* right = json::find(one, "want");
    const auto& want = right ? *right : *json::find(one, "got");
    const auto got = Replay(one).answer();
    EXPECT_TRUE(agree(got, want, json::number_at(one, "tol").value_or(1e-9)))
        << json::print(got) << " instead of " << json::print(want);
  }
  std::cout << replayed << " cases replayed\n";
  EXPECT_GT(replayed, 300u);
}

}  // namespace
}  // namespace tsdb
