#pragma once

// A store of one shard or several with a clock that stands still, fed and asked in one line.
// Confined to one thread.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "tsdb/shards.h"

namespace tsdb::testing {

// One point as a test says it.
struct Sent {
  std::string metric;
  Value value = Value::of(0);
  double ago = 1;  // seconds before the feed's now
  Labels attributes = {};
  Labels resource = {};
  Kind kind = Kind::gauge;
  Temporality temporality = Temporality::unspecified;
  bool monotonic = false;
  double start_ago = 0;  // 0: not sent
  bool no_recorded_value = false;
  Labels scope = {};
};

// The same point of a cumulative counter.
inline Sent counter(Sent sent) {
  sent.kind = Kind::sum;
  sent.temporality = Temporality::cumulative;
  sent.monotonic = true;
  return sent;
}

inline Question question(std::string_view query, std::string_view operation = "last_one",
                         std::optional<Duration> window = {}) {
  auto parsed = parse_metric_query(query);
  const auto parsed_operation = parse_operation(operation);
  CHECK(parsed && parsed_operation);
  return {.query = std::move(*parsed), .operation = *parsed_operation, .window = window};
}

// How a point finds its series.
enum class By : std::uint8_t { labels, digest };

class Feed {
 public:
  explicit Feed(Options options = {}, Log log = {}, std::size_t shards = 1)
      : store(options, shards, std::move(log), registry) {}

  Appended send(const Sent& sent, By by = By::labels) {
    const auto attributes = views(sent.attributes);
    const auto resource = views(sent.resource);
    const auto scope = views(sent.scope);
    const SeriesView view{.metric = sent.metric,
                          .kind = sent.kind,
                          .temporality = sent.temporality,
                          .monotonic = sent.monotonic,
                          .resource = resource,
                          .scope = scope,
                          .attributes = attributes};
    const Timestamp start = sent.start_ago == 0 ? Timestamp{} : before(sent.start_ago);
    const Point point{before(sent.ago), start, sent.value, sent.no_recorded_value};
    if (by == By::labels) return store.append(view, point, now);
    const Digest digest = digest_of(view);
    return store.look(store.home_of(view.resource).shard, [&](Store& shard) {
      Series* known = nullptr;
      shard.find({&digest, 1}, {&known, 1});
      if (!known) return shard.append(view, digest, point, now);
      return shard.append(*known, shape_of(view.kind, view.temporality, view.monotonic), point,
                          now);
    });
  }

  Answer ask(std::string_view query, std::string_view operation = "last_one",
             std::optional<Duration> window = {}) const {
    return store.evaluate(question(query, operation, window), now);
  }

  void advance(Duration d) { now = now + d; }

  // Advances and ticks.
  void pass(Duration d) {
    advance(d);
    store.tick(now);
  }

  Timestamp before(double seconds) const {
    return now - Duration{static_cast<std::int64_t>(seconds * 1000) * 1'000'000};
  }

  Timestamp now{1'800'000'000'000'000'000};
  base::metrics::Registry registry;
  Shards store;

 private:
  // As a receiver makes it, from bytes of its own.
  Digest digest_of(const SeriesView& view) const {
    const auto sum = [this](std::span<const LabelView> labels) {
      Digest digest;
      for (const auto& [name, value] : labels)
        digest += store.hasher().of(std::string(name) + "=" + std::string(value));
      return digest;
    };
    return sum(view.attributes) + Hasher::sealed(sum(view.resource), Part::resource) +
           Hasher::sealed(sum(view.scope), Part::scope) +
           Hasher::sealed(store.hasher().of(view.metric), Part::metric);
  }

  static std::vector<LabelView> views(const Labels& labels) {
    std::vector<LabelView> out;
    for (const auto& label : labels) out.push_back({label.name, label.value});
    return out;
  }
};

}  // namespace tsdb::testing
