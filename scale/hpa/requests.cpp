#include "scale/hpa/requests.h"

#include <fmt/format.h>

#include <algorithm>

namespace scale::hpa {
namespace {

std::unexpected<Failure> missing(const Pod& pod, const Container& container,
                                 std::string_view resource) {
  return failed(FailureCode::missing_request,
                fmt::format("missing request for {} in container {} of pod {}", resource,
                            container.name, pod.name));
}

Computed<Milli> sum_of_containers(const Pod& pod, std::string_view resource) {
  Milli sum = 0;
  for (const Container& container : pod.containers) {
    const auto request = amount_of(container.requests, resource);
    if (!request) return missing(pod, container, resource);
    sum = add(sum, *request);
  }
  for (const Container& container : pod.init_containers) {
    if (!container.restart_always) continue;
    const auto request = amount_of(container.requests, resource);
    if (!request) return missing(pod, container, resource);
    sum = add(sum, *request);
  }
  return sum;
}

Computed<Milli> of_container(const Pod& pod, const Requested& requested) {
  const auto wanted = [&](const Container& c) { return c.name == requested.container; };
  const Container* found = nullptr;
  for (const Container& container : pod.init_containers) {
    if (container.restart_always && wanted(container)) found = &container;
  }
  if (const auto own = std::ranges::find_if(pod.containers, wanted); own != pod.containers.end()) {
    found = &*own;
  }
  if (!found) {
    return failed(FailureCode::container_not_found,
                  fmt::format("container {} not found in pod {}", requested.container, pod.name));
  }
  const auto request = amount_of(found->requests, requested.resource);
  if (!request) return missing(pod, *found, requested.resource);
  return *request;
}

// The effective request, as the scheduler counts it: what runs side by side, or the largest moment
// of the start, in which an init container runs beside the restartable ones before it.
std::optional<Milli> effective(const Pod& pod, std::string_view resource) {
  bool stated = false;
  const auto request = [&](const Container& container) {
    const auto amount = amount_of(container.requests, resource);
    stated = stated || amount.has_value();
    return amount.value_or(0);
  };
  Milli sidecars = 0, start = 0;
  for (const Container& container : pod.init_containers) {
    const Milli amount = request(container);
    if (container.restart_always) sidecars = add(sidecars, amount);
    start = std::max(start, container.restart_always ? sidecars : add(sidecars, amount));
  }
  Milli running = sidecars;
  for (const Container& container : pod.containers) running = add(running, request(container));
  if (!stated) return std::nullopt;
  return std::max(running, start);
}

}  // namespace

Computed<Milli> request_of(const Pod& pod, const Requested& requested) {
  if (!requested.container.empty()) return of_container(pod, requested);
  if (!requested.honour_pod_requests || pod.requests.empty()) {
    return sum_of_containers(pod, requested.resource);
  }
  if (const auto own = amount_of(pod.requests, requested.resource)) return *own;
  if (const auto amount = effective(pod, requested.resource)) return *amount;
  return failed(FailureCode::missing_request,
                fmt::format("missing request for {} in pod {}", requested.resource, pod.name));
}

}  // namespace scale::hpa
