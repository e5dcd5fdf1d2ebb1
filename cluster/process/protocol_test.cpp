#include "cluster/process/protocol.h"

#include <gtest/gtest.h>

namespace cluster::process {
namespace {

const Spec full{.name = "web-1",
                .command = {"sh", "-c", ""},
                .env = {"A=1", "EMPTY="},
                .working_dir = "/tmp",
                .log_file = "logs/web.log",
                .log_bytes_max = 7};

TEST(Protocol, CarriesASpecUnchanged) {
  EXPECT_EQ(decode(encode(full)), Result<Spec>(full));
  const Spec least{.command = {"true"}};
  EXPECT_EQ(decode(encode(least)), Result<Spec>(least));
}

TEST(Protocol, RefusesEveryTruncationAndExcess) {
  const std::string bytes = encode(full);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode(bytes + "x"));
}

TEST(Protocol, RefusesASpecWithoutCommand) {
  EXPECT_FALSE(decode(encode(Spec{.name = "web-1"})));
}

}  // namespace
}  // namespace cluster::process
