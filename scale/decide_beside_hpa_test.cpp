// What is decided while an HPA scales between 1 and N: KEDA's executor alone, row by row.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scale/testing/scenes.h"
#include "scale/words.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::ElementsAre;

const Timestamp now = at(2000s);
const Reading active = value(100);  // ten replicas' worth, which nobody decides here
const Reading inactive = value(0);

// Cooldown 300 s. Source: KEDA 2.21, the executor's decision table.
struct Row {
  const char* name;
  std::optional<Replicas> idle;
  Replicas min;
  Replicas current;
  Reading reading;
  std::optional<int> active_ago;  // seconds; none: never active
  Replicas want;
};

const Row rows[] = {
    {"0 and active: 1", {}, 0, 0, active, {}, 1},
    {"0 and active: min", {}, 3, 0, active, {}, 3},
    {"idle 0 and active: min", 0, 5, 0, active, {}, 5},
    {"idle mode, below min and active: min", 0, 5, 2, active, 10, 5},
    {"below min and active: the HPA's", {}, 5, 2, active, 10, 2},
    {"active: the HPA's", {}, 0, 4, active, 10, 4},
    {"above max: the HPA's", {}, 0, 400, active, 10, 400},
    {"inactive, cooling down: the HPA's", {}, 0, 4, inactive, 10, 4},
    {"inactive, cooled down: 0", {}, 0, 4, inactive, 301, 0},
    {"inactive, never active: 0 at once", {}, 0, 4, inactive, {}, 0},
    {"failed: nothing", {}, 0, 4, failed(), 999, 4},
    {"failed at 0: nothing", {}, 0, 0, failed(), 999, 0},
    {"inactive, below min: min at once", {}, 2, 1, inactive, 10, 2},
    {"inactive at 0, below min: min at once", {}, 2, 0, inactive, 10, 2},
    {"inactive, above min: the HPA's", {}, 2, 4, inactive, 999, 4},
    {"inactive, above idle, cooled down: idle", 0, 2, 4, inactive, 999, 0},
    {"inactive, above idle, cooling down: the HPA's", 0, 2, 4, inactive, 10, 4},
    {"inactive, at idle: stays", 1, 2, 1, inactive, 999, 1},
};

Scene scene_of(const Row& row) {
  Scene scene;
  scene.spec.hpa_scales = true;
  scene.spec.cooldown = 300s;
  scene.spec.idle = row.idle;
  scene.spec.min = row.min;
  scene.workload.replicas = row.current;
  if (row.active_ago) scene.history.last_active = now - std::chrono::seconds(*row.active_ago);
  return scene;
}

TEST(BesideAnHpa, OnlyKedasStepsAreDecided) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Scene scene = scene_of(row);
    EXPECT_EQ(scene.decide({row.reading}, now).to, row.want);
  }
}

TEST(BesideAnHpa, PausesStopEveryStep) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Scene in = scene_of(row);
    in.spec.paused_scale_in = true;
    EXPECT_EQ(in.decide({row.reading}, now).to, std::max(row.want, row.current));
    Scene out = scene_of(row);
    out.spec.paused_scale_out = true;
    EXPECT_EQ(out.decide({row.reading}, now).to, std::min(row.want, row.current));
    Scene paused = scene_of(row);
    paused.spec.paused = true;
    EXPECT_EQ(paused.decide({row.reading}, now).to, row.current);
    Scene at_seven = scene_of(row);
    at_seven.spec.paused_replicas = 7;
    EXPECT_EQ(at_seven.decide({row.reading}, now).to, 7);
  }
}

TEST(BesideAnHpa, SaysWhoScales) {
  Scene scene = scene_of({"", {}, 0, 4, active, 10, 4});
  Decision decision = scene.decide({active}, now);
  EXPECT_THAT(kinds(decision), ElementsAre(ClampKind::left_to_hpa));
  tell(decision, scene.spec);
  EXPECT_EQ(decision.reason,
            "queue-depth is 100 (target 10 per replica): 10 replicas; the HPA scales between 1 and "
            "the maximum: 4 replicas");
}

TEST(BesideAnHpa, ComesBackWhenTheCooldownEnds) {
  Scene scene = scene_of({"", {}, 0, 4, inactive, 10, 4});
  EXPECT_EQ(scene.decide({inactive}, now).again_at, now + 290s);
}

TEST(BesideAnHpa, LeavesNoPastOfItsOwn) {
  Scene scene = scene_of({"", {}, 0, 4, active, 10, 4});
  scene.decide({active}, now);
  EXPECT_FALSE(scene.history.recommended);
  EXPECT_TRUE(scene.history.highs.empty());
  EXPECT_FALSE(scene.history.window);
}

}  // namespace
}  // namespace scale
