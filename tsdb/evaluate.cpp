#include "tsdb/evaluate.h"

#include <cmath>

#include "tsdb/over_time.h"

namespace tsdb {
namespace {

Answer::State state_of(const Fold& fold, double value, std::size_t matched) {
  if (fold.count > 0)
    return std::isfinite(value) ? Answer::State::value : Answer::State::not_a_number;
  return matched > 0 && !fold.alive ? Answer::State::stale : Answer::State::absent;
}

}  // namespace

Contribution contribution_of(Operation operation, const Series& series, Duration window,
                             Timestamp now) {
  const bool looks_back = operation != Operation::last_one;
  const auto samples = series.samples.since(now - window);
  Contribution one{.newest = series.newest()};
  if (samples.empty()) return one;
  one.alive = !series.has_ended();
  one.good_until = (looks_back ? samples.front() : samples.back()).time() + window;
  if (const auto value = over_time(operation, series, samples)) {
    one.value = *value;
    one.counts = true;
  }
  return one;
}

Evaluation answer_of(Aggregation aggregation, const Fold& fold, std::size_t matched) {
  const double value = fold.count > 0 ? fold.result(aggregation) : 0;
  Evaluation out;
  out.answer.newest = fold.newest;
  out.answer.matched = static_cast<std::uint32_t>(matched);
  out.answer.series = fold.count;
  out.answer.state = state_of(fold, value, matched);
  out.answer.value = out.answer.state == Answer::State::value ? value : 0;
  if (fold.good_until != Contribution::never) out.good_until = fold.good_until;
  return out;
}

Evaluation evaluate(const Question& question, std::span<Series* const> series, Duration window,
                    Timestamp now) {
  Fold fold;
  for (const Series* one : series) fold.add(contribution_of(question.operation, *one, window, now));
  Evaluation out = answer_of(question.query.aggregation, fold, series.size());
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
