#include "control/record_codec.h"

#include <gtest/gtest.h>

#include "control/testing/decisions.h"

namespace control {
namespace {

using testing::decision;
using testing::start;

RecordHead head(std::uint64_t count) {
  return {
      .at = start, .last = start + std::chrono::seconds(count - 1), .count = count, .ordinal = 7};
}

TEST(RecordCodec, GivesBackWhatItWasGiven) {
  auto first = decision(1, 3);
  first.clamps = {{.kind = scale::ClampKind::max, .before = 5, .after = 3, .detail = "max is 3"}};
  first.again_at = start + std::chrono::minutes(5);
  const auto last = decision(3, 3, start + std::chrono::seconds(1));
  for (const std::uint64_t count : {1u, 2u}) {
    SCOPED_TRACE(count);
    const std::string bytes = encode_record(head(count), first, count > 1 ? &last : nullptr);
    EXPECT_EQ(decode_record_head(bytes), head(count));
    const auto body = decode_record(bytes);
    ASSERT_TRUE(body) << body.error().what;
    EXPECT_EQ(body->head, head(count));
    EXPECT_EQ(body->first, first);
    EXPECT_EQ(body->last, count > 1 ? std::optional(last) : std::nullopt);
  }
}

TEST(RecordCodec, GivesBackTriggers) {
  std::vector<scale::TriggerSpec> triggers(2);
  triggers[0].name = "queue";
  triggers[0].type = "kedify-otel";
  triggers[0].query = "sum(queue_depth)";
  triggers[0].target = 2.5;
  triggers[0].activation = -1;
  const auto back = decode_triggers(encode_triggers(triggers));
  ASSERT_TRUE(back) << back.error().what;
  ASSERT_EQ(back->size(), 2u);
  EXPECT_EQ((*back)[0].name, "queue");
  EXPECT_EQ((*back)[0].type, "kedify-otel");
  EXPECT_EQ((*back)[0].query, "sum(queue_depth)");
  EXPECT_EQ((*back)[0].target, 2.5);
  EXPECT_EQ((*back)[0].activation, -1);
}

// A flipped bit or a cut anywhere is noticed.
TEST(RecordCodec, NoticesEveryDamage) {
  const std::string good = encode_record(head(1), decision(1, 3), nullptr);
  for (std::size_t i = 0; i < good.size(); ++i) {
    SCOPED_TRACE(i);
    std::string flipped = good;
    flipped[i] ^= 0x10;
    const std::string cut = good.substr(0, i);
    for (const std::string& bad : {flipped, cut}) {
      const auto record = decode_record(bad);
      ASSERT_FALSE(record);
      EXPECT_EQ(record.error().code, Code::bad_data);
      EXPECT_FALSE(decode_record_head(bad));
      EXPECT_FALSE(decode_triggers(bad));
    }
  }
  // Each whole, and not what it is taken for.
  EXPECT_FALSE(decode_record(encode_triggers({})));
  EXPECT_FALSE(decode_record(encode_record(head(2), decision(1, 3), nullptr)));
}

}  // namespace
}  // namespace control
