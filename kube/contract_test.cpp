#include "kube/testing/contract.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/clock.h"
#include "base/file.h"
#include "kube/https_transport.h"
#include "yaml/yaml.h"

// The contract, asked of a real API server over HTTPS: the one that the kubeconfig file named by
// TIDEWHEEL_TEST_KUBECONFIG leads to. Its controllers must not run Deployments (garbage collection
// and namespaces are enough).

namespace kube::testing {
namespace {

constexpr Resource definitions{"apiextensions.k8s.io", "v1", "customresourcedefinitions",
                               "CustomResourceDefinition", false};

const char* kubeconfig_path() {
  return std::getenv("TIDEWHEEL_TEST_KUBECONFIG");
}

Result<std::string> read(const std::string& path) {
  return base::read_file(path, 1u << 20);
}

Access access() {
  const std::filesystem::path path = kubeconfig_path();
  auto found = read_kubeconfig(read(path).value(), &read, {.folder = path.parent_path().string()});
  EXPECT_TRUE(found) << found.error().what;
  return std::move(found).value();
}

class RealServer final : public TestCluster {
 public:
  RealServer() { define_scaled_objects(); }

  base::Loop& loop() override { return loop_; }
  Transport& transport() override { return *transport_; }
  Side side() const override { return Side::real; }

 private:
  // Once per run; a definition is served a moment after it is made.
  void define_scaled_objects() {
    static bool defined = false;
    if (std::exchange(defined, true)) return;
    const auto text = read(TIDEWHEEL_SOURCE "/kube/testdata/crds/scaledobjects.yaml");
    json::Value definition = yaml::parse(text.value()).documents.at(0).value;
    Client client(*transport_);
    const auto made = await(loop_, client.apply(definitions, {"", "scaledobjects.keda.sh"},
                                                std::move(definition), "tidewheel-test"));
    EXPECT_TRUE(made) << made.error().what;
    const Instant end = clock_.steady() + std::chrono::seconds(60);
    while (!await(loop_, client.list(scaled_objects)) && clock_.steady() < end) {
      (void)await(loop_, base::sleep_for(std::chrono::milliseconds(50)));
    }
  }

  base::Loop loop_;
  base::SystemClock clock_;
  std::unique_ptr<HttpsTransport> transport_ =
      HttpsTransport::make(access(), &read, clock_, Log{}).value();
};

std::unique_ptr<TestCluster> make_real() {
  return std::make_unique<RealServer>();
}

std::vector<MakeCluster> clusters() {
  if (kubeconfig_path() == nullptr) return {};
  return {&make_real};
}

// Without a server there is nobody to ask; AnswersTheContract says so.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Contract);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(OwnerContract);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ScaleContract);
INSTANTIATE_CONTRACT(RealServer, ::testing::ValuesIn(clusters()));

TEST(RealServer, AnswersTheContract) {
  if (kubeconfig_path() == nullptr) {
    GTEST_SKIP() << "needs a control plane: tools/test_stages.py control_plane starts one";
  }
  const auto server = make_real();
  Client client(server->transport());
  EXPECT_TRUE(await(server->loop(), client.get(namespaces, {"", "default"})));
}

}  // namespace
}  // namespace kube::testing
