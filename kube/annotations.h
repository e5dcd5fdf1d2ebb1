#pragma once

// The annotations that KEDA and Tidewheel read. Pure.

#include <vector>

#include "kube/meta.h"
#include "kube/schema.h"

namespace kube {

// What is odd about the annotations of an object: names under a prefix of ours that nobody reads
// and names that are nearly one of ours, with a suggestion; and text that is no boolean where one
// is wanted, which KEDA takes for true.
std::vector<Problem> odd_annotations(const ObjectMeta& meta);

}  // namespace kube
