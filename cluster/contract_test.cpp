#include "kube/testing/contract.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/testing/fake_clock.h"
#include "cluster/api.h"
#include "storage/testing/fake_journal.h"

namespace kube::testing {
namespace {

// The embedded cluster as it is after a restart: it has forgotten the changes before.
class Embedded final : public TestCluster {
 public:
  Embedded() {
    journal_.put(storage::Table::state, "cluster/resourceVersion", "1000");
    api_ = cluster::Api::open(&journal_, clock_, Log{}).value();
  }

  base::Loop& loop() override { return loop_; }
  Transport& transport() override { return *api_; }
  Side side() const override { return Side::embedded; }

 private:
  base::Loop loop_;
  base::testing::FakeClock clock_;
  storage::testing::FakeJournal journal_;
  std::unique_ptr<cluster::Api> api_;
};

std::unique_ptr<TestCluster> make_embedded() {
  return std::make_unique<Embedded>();
}

INSTANTIATE_CONTRACT(Embedded, ::testing::Values(&make_embedded));

TEST(Differences, AreInTheDocumentation) {
  std::ifstream in(TIDEWHEEL_SOURCE "/docs/embedded-api.md");
  const std::string page{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::size_t expected = 0;
  for (const DifferenceRow& row : differences) {
    EXPECT_EQ(static_cast<std::size_t>(row.difference), expected++) << row.what;
    const std::string line =
        fmt::format("| {} | {} | {} | {} |\n", row.what, row.embedded, row.real, row.why);
    EXPECT_NE(page.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace kube::testing
