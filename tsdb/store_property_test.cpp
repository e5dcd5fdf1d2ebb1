// Random use against a model that keeps everything and computes plainly.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <regex>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using testing::Feed;
using testing::Sent;

constexpr Duration retention = std::chrono::seconds(30);
constexpr Duration wide = std::chrono::seconds(60);
constexpr std::uint64_t pods = 5;  // whose series are in several shards

struct Kept {
  double value;
  std::int64_t start;
};

struct ModelSeries {
  Sent identity;
  std::map<std::int64_t, Kept> samples;
  std::int64_t ended = 0;

  std::int64_t last() const { return samples.rbegin()->first; }
};

// The same question answered from every sample ever sent.
class Model {
 public:
  void send(const Sent& sent, Timestamp time, Timestamp start, Timestamp now) {
    auto& series = series_[key(sent)];
    if (!sent.no_recorded_value) {
      auto& reported = reported_[resource_of(sent)];
      reported = std::max(reported, std::min(time.ns, now.ns));
    }
    series.identity = sent;
    if (sent.no_recorded_value) {
      if (!series.samples.empty()) series.ended = std::max(series.ended, time.ns);
    } else {
      series.samples[time.ns] = {sent.value.number(), start.ns};
    }
  }

  // A series is forgotten with its last sample.
  void forget(Timestamp now) {
    std::erase_if(series_, [&](const auto& entry) {
      const ModelSeries& series = entry.second;
      if (series.samples.empty()) return true;
      const Duration kept = series.identity.metric == "counter" ? wide : retention;
      if (series.last() >= (now - kept).ns) return false;
      departed_.push_back(series);
      return true;
    });
  }

  // Whether nothing can follow: of a question that has no value and was asked from the beginning.
  bool ended(const Question& question, Timestamp now) const {
    const Duration window = question.window.value_or(retention);
    std::vector<const ModelSeries*> fed;
    const auto add = [&](const ModelSeries& series) {
      if (!series.samples.empty() && asked_for(question, series)) fed.push_back(&series);
    };
    for (const auto& [id, series] : series_) add(series);
    for (const auto& series : departed_) add(series);
    if (fed.empty()) return false;
    const std::int64_t newest = std::ranges::max(fed, {}, &ModelSeries::last)->last();
    return std::ranges::all_of(fed, [&](const ModelSeries* series) {
      return series->last() < newest - window.count() || is_over(*series, window, now);
    });
  }

  // nullopt: no value.
  std::optional<double> ask(const Question& question, Timestamp now) const {
    const std::int64_t from = (now - question.window.value_or(retention)).ns;
    std::vector<double> values;
    for (const auto& [id, series] : series_) {
      if (!asked_for(question, series)) continue;
      const std::map window(series.samples.lower_bound(from), series.samples.end());
      if (const auto value = over_time(question.operation, series, window))
        values.push_back(*value);
    }
    if (values.empty()) return std::nullopt;
    double sum = 0;
    for (const double value : values) sum += value;
    switch (question.query.aggregation) {
      case Aggregation::sum:
        return sum;
      case Aggregation::avg:
        return sum / static_cast<double>(values.size());
      case Aggregation::min:
        return *std::ranges::min_element(values);
      case Aggregation::max:
        return *std::ranges::max_element(values);
      case Aggregation::count:
        return static_cast<double>(values.size());
    }
    return std::nullopt;
  }

 private:
  static std::string resource_of(const Sent& sent) {
    std::string key;
    for (const auto& label : sent.resource) key += "/" + label.name + "=" + label.value;
    return key;
  }

  static std::string key(const Sent& sent) {
    std::string key = sent.metric;
    for (const auto& label : sent.attributes) key += "|" + label.name + "=" + label.value;
    return key + resource_of(sent);
  }

  static bool asked_for(const Question& question, const ModelSeries& series) {
    return series.identity.metric == question.query.metric &&
           matches(series, question.query.matchers);
  }

  bool is_over(const ModelSeries& series, Duration window, Timestamp now) const {
    const std::int64_t last = series.last();
    if (series.ended > last) return true;
    if (series.identity.temporality != Temporality::delta) return false;
    const std::int64_t reported = reported_.at(resource_of(series.identity));
    const std::int64_t from = (now - window).ns;
    return last < from && reported >= from && reported - last >= window.count();
  }

  static std::string label(const Sent& sent, const std::string& name) {
    for (const auto& label : sent.attributes)
      if (label.name == name) return label.value;
    for (const auto& label : sent.resource)
      if (label.name == name) return label.value;
    return "";
  }

