#pragma once

// What is wrong or odd about manifests. Pure.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kube/manifest.h"

namespace cli {

enum class Severity : std::uint8_t { error, warning };

struct Finding {
  Severity severity = Severity::error;
  kube::ManifestProblem problem;
};

// Who asks.
enum class Purpose : std::uint8_t {
  run,    // whatever this program cannot do is an error
  check,  // what KEDA would take and this program does not do yet is a warning
};

// What control::compile() says of a ScaledObject, with a suggestion for each name that is nearly
// right: trigger types, metadata keys. Empty for other kinds.
std::vector<Finding> compile_findings(const kube::Manifest& manifest, Purpose purpose,
                                      std::span<const std::string> own_scaler_addresses);

// What the API server's validation says of a valid HorizontalPodAutoscaler's fields, after
// defaulting, as of Kubernetes 1.36. Empty for other kinds.
std::vector<Finding> hpa_findings(const kube::Manifest& manifest);

// What is odd about one valid object by itself: annotations that nobody reads, and of a
// ScaledObject settings that have no effect, in the words of KEDA's webhook. All are warnings.
std::vector<Finding> oddities(const kube::Manifest& manifest);

}  // namespace cli
