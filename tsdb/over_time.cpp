#include "tsdb/over_time.h"

#include <cmath>
#include <functional>

#include "tsdb/streams.h"

namespace tsdb {
namespace {

// NaN wins, whichever side it is on.
long double lesser(long double a, long double b) {
  return std::isnan(a) || a < b ? a : b;
}
long double greater(long double a, long double b) {
  return std::isnan(a) || a > b ? a : b;
}

template <class Fold>
long double folded(std::span<const Sample> window, Fold fold) {
  long double result = window.front().exact();
  for (const auto& sample : window.subspan(1)) result = fold(result, sample.exact());
  return result;
}

long double mean(std::span<const Sample> window) {
  return folded(window, std::plus<>()) / static_cast<long double>(window.size());
}

// Of a counter: a value that fell began anew.
long double growth(const Sample& before, const Sample& after) {
  const long double difference = after.exact() - before.exact();
  return difference < 0 ? after.exact() : difference;
}

long double increase(Shape shape, const Sample& before, const Sample& after) {
  if (shape == Shape::delta) return after.exact();
  return shape == Shape::counter ? growth(before, after) : after.exact() - before.exact();
}

// Of a counter with several starts.
long double increase_of_streams(const Series& series, std::span<const Sample> window) {
  using Kind = Streams::Step::Kind;
  Streams streams(*series.starts(), window.front().time());
  long double total = 0;
  for (std::size_t i = 0; i < window.size(); ++i) {
    const auto step = streams.next(window[i].time(), i);
    if (step.kind == Kind::anew) total += window[i].exact();
    if (step.kind == Kind::continues) total += growth(window[step.before], window[i]);
  }
  return total;
}

long double increase(const Series& series, std::span<const Sample> window) {
  if (series.shape == Shape::counter && series.starts())
    return increase_of_streams(series, window);
  long double total = 0;
  for (std::size_t i = 1; i < window.size(); ++i)
    total += increase(series.shape, window[i - 1], window[i]);
  return total;
}

std::optional<long double> rate(const Series& series, std::span<const Sample> window) {
  if (window.size() < 2) return std::nullopt;
  const Duration span = window.back().time() - window.front().time();
  return increase(series, window) / (static_cast<long double>(span.count()) / 1e9L);
}

}  // namespace

std::optional<long double> over_time(Operation operation, const Series& series,
                                     std::span<const Sample> window) {
  if (window.empty()) return std::nullopt;
  switch (operation) {
    case Operation::last_one:
      return series.has_ended() ? std::nullopt : std::optional(window.back().exact());
    case Operation::min:
      return folded(window, lesser);
    case Operation::max:
      return folded(window, greater);
    case Operation::avg:
      return mean(window);
    case Operation::count:
      return window.size();
    case Operation::rate:
      return rate(series, window);
  }
  return std::nullopt;
}

}  // namespace tsdb