  static bool matches(const ModelSeries& series, const std::vector<Matcher>& matchers) {
    return std::ranges::all_of(matchers, [&series](const Matcher& matcher) {
      const std::string value = label(series.identity, matcher.label);
      switch (matcher.type) {
        case MatchType::equal:
          return value == matcher.value;
        case MatchType::not_equal:
          return value != matcher.value;
        case MatchType::regex:
          return std::regex_match(value, compiled(matcher.value));
        case MatchType::not_regex:
          return !std::regex_match(value, compiled(matcher.value));
      }
      return false;
    });
  }

  static const std::regex& compiled(const std::string& pattern) {
    static std::map<std::string, std::regex> cache;
    return cache.try_emplace(pattern, pattern).first->second;
  }

  static std::optional<double> over_time(Operation operation, const ModelSeries& series,
                                         const std::map<std::int64_t, Kept>& window) {
    if (window.empty()) return std::nullopt;
    std::vector<double> values;
    for (const auto& [time, kept] : window) values.push_back(kept.value);
    double sum = 0;
    for (const double value : values) sum += value;
    switch (operation) {
      case Operation::last_one:
        return series.ended > window.rbegin()->first ? std::nullopt : std::optional(values.back());
      case Operation::min:
        return *std::ranges::min_element(values);
      case Operation::max:
        return *std::ranges::max_element(values);
      case Operation::avg:
        return sum / static_cast<double>(values.size());
      case Operation::count:
        return static_cast<double>(values.size());
      case Operation::rate:
        return rate(series, window);
    }
    return std::nullopt;
  }

  static std::optional<double> rate(const ModelSeries& series,
                                    const std::map<std::int64_t, Kept>& window) {
    if (window.size() < 2) return std::nullopt;
    const bool delta = series.identity.temporality == Temporality::delta;
    const bool counter = series.identity.kind == Kind::sum && series.identity.monotonic && !delta;
    const double span = static_cast<double>(window.rbegin()->first - window.begin()->first) / 1e9;
    if (counter && overlapping(window)) return increase_of_streams(window) / span;
    double total = 0;
    for (auto after = std::next(window.begin()); after != window.end(); ++after) {
      const Kept& a = std::prev(after)->second;
      const Kept& b = after->second;
      const bool anew = counter && (b.value < a.value || (a.start != 0 && b.start > a.start));
      total += delta || anew ? b.value : b.value - a.value;
    }
    return total / span;
  }

  // Whether some start comes after a later one.
  static bool overlapping(const std::map<std::int64_t, Kept>& window) {
    std::int64_t latest = 0;
    for (const auto& [time, kept] : window) {
      if (kept.start != 0 && kept.start < latest) return true;
      latest = std::max(latest, kept.start);
    }
    return false;
  }

  // Each start counts for itself; one that began in the window counts from 0.
  static double increase_of_streams(const std::map<std::int64_t, Kept>& window) {
    std::map<std::int64_t, double> last;
    double total = 0;
    for (const auto& [time, kept] : window) {
      const auto known = last.find(kept.start);
      const bool whole = known == last.end() ? !last.empty() && kept.start >= window.begin()->first
                                             : kept.value < known->second;
      if (whole) total += kept.value;
      if (!whole && known != last.end()) total += kept.value - known->second;
      last[kept.start] = kept.value;
    }
    return total;
  }

  std::map<std::string, ModelSeries> series_;
  std::vector<ModelSeries> departed_;             // every one ever
  std::map<std::string, std::int64_t> reported_;  // newest sample by resource
};

struct Asked {
  Question question;
  Answer heard;
};

