#include "cluster/process/rollout.h"

#include <gtest/gtest.h>

namespace cluster::process {
namespace {

// "r" ready, "n" not ready, "s" stopping; upper case: of an old template. Oldest first; named by
// letter and place.
std::vector<PodView> pods(std::string_view text) {
  std::vector<PodView> out;
  for (const char c : text) {
    const char kind = static_cast<char>(std::tolower(c));
    const auto order = static_cast<std::uint64_t>(out.size());
    out.push_back(
        {std::string(1, c) + std::to_string(order), order, kind == c, kind == 'r', kind == 's'});
  }
  return out;
}

TEST(Rollout, StopsAndStarts) {
  using enum Strategy;
  struct Case {
    const char* name;
    std::int32_t replicas;
    Strategy strategy;
    const char* pods;
    Rollout want;
  };
  const Case cases[] = {
      {"nothing to do", 2, rolling, "rr", {}},
      {"from nothing", 3, rolling, "", {{}, 3}},
      {"to nothing, newest first", 0, rolling, "rrr", {{"r2", "r1", "r0"}, 0}},
      {"up", 5, rolling, "rr", {{}, 3}},
      {"down takes the newest, ready or not", 1, rolling, "nrr", {{"r2", "r1"}, 0}},
      {"starting ones count", 3, rolling, "rnn", {}},
      {"stopping ones do not", 2, rolling, "rs", {{}, 1}},

      {"rolling begins with one more", 3, rolling, "RRR", {{}, 1}},
      {"rolling waits for the new one", 3, rolling, "RRRn", {}},
      {"rolling stops the newest old one", 3, rolling, "RRRr", {{"R2"}, 1}},
      {"rolling goes on while the old one stops", 3, rolling, "RRSr", {{}, 1}},
      {"rolling ends", 3, rolling, "Rrrr", {{"R0"}, 0}},
      {"old ones that are not ready go at once", 3, rolling, "NNR", {{"N1", "N0"}, 3}},
      {"all of them", 3, rolling, "NNN", {{"N2", "N1", "N0"}, 3}},
      {"fewer wanted during a rollout", 1, rolling, "RRRn", {{"R2", "R1"}, 0}},
      {"none wanted during a rollout", 0, rolling, "RRn", {{"R1", "R0", "n2"}, 0}},
      {"more wanted during a rollout", 5, rolling, "RRr", {{}, 3}},

      {"recreate stops all old ones", 2, recreate, "RN", {{"N1", "R0"}, 0}},
      {"recreate waits until they are gone", 2, recreate, "RS", {{"R0"}, 0}},
      {"recreate waits for the last", 2, recreate, "SS", {}},
      {"recreate then starts", 2, recreate, "", {{}, 2}},
      {"recreate does not wait for new ones that stop", 2, recreate, "rs", {{}, 1}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Rollout got = plan_rollout(c.replicas, c.strategy, pods(c.pods));
    EXPECT_EQ(got.stop, c.want.stop);
    EXPECT_EQ(got.start, c.want.start);
  }
}

}  // namespace
}  // namespace cluster::process
