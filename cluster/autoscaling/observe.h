#pragma once

// What a pass reads when metrics decide: the pods under the target's selector, and every metric.

#include <string>
#include <vector>

#include "base/task.h"
#include "cluster/autoscaling/metric_sources.h"
#include "kube/client.h"
#include "kube/label_selector.h"
#include "kube/meta.h"
#include "scale/hpa/reconcile.h"

namespace cluster::autoscaling {

struct SelectedPods {
  std::vector<scale::hpa::Pod> pods;
  std::vector<kube::TextMap> labels;  // of each
};

// Errors: those of the client.
Task<Result<SelectedPods>> select_pods(kube::Client& client, std::string ns,
                                       kube::LabelSelector selector);

// Asks for each metric what its type needs. What cannot be read is an error of that metric's
// reading; Pods and Object metrics have no source here.
scale::hpa::Observations observe(const scale::hpa::Spec& spec, const std::string& ns,
                                 std::vector<scale::hpa::Pod> pods, const MetricSources& sources);

}  // namespace cluster::autoscaling
