#include "cli/table.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

TEST(PrintTable, AlignsColumnsAndEndsLinesAtTheirText) {
  EXPECT_EQ(print_table({{"NAME", "REPLICAS"}, {"a-long-name", "3"}, {"b", ""}}),
            "NAME         REPLICAS\na-long-name  3\nb\n");
  EXPECT_EQ(print_table({}), "");
}

}  // namespace
}  // namespace cli
