#include "net/grpc_status_details.h"

#include <gtest/gtest.h>

#include <string>

#include "base/base64.h"

namespace net::grpc {
namespace {

TEST(GrpcStatusDetails, SayWhenToTryAgain) {
  const auto bytes = base::decode_base64(
      retry_details({.code = 8, .message = "busy", .retry_after = std::chrono::seconds(300)}));
  ASSERT_TRUE(bytes);
  const std::string retry_info = "\x0a\x03\x08\xac\x02";  // retry_delay { seconds: 300 }
  const std::string any = "\x0a\x28type.googleapis.com/google.rpc.RetryInfo\x12\x05" + retry_info;
  EXPECT_EQ(*bytes,
            "\x08\x08\x12\x04"
            "busy\x1a\x31" +
                any);
}

TEST(GrpcStatusDetails, HaveNoPadding) {
  for (const char* message : {"", "a", "ab"}) {
    EXPECT_EQ(retry_details({.code = 8, .message = message, .retry_after = std::chrono::seconds(1)})
                  .find('='),
              std::string::npos);
  }
}

}  // namespace
}  // namespace net::grpc
