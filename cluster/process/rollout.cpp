#include "cluster/process/rollout.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

namespace cluster::process {
namespace {

using Pods = std::vector<PodView>;

constexpr std::int32_t surge = 1;

std::int32_t count(const Pods& pods) {
  return static_cast<std::int32_t>(pods.size());
}

std::int32_t count_ready(const Pods& pods) {
  return static_cast<std::int32_t>(std::ranges::count(pods, true, &PodView::ready));
}

void append_names(std::vector<std::string>& names, std::span<const PodView> pods) {
  for (const auto& pod : pods) names.push_back(pod.name);
}

// The old pods that may go while at least `replicas` stay ready: all that are not ready, and the
// newest of the others.
std::vector<std::string> replaceable(const Pods& old, std::int32_t replicas,
                                     std::int32_t fresh_ready) {
  std::vector<std::string> names;
  std::int32_t spare = count_ready(old) + fresh_ready - replicas;
  for (const auto& pod : old) {
    if (!pod.ready || spare-- > 0) names.push_back(pod.name);
  }
  return names;
}

Rollout roll(std::int32_t replicas, const Pods& old, const Pods& fresh) {
  Rollout plan{.stop = replaceable(old, replicas, count_ready(fresh))};
  const auto kept_old = count(old) - static_cast<std::int32_t>(plan.stop.size());
  const auto surplus = std::clamp(count(fresh) - replicas, 0, count(fresh));
  append_names(plan.stop, std::span(fresh).first(static_cast<std::size_t>(surplus)));
  const auto room = replicas + (kept_old > 0 ? surge : 0) - kept_old - count(fresh);
  plan.start = std::clamp(room, 0, std::max(0, replicas - count(fresh)));
  return plan;
}

}  // namespace

Rollout plan_rollout(std::int32_t replicas, Strategy strategy, std::vector<PodView> pods) {
  std::ranges::sort(pods, std::greater{}, &PodView::order);
  const bool old_stopping =
      std::ranges::any_of(pods, [](const PodView& p) { return p.stopping && !p.fresh; });
  std::erase_if(pods, &PodView::stopping);
  Pods old;
  Pods fresh;
  for (auto& pod : pods) (pod.fresh ? fresh : old).push_back(std::move(pod));
  if (strategy == Strategy::rolling) return roll(replicas, old, fresh);

  Rollout plan = roll(replicas, {}, fresh);
  append_names(plan.stop, old);
  if (!old.empty() || old_stopping) plan.start = 0;
  return plan;
}

}  // namespace cluster::process
