#include "base/metrics.h"

#include <gtest/gtest.h>

namespace base::metrics {
namespace {

TEST(Registry, RendersFamiliesInPrometheusText) {
  Registry registry;
  registry.counter("points_total", "Points.", {{"kind", "sum"}}).add(3);
  registry.counter("points_total", "Points.", {{"kind", "a\"b"}}).add();
  registry.gauge("idle", "Idle.").set(0.5);
  constexpr double bounds[] = {0.1, 1};
  auto& histogram = registry.histogram("delay_seconds", "Delay.", bounds);
  histogram.observe(0.1);
  histogram.observe(5);
  EXPECT_EQ(registry.render(),
            "# HELP delay_seconds Delay.\n# TYPE delay_seconds histogram\n"
            "delay_seconds_bucket{le=\"0.1\"} 1\ndelay_seconds_bucket{le=\"1\"} 1\n"
            "delay_seconds_bucket{le=\"+Inf\"} 2\ndelay_seconds_sum 5.1\ndelay_seconds_count 2\n"
            "# HELP idle Idle.\n# TYPE idle gauge\nidle 0.5\n"
            "# HELP points_total Points.\n# TYPE points_total counter\n"
            "points_total{kind=\"a\\\"b\"} 1\npoints_total{kind=\"sum\"} 3\n");
}

TEST(Registry, GivesTheSameSeriesForTheSameLabelsInAnyOrder) {
  Registry registry;
  auto& a = registry.counter("c", "C.", {{"x", "1"}, {"y", "2"}});
  auto& b = registry.counter("c", "C.", {{"y", "2"}, {"x", "1"}});
  EXPECT_EQ(&a, &b);
  registry.remove("c", {{"y", "2"}, {"x", "1"}});
  EXPECT_EQ(registry.render(), "");
}

}  // namespace
}  // namespace base::metrics
