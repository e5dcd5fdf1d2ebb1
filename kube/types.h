#pragma once

// The kinds of objects we work with, as plain values. Their from_json names the field that is
// wrong: "spec.triggers[0].metadata.targetValue: want a string, got a number". Unknown fields are
// skipped there; kube/schema.h finds them.

#include "kube/meta.h"
#include "kube/scaled_object.h"
#include "kube/workload.h"
