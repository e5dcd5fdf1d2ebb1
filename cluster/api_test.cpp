#include "cluster/api.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "kube/testing/contract.h"

namespace kube::testing {
namespace {

// The embedded cluster without a journal.
class Embedded final : public TestCluster {
 public:
  base::Loop& loop() override { return loop_; }
  Transport& transport() override { return *api_; }

 private:
  base::Loop loop_;
  base::testing::FakeClock clock_;
  std::unique_ptr<cluster::Api> api_ = cluster::Api::open(nullptr, clock_, Log{}).value();
};

std::unique_ptr<TestCluster> make_embedded() {
  return std::make_unique<Embedded>();
}

INSTANTIATE_TEST_SUITE_P(Embedded, Contract, ::testing::Values(&make_embedded));

}  // namespace
}  // namespace kube::testing
