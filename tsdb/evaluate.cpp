#include "tsdb/evaluate.h"

#include <algorithm>
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

Evaluation answer_of(Aggregation aggregation, const PartialAnswer& all) {
  const Fold& fold = all.fold;
  const double value = fold.count > 0 ? fold.result(aggregation) : 0;
  Evaluation out;
  out.answer.newest = fold.newest;
  out.answer.matched = all.matched;
  out.answer.series = fold.count;
  out.answer.state = state_of(fold, value, all.matched);
  out.answer.value = out.answer.state == Answer::State::value ? value : 0;
  if (fold.good_until != Contribution::never) out.good_until = fold.good_until;
  return out;
}

PartialAnswer partial_answer(const Question& question, std::span<Series* const> series,
                             Duration window, Timestamp now) {
  PartialAnswer out{.matched = static_cast<std::uint32_t>(series.size())};
  for (const Series* one : series)
    out.fold.add(contribution_of(question.operation, *one, window, now));
  if (out.fold.count > 0) return out;
  Silence silence(window, now);
  silence.add(series);
  out.present = silence.evidence();
  return out;
}

PartialAnswer merged(std::span<const PartialAnswer> parts) {
  PartialAnswer all;
  all.exact = std::ranges::any_of(parts, &PartialAnswer::exact);
  for (const PartialAnswer& part : parts) {
    all.departed.add(part.departed);
    if (part.exact != all.exact) continue;
    all.fold.add(part.fold);
    all.matched += part.matched;
    all.present.add(part.present);
  }
  return all;
}

void explain_silence(Evaluation& stale, const PartialAnswer& all, const Lookback& back,
                     Timestamp now) {
  Evidence evidence = all.present;
  evidence.add(all.departed);
  const bool heard_enough = back.kept_since <= now - 2 * back.window;
  stale.answer.ended = heard_enough && evidence.says_ended(back.window);
  // Nobody tells when another series of a resource gets a point, so every tick looks, also one in
  // the same moment.
  if (evidence.watches_resources || !heard_enough) stale.good_until = now - Duration{1};
}

}  // namespace tsdb
