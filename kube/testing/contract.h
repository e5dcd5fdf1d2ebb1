#pragma once

// What we rely on in a Kubernetes API, asked through kube::Client alone: the embedded cluster and a
// real API server must both pass; where they differ on purpose, contract/differences.h says so.
// Include it in one test file and instantiate it:
//
//   INSTANTIATE_CONTRACT(Embedded, ::testing::Values(&make_my_cluster));

#include "kube/testing/contract/apply.h"
#include "kube/testing/contract/differences.h"
#include "kube/testing/contract/fixture.h"
#include "kube/testing/contract/objects.h"
#include "kube/testing/contract/reading.h"
#include "kube/testing/contract/removal.h"
#include "kube/testing/contract/subresources.h"
#include "kube/testing/contract/writes.h"

#define INSTANTIATE_CONTRACT(name, clusters)               \
  INSTANTIATE_TEST_SUITE_P(name, Contract, clusters);      \
  INSTANTIATE_TEST_SUITE_P(name, OwnerContract, clusters); \
  INSTANTIATE_TEST_SUITE_P(name, ScaleContract, clusters)
