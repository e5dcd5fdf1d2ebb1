#include "tsdb/evaluate.h"

#include <algorithm>
#include <cmath>

#include "tsdb/over_time.h"

namespace tsdb {
namespace {

// Folds one value per series into one. A long double neither overflows on sums of doubles nor
// depends noticeably on order.
class Fold {
 public:
  void add(long double value) {
    ++count_;
    sum_ += value;
    min_ = count_ == 1 ? value : std::min(min_, value);
    max_ = count_ == 1 ? value : std::max(max_, value);
  }

  std::uint32_t count() const { return count_; }

  double result(Aggregation aggregation) const {
    if (aggregation == Aggregation::count) return count_;
    if (std::isnan(sum_))
      return std::nan("");  // one NaN is enough, whatever min and max made of it
    switch (aggregation) {
      case Aggregation::avg:
        return static_cast<double>(sum_ / static_cast<long double>(count_));
      case Aggregation::min:
        return static_cast<double>(min_);
      case Aggregation::max:
        return static_cast<double>(max_);
      default:
        return static_cast<double>(sum_);
    }
  }

 private:
  std::uint32_t count_ = 0;
  long double sum_ = 0;
  long double min_ = 0;
  long double max_ = 0;
};

Answer::State state_of(const Fold& fold, double value, bool alive, std::uint32_t matched) {
  if (fold.count() > 0)
    return std::isfinite(value) ? Answer::State::value : Answer::State::not_a_number;
  return matched > 0 && !alive ? Answer::State::stale : Answer::State::absent;
}

}  // namespace

Evaluation evaluate(const Question& question, std::span<Series* const> series, Duration window,
                    Timestamp now) {
  const Timestamp from = now - window;
  const bool looks_back = question.operation != Operation::last_one;
  Evaluation out;
  Fold fold;
  bool alive = false;  // some series is in the window and goes on
  for (const Series* one : series) {
    const auto samples = one->samples.since(from);
    out.answer.newest = std::max(out.answer.newest, one->newest());
    if (samples.empty()) continue;
    alive = alive || !one->has_ended();
    const Timestamp leaves = (looks_back ? samples.front() : samples.back()).time() + window;
    out.good_until = std::min(out.good_until.value_or(leaves), leaves);
    if (const auto value = over_time(question.operation, *one, samples)) fold.add(*value);
  }
  const double value = fold.count() > 0 ? fold.result(question.query.aggregation) : 0;
  out.answer.matched = static_cast<std::uint32_t>(series.size());
  out.answer.series = fold.count();
  out.answer.state = state_of(fold, value, alive, out.answer.matched);
  out.answer.value = out.answer.state == Answer::State::value ? value : 0;
  if (out.answer.state == Answer::State::stale) {
    Silence silence(window, now);
    silence.add(series);
    explain_silence(out, silence, now);
  }
  return out;
}

void explain_silence(Evaluation& stale, const Silence& silence, Timestamp now) {
  stale.answer.ended = silence.ended();
  // Nobody tells when another series of a resource gets a point, so every tick looks, also one in
  // the same moment.
  if (silence.watches_resources()) stale.good_until = now - Duration{1};
}

}  // namespace tsdb