class Play {
 public:
  Play(unsigned seed, std::size_t shards)
      : random_(seed), feed_({.retention = retention}, {}, shards) {
    const char* const queries[] = {"sum(gauge)",
                                   "avg(gauge{k=\"1\"})",
                                   "min(counter{k!=\"1\"})",
                                   "max(delta{k=~\"[01]\"})",
                                   "count(counter{pod!~\"p0\"})",
                                   "sum(counter)",
                                   "sum(delta)",
                                   "sum(delta{pod=\"p1\"})",
                                   "max(never)"};
    for (const char* query : queries) {
      for (const char* operation : {"last_one", "min", "max", "avg", "count", "rate"}) {
        ask(query, operation, std::nullopt);
        ask(query, operation, std::string_view(query).contains("counter") ? wide : retention / 3);
      }
    }
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) step();
  }
  int endings() const { return endings_; }

 private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  void ask(const char* query, const char* operation, std::optional<Duration> window) {
    asked_.push_back(
        std::make_unique<Asked>(Asked{.question = testing::question(query, operation, window)}));
    auto* one = asked_.back().get();
    feed_.store.subscribe(
        one->question, [one](const Answer& answer) { one->heard = answer; }, feed_.now);
  }

  void step() {
    if (pick(30) == 0) no_deltas_until_ = feed_.now + std::chrono::seconds(pick(90));
    for (std::uint64_t i = pick(9); i > 0; --i) send();
    feed_.store.publish(feed_.now);
    feed_.pass(std::chrono::milliseconds(pick(20) == 0 ? pick(70'000) : pick(3000)));
    model_.forget(feed_.now);
    for (const auto& one : asked_) check(*one);
  }

  void send() {
    Sent sent{
        .metric = "gauge",
        .value = pick(2) ? Value::of_int(static_cast<std::int64_t>(pick(100)) - 20)
                         : Value::of(static_cast<double>(pick(1000)) / 8),
        .ago = pick(4) ? static_cast<double>(pick(1000)) / 1000 : static_cast<double>(pick(80)),
        .attributes = {{"k", std::to_string(pick(3))}},
        .resource = {{"pod", "p" + std::to_string(pick(pods))}},
        .no_recorded_value = pick(12) == 0};
    const auto kind = pick(feed_.now < no_deltas_until_ ? 2 : 3);
    if (kind == 1) sent = testing::counter(sent);
    if (kind == 2) sent.temporality = Temporality::delta;
    if (kind == 2) sent.kind = Kind::sum;
    if (kind > 0) sent.metric = kind == 1 ? "counter" : "delta";
    if (kind > 0) sent.start_ago = start_ago();
    const Appended outcome = feed_.send(sent, pick(2) ? testing::By::digest : testing::By::labels);
    if (outcome == Appended::too_old) return;
    model_.send(sent, feed_.before(sent.ago),
                sent.start_ago == 0 ? Timestamp{} : feed_.before(sent.start_ago), feed_.now);
  }

  // Three senders that began long ago, and one that begins anew every 20 seconds.
  double start_ago() {
    const double since = base::seconds(feed_.now - began_);
    const auto sender = pick(4);
    const double ago = sender == 0 ? 1 + std::fmod(since, 20) : since + 100.0 * sender;
    return ago + 0.0005;  // which whole milliseconds are cut to
  }

  void check(const Asked& one) {
    SCOPED_TRACE(to_string(one.question.query) + " " +
                 std::string(to_string(one.question.operation)));
    const Answer fresh = feed_.store.evaluate(one.question, feed_.now);
    // What is remembered may be stale where a fresh answer is absent; all else is equal.
    if (fresh.state == Answer::State::absent) {
      EXPECT_NE(one.heard.state, Answer::State::value);
    } else {
      EXPECT_EQ(one.heard.state, fresh.state);
      EXPECT_EQ(one.heard.newest, fresh.newest);
    }
    EXPECT_NEAR(one.heard.value, fresh.value, 1e-9);
    EXPECT_EQ(one.heard.series, fresh.series);
    EXPECT_EQ(one.heard.matched, fresh.matched);
    const auto plain = model_.ask(one.question, feed_.now);
    EXPECT_EQ(fresh.state == Answer::State::value, plain.has_value());
    const bool stale = one.heard.state == Answer::State::stale;
    EXPECT_EQ(one.heard.ended, stale && model_.ended(one.question, feed_.now));
    if (one.heard.ended) ++endings_;
    EXPECT_NEAR(fresh.value, plain.value_or(0), 1e-9 * std::max(1.0, std::abs(fresh.value)));
  }

  std::mt19937_64 random_;
  Feed feed_;
  const Timestamp began_ = feed_.now;
  Model model_;
  std::vector<std::unique_ptr<Asked>> asked_;
  Timestamp no_deltas_until_;
  int endings_ = 0;
};

TEST(StoreProperty, StandingAnswersEqualFreshOnesAndAPlainModel) {
  const char* given = std::getenv("SEED");
  const unsigned seed = given ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  for (const std::size_t shards : {1, 4}) {
    SCOPED_TRACE(std::to_string(shards) + " shards");
    Play play(seed, shards);
    play.run(600);
    EXPECT_GT(play.endings(), 0);
  }
}

}  // namespace
}  // namespace tsdb
