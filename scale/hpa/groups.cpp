#include "scale/hpa/groups.h"

#include "scale/hpa/age.h"

namespace scale::hpa {
namespace {

bool is_finished(const Pod& pod) {
  return pod.deleted || pod.phase == Phase::failed || pod.phase == Phase::succeeded;
}

bool cpu_is_unready(const Pod& pod, const Figure& figure, const Grouping& grouping) {
  if (!pod.ready || !pod.started) return true;
  const bool not_ready = pod.ready->status == Readiness::Status::no;
  if (after(*pod.started, grouping.cpu_initialization) > grouping.now) {
    return not_ready || figure.at < after(pod.ready->since, figure.window);
  }
  return not_ready && after(*pod.started, grouping.initial_readiness_delay) > pod.ready->since;
}

}  // namespace

Group group_of(const Pod& pod, const std::optional<Figure>& figure, const Grouping& grouping) {
  if (is_finished(pod)) return Group::ignored;
  if (pod.phase == Phase::pending) return Group::unready;
  if (!figure) return Group::missing;
  if (grouping.resource == "cpu" && cpu_is_unready(pod, *figure, grouping)) return Group::unready;
  return Group::ready;
}

}  // namespace scale::hpa
