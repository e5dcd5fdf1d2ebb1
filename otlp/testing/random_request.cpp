#include "otlp/testing/random_request.h"

#include <bit>
#include <limits>
#include <numeric>

namespace otlp::testing {
namespace {

// Confined to one request.
class Generator {
 public:
  explicit Generator(base::Random& random) : random_(random) {}

  Request request() {
    Request made;
    fill(made.resources, 3, [&] { return resource(); });
    return made;
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_.next() % n; }

  template <class T, class Make>
  void fill(std::vector<T>& items, std::uint64_t most, Make make) {
    for (std::uint64_t n = below(most + 1); n > 0; --n) items.push_back(make());
  }

  std::string word() {
    constexpr std::string_view words[] = {"", "a", "host.name", "größe", "\"q\"\n", "日本", "\x01"};
    return std::string(words[below(std::size(words))]) + std::to_string(below(5));
  }

  double number() {
    switch (below(6)) {
      case 0:
        return std::numeric_limits<double>::quiet_NaN();
      case 1:
        return -std::numeric_limits<double>::infinity();
      case 2:
        return std::numeric_limits<double>::infinity();
      case 3:
        return static_cast<double>(static_cast<std::int64_t>(below(2'000'000)) - 1'000'000);
      case 4:
        return random_.unit();
      default:
        return std::bit_cast<double>(random_.next());
    }
  }

  std::int64_t integer() {
    switch (below(4)) {
      case 0:
        return std::numeric_limits<std::int64_t>::min();
      case 1:
        return std::numeric_limits<std::int64_t>::max();
      case 2:
        return static_cast<std::int64_t>(below(200)) - 100;
      default:
        return static_cast<std::int64_t>(random_.next());
    }
  }

  AttributeValue value(int level) {
    AttributeValue made;
    switch (below(level < 3 ? 8 : 6)) {
      case 0:
        break;
      case 1:
        made.value = word();
        break;
      case 2:
        made.value = below(2) == 0;
        break;
      case 3:
        made.value = integer();
        break;
      case 4:
        made.value = number();
        break;
      case 5:
        made.value = Bytes{std::string(below(5), static_cast<char>(random_.next()))};
        break;
      case 6:
        fill(made.value.emplace<AttributeValue::List>(), 3, [&] { return value(level + 1); });
        break;
      default:
        fill(made.value.emplace<AttributeValue::Map>(), 3, [&] { return attribute(level + 1); });
    }
    return made;
  }

  Attribute attribute(int level) { return {word(), value(level)}; }

  std::vector<Attribute> attributes() {
    std::vector<Attribute> made;
    fill(made, 4, [&] { return attribute(0); });
    return made;
  }

  DataPoint point() {
    DataPoint made{.attributes = attributes()};
    if (below(4) != 0) made.start_ns = random_.next();
    if (below(4) != 0) made.time_ns = random_.next();
    if (const auto kind = below(5); kind < 2) {
      made.value = number();
    } else if (kind < 4) {
      made.value = integer();
    }
    made.count = below(3) == 0 ? random_.next() : below(1000);
    if (below(4) != 0) made.sum = number();
    made.no_recorded_value = below(8) == 0;
    made.exemplars = static_cast<std::uint32_t>(below(3));
    add_buckets(made);
    return made;
  }

  // Three times in four they make sense.
  void add_buckets(DataPoint& made) {
    if (below(2) == 0) made.min = number();
    if (below(2) == 0) made.max = number();
    for (std::uint64_t n = below(5), i = 0; i < n; ++i)
      made.bounds.push_back(below(12) == 0 ? number() : static_cast<double>(i));
    made.counts = counts(made.bounds.size() + (below(12) == 0 ? 0 : 1));
    made.scale = below(3) == 0 ? narrow() : static_cast<std::int32_t>(below(12)) - 2;
    made.zero_count = below(10);
    if (below(4) == 0) made.zero_threshold = below(6) == 0 ? number() : random_.unit();
    made.positive = {below(8) == 0 ? narrow() : static_cast<std::int32_t>(below(9)) - 4,
                     counts(below(5))};
    made.negative = {static_cast<std::int32_t>(below(9)) - 4, counts(below(3))};
  }

  std::int32_t narrow() { return static_cast<std::int32_t>(random_.next()); }

  std::vector<std::uint64_t> counts(std::uint64_t size) {
    std::vector<std::uint64_t> made;
    for (; size > 0; --size) made.push_back(below(16) == 0 ? random_.next() : below(100));
    return made;
  }

  // The count that its buckets add up to, most of the time.
  void add_up(Metric& made) {
    const auto total = [](const std::vector<std::uint64_t>& counts) {
      return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    };
    for (DataPoint& point : made.points) {
      if (below(8) == 0) continue;
      if (made.type == MetricType::histogram) point.count = total(point.counts);
      if (made.type == MetricType::exponential_histogram)
        point.count =
            point.zero_count + total(point.positive.counts) + total(point.negative.counts);
    }
  }

  Metric metric() {
    Metric made{.name = word(), .type = static_cast<MetricType>(below(6))};
    made.temporality = static_cast<tsdb::Temporality>(below(3));
    made.monotonic = below(2) == 0;
    fill(made.points, 4, [&] { return point(); });
    add_up(made);
    return made;
  }

  ScopeMetrics scope() {
    ScopeMetrics made{.name = word(), .version = word(), .attributes = attributes()};
    fill(made.metrics, 4, [&] { return metric(); });
    return made;
  }

  ResourceMetrics resource() {
    ResourceMetrics made{.attributes = attributes()};
    fill(made.scopes, 3, [&] { return scope(); });
    return made;
  }

  base::Random& random_;
};

}  // namespace

Request random_request(base::Random& random) {
  return Generator(random).request();
}

}  // namespace otlp::testing
