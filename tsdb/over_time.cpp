#include "tsdb/over_time.h"

#include <cmath>
#include <functional>

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

bool restarted(const Series& series, const Sample& before, const Sample& after) {
  if (after.exact() < before.exact()) return true;
  if (!series.starts.changed()) return false;
  const Timestamp start = series.starts.at(before.time());
  return start.ns != 0 && series.starts.at(after.time()) > start;
}

long double increase(const Series& series, const Sample& before, const Sample& after) {
  const bool whole = series.shape == Shape::delta ||
                     (series.shape == Shape::counter && restarted(series, before, after));
  return whole ? after.exact() : after.exact() - before.exact();
}

std::optional<long double> rate(const Series& series, std::span<const Sample> window) {
  if (window.size() < 2) return std::nullopt;
  long double total = 0;
  for (std::size_t i = 1; i < window.size(); ++i)
    total += increase(series, window[i - 1], window[i]);
  const Duration span = window.back().time() - window.front().time();
  return total / (static_cast<long double>(span.count()) / 1e9L);
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
