#include "kube/annotations.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "kube/trigger_types.h"

namespace kube {
namespace {

struct Case {
  const char* name;
  const char* text;
  const char* want;  // empty: nothing is odd
};

TEST(Annotations, ThatNobodyReadsAreOdd) {
  const Case cases[] = {
      {"autoscaling.keda.sh/paused", "true", ""},
      {"autoscaling.keda.sh/paused", "T", ""},
      {"autoscaling.keda.sh/paused-replicas", "3", ""},
      {"tidewheel.dev/on-stale", "hold", ""},
      {"example.com/paused", "true", ""},
      {"paused", "true", ""},
      {"autoscaling.keda.sh/paused", "yes", "\"yes\" is no boolean, which counts as true"},
      {"autoscaling.keda.sh/paused", "", "\"\" is no boolean, which counts as true"},
      {"autoscaling.keda.sh/pause", "true",
       "nobody reads this annotation, did you mean \"autoscaling.keda.sh/paused\"?"},
      {"autoscaling.keda.sh/", "true",
       "nobody reads this annotation, did you mean \"autoscaling.keda.sh/paused\"?"},
      {"autoscaling.keda.sh/something-else-entirely", "true", "nobody reads this annotation"},
      {"autoscaling.kedas.sh/paused", "true",
       "nobody reads this annotation, did you mean \"autoscaling.keda.sh/paused\"?"},
      {"tidewheel.dev/Engine", "hpa",
       "nobody reads this annotation, did you mean \"tidewheel.dev/engine\"?"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.name) + "=" + c.text);
    ObjectMeta meta;
    meta.annotations[c.name] = c.text;
    const auto odd = odd_annotations(meta);
    EXPECT_EQ(odd.empty() ? "" : odd.front().message, c.want);
  }
}

TEST(TriggerTypes, AreThoseOfKedaAndKedify) {
  EXPECT_EQ(trigger_types().size(), 80u);
  for (const std::string_view type : {"cron", "external-push", "kedify-otel", "temporal"})
    EXPECT_TRUE(std::ranges::binary_search(trigger_types(), type)) << type;
  EXPECT_EQ(did_you_mean("promtheus", trigger_types()), ", did you mean \"prometheus\"?");
  EXPECT_EQ(did_you_mean("Redis", trigger_types()), ", did you mean \"redis\"?");
  EXPECT_EQ(did_you_mean("carrier-pigeon", trigger_types()), "");
}

}  // namespace
}  // namespace kube
