#include "cluster/autoscaling/scale_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cluster/kinds.h"

namespace cluster::autoscaling {
namespace {

namespace hpa = scale::hpa;

template <class T>
using Found = std::expected<T, hpa::ScaleError>;

std::unexpected<hpa::ScaleError> unusable(hpa::ErrorKind kind, std::string what) {
  return std::unexpected(hpa::ScaleError{kind, std::move(what)});
}

// "apps/v1" is of group "apps", "v1" and nothing at all are of the core group.
Found<std::string_view> group_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  if (slash == api_version.npos) return std::string_view{};
  if (api_version.find('/', slash + 1) != api_version.npos) {
    return unusable(
        hpa::ErrorKind::spec,
        fmt::format("invalid API version in scale target reference: unexpected GroupVersion "
                    "string: {}",
                    api_version));
  }
  return api_version.substr(0, slash);
}

Found<kube::Resource> resource_of(const hpa::ObjectRef& ref) {
  TRY(const std::string_view group, group_of(ref.api_version));
  const auto kind = std::ranges::find_if(kinds, [&](const Kind& k) {
    return k.resource.group == group && k.resource.kind == ref.kind;
  });
  if (kind != kinds.end()) return kind->resource;
  return unusable(hpa::ErrorKind::internal,
                  fmt::format("unable to determine resource for scale target reference: no matches "
                              "for kind \"{}\" in group \"{}\"",
                              ref.kind, group));
}

hpa::Replicas replicas_in(const json::Value& scale, std::string_view part) {
  const json::Value* found = json::find(scale, part);
  return found ? hpa::to_replicas(json::int_at(*found, "replicas").value_or(0)) : 0;
}

std::string selector_in(const json::Value& scale) {
  const json::Value* status = json::find(scale, "status");
  return status ? json::text_at(*status, "selector").value_or("") : "";
}

json::Value with_replicas(json::Value scale, hpa::Replicas replicas) {
  if (!scale.is_object()) scale = json::Object{};
  json::Value& spec = scale.get_object()["spec"];
  if (!spec.is_object()) spec = json::Object{};
  spec.get_object()["replicas"] = replicas;
  return scale;
}

hpa::WriteAnswer answer_of(const Result<json::Value>& answer) {
  if (answer) return hpa::WriteAnswer::done;
  return answer.error().code == Code::conflict ? hpa::WriteAnswer::conflict
                                               : hpa::WriteAnswer::failed;
}

Duration pause(double jitter) {
  return std::chrono::duration_cast<Duration>(hpa::write_pause * (1 + hpa::write_jitter * jitter));
}

}  // namespace

Task<Found<ScaleTarget>> read_target(kube::Client& client, hpa::ObjectRef ref, std::string ns) {
  auto resource = resource_of(ref);
  if (!resource) co_return std::unexpected(std::move(resource).error());
  const kube::Key key{std::move(ns), std::move(ref.name)};
  auto object = co_await client.get(*resource, key, "scale");
  if (!object) co_return unusable(hpa::ErrorKind::internal, std::move(object).error().what);
  ScaleTarget target{.resource = *resource, .key = key, .object = *std::move(object)};
  target.counts = {.spec = replicas_in(target.object, "spec"),
                   .status = replicas_in(target.object, "status")};
  target.selector = selector_in(target.object);
  co_return target;
}

Task<hpa::WriteError> write_replicas(kube::Client& client, ScaleTarget target,
                                     hpa::Replicas replicas, double jitter) {
  for (int attempt = 1;; ++attempt) {
    auto written = co_await client.update(
        target.resource, target.key, with_replicas(std::move(target.object), replicas), "scale");
    if (written) co_return std::nullopt;
    if (!hpa::tries_again(answer_of(written), attempt)) co_return std::move(written).error().what;
    const auto waited = co_await base::sleep_for(pause(jitter));
    if (!waited) co_return waited.error().what;
    auto again = co_await client.get(target.resource, target.key, "scale");
    if (!again) co_return std::move(again).error().what;
    target.object = *std::move(again);
  }
}

}  // namespace cluster::autoscaling
