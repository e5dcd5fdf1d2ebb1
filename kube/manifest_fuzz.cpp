#include "kube/manifest.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "kube/annotations.h"
#include "kube/types.h"

// Every text gives objects and problems, and an object that validation lets through can be read by
// its type.

namespace {

void check_readable(const kube::Manifest& manifest) {
  CHECK(kube::validate(manifest.resource, manifest.object).empty());
  CHECK(kube::meta_from_json(manifest.object).has_value());
  if (manifest.resource == kube::deployments) {
    CHECK(kube::deployment_from_json(manifest.object).has_value());
  }
  if (manifest.resource == kube::pods) CHECK(kube::pod_from_json(manifest.object).has_value());
  if (manifest.resource == kube::scaled_objects) {
    CHECK(kube::scaled_object_from_json(manifest.object).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const kube::ManifestLimits limits{.objects_max = 100,
                                    .yaml = {.bytes_max = 1u << 16, .nodes_max = 5'000}};
  const kube::Manifests manifests = kube::parse_manifests(text, "fuzz.yaml", limits);
  for (const kube::Manifest& manifest : manifests.objects) {
    check_readable(manifest);
    CHECK(manifest.line_of("spec.triggers[0].metadata") >= manifest.line);
    (void)kube::not_honoured(manifest.resource, manifest.object);
  }
  const auto checked =
      kube::parse_manifests(text, "fuzz.yaml", limits, kube::ManifestKinds::among_others);
  CHECK(checked.objects.size() >= manifests.objects.size());
  for (const kube::Manifest& manifest : checked.objects) {
    if (const auto meta = kube::meta_from_json(manifest.object)) (void)kube::odd_annotations(*meta);
  }
  for (const kube::ManifestProblem& problem : manifests.problems)
    CHECK(!to_string(problem).empty());
  return 0;
}
