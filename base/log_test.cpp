#include "base/log.h"

#include <gtest/gtest.h>

#include <vector>

namespace base {
namespace {

TEST(Log, WritesTextForPeopleAndJsonForMachines) {
  std::vector<std::string> lines;
  const auto keep = [&lines](std::string_view line) { lines.emplace_back(line); };
  const auto text = Log::to(LogLevel::info, LogFormat::text, keep).with("tsdb");
  text.debug("hidden");
  text.info("series dropped", {{"count", 3}, {"why", "a \"limit\""}, {"ok", true}});
  Log::to(LogLevel::info, LogFormat::json, keep).warn("line\nbreak", {{"rate", 0.5}});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].substr(24),
            " info  tsdb: series dropped count=3 why=\"a \\\"limit\\\"\" ok=true");
  EXPECT_NE(lines[1].find(R"("level":"warn","message":"line\nbreak","rate":0.5})"),
            std::string::npos);
}

}  // namespace
}  // namespace base
