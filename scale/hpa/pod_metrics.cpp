#include "scale/hpa/pod_metrics.h"

#include <algorithm>
#include <concepts>

namespace scale::hpa {
namespace {

// Sums of products leave 64 bits for memory of large workloads.
using Wide = __int128;

Milli narrowed(Wide value) {
  return static_cast<Milli>(std::clamp<Wide>(value, milli_min, milli_max));
}

Tally operator+(const Tally& a, const Tally& b) {
  return {.usage = add(a.usage, b.usage),
          .request = add(a.request, b.request),
          .count = a.count + b.count};
}

Tally without_usage(Tally tally) {
  tally.usage = 0;
  return tally;
}

// The pods of one question by group. `missing` carries what they are filled with on the way down.
struct Sets {
  Tally ready, unready, missing, strays;
};

Tally tally_of_strays(const Figures& figures) {
  Tally tally;
  for (const Milli value : figures.strays) tally = tally + Tally{.usage = value, .count = 1};
  return tally;
}

// fill: what a missing pod with that request counts for on the way down.
template <class RequestOf, class Fill>
Computed<Sets> sort_pods(const PodQuestion& q, RequestOf request_of_pod, Fill fill) {
  if (q.pods.empty()) return failed(FailureCode::no_pods, "the selector lists no pods");
  Sets sets{.strays = tally_of_strays(q.figures)};
  Computed<Milli> request = 0;
  for (std::size_t i = 0; i < q.pods.size(); ++i) {
    const auto& figure = q.figures.of_pods[i];
    // Every listed pod's request must be known; but no usable figure at all is said first.
    if (request) request = request_of_pod(q.pods[i]);
    const Milli amount = request.value_or(0);
    Tally one{.usage = 0, .request = amount, .count = 1};
    switch (group_of(q.pods[i], figure, q.grouping)) {
      case Group::ready:
        one.usage = figure->value;
        sets.ready = sets.ready + one;
        break;
      case Group::unready:
        sets.unready = sets.unready + one;
        break;
      case Group::missing:
        one.usage = fill(amount);
        sets.missing = sets.missing + one;
        break;
      case Group::ignored:
        break;
    }
  }
  if (sets.ready.count + sets.strays.count == 0) {
    return failed(FailureCode::no_usable_metrics,
                  "no metrics of the targeted pods (pods might be unready)");
  }
  if (!request) return std::unexpected(std::move(request).error());
  return sets;
}

// The set with unready and missing pods filled in, given the ratio without them.
Tally filled(const Tally& base, const Sets& sets, double ratio) {
  Tally all = base;
  if (ratio < 1.0) all = all + sets.missing;
  if (ratio > 1.0) all = all + without_usage(sets.missing) + sets.unready;
  return all;
}

bool turned(double before, double after) {
  return (before < 1.0 && after > 1.0) || (before > 1.0 && after < 1.0);
}

// base: the set that `ratio` was taken over. ratio_of(Tally) takes it again over a larger one;
// others: how many figures count as replicas beyond those of the set.
template <class RatioOf>
Computed<Replicas> settle(const PodQuestion& q, const Sets& sets, const Tally& base, double ratio,
                          std::int64_t others, RatioOf ratio_of) {
  const bool dampened = sets.unready.count > 0 && ratio > 1.0;
  if (!dampened && sets.missing.count == 0) {
    if (within(ratio, q.tolerance)) return q.current;
    return ceil_replicas(ratio * static_cast<double>(sets.ready.count));
  }
  const Tally all = filled(base, sets, ratio);
  TRY(const double again, ratio_of(all));
  if (within(again, q.tolerance) || turned(ratio, again)) return q.current;
  const Replicas replicas = ceil_replicas(again * static_cast<double>(all.count + others));
  const bool backwards =
      (again < 1.0 && replicas > q.current) || (again > 1.0 && replicas < q.current);
  return backwards ? q.current : replicas;
}

}  // namespace

Computed<Utilization> utilization(const Tally& tally, std::int32_t target) {
  if (tally.count == 0 || tally.request <= 0) {
    return failed(FailureCode::unmatched_metrics, "no metrics matched pods with requests");
  }
  const auto percent = to_replicas(narrowed(Wide{tally.usage} * 100 / tally.request));
  return Utilization{.ratio = static_cast<double>(percent) / static_cast<double>(target),
                     .percent = percent,
                     .average = tally.usage / tally.count};
}

Average average(const Tally& tally, Milli target) {
  const Milli cut = tally.usage / tally.count;
  return {.ratio = static_cast<double>(cut) / static_cast<double>(target), .average = cut};
}

Computed<UtilizationProposal> propose_utilization(const PodQuestion& question, std::int32_t target,
                                                  const Requested& requested) {
  const auto request = [&](const Pod& pod) { return request_of(pod, requested); };
  const auto fill = [&](Milli amount) {
    return narrowed(Wide{amount} * std::max(100, target) / 100);
  };
  TRY(const Sets sets, sort_pods(question, request, fill));
  TRY(const Utilization now, utilization(sets.ready, target));
  const auto ratio_of = [&](const Tally& tally) -> Computed<double> {
    TRY(const Utilization all, utilization(tally, target));
    return all.ratio;
  };
  // Figures without a pod have no request: they count as replicas, but in no ratio.
  TRY(const Replicas replicas,
      settle(question, sets, sets.ready, now.ratio, sets.strays.count, ratio_of));
  return UtilizationProposal{replicas, now.percent, now.average};
}

Computed<AverageProposal> propose_pod_average(const PodQuestion& question, Milli target) {
  const auto request = [](const Pod&) -> Computed<Milli> { return 0; };
  const auto fill = [&](Milli) { return target; };
  TRY(const Sets sets, sort_pods(question, request, fill));
  const Tally base = sets.ready + sets.strays;
  const Average now = average(base, target);
  const auto ratio_of = [&](const Tally& tally) -> Computed<double> {
    return average(tally, target).ratio;
  };
  TRY(const Replicas replicas, settle(question, sets, base, now.ratio, 0, ratio_of));
  return AverageProposal{replicas, now.average};
}

}  // namespace scale::hpa
