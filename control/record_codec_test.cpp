#include "control/record_codec.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <cstring>

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

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

// What version 1 wrote, byte for byte.
constexpr std::string_view record_of_version_1 =
    "02afab17cf41349d010000b49376e2fa1800ca4ecf76e2fa1802000000000000000700000000000000060207"
    "0986080000b49376e2fa188d41ab438202a4051771756575652061736b7320666f72207265706c69636173b2"
    "40840800b8186dbce2fa18a20601070a9140a9b0b00a3c98080000b49376e2fa18850a00a64182028e010505"
    "626173697305076e6f7468696e67a54388060107049495874583438a05086d617820697320330708860800ca"
    "4ecf76e2fa188d43ab438202a4051771756575652061736b7320666f72207265706c69636173b240a2060107"
    "0a9140a9b0b00a3c980800ca4ecf76e2fa18850a00a64182028e010505626173697305076e6f7468696e67a5"
    "43880600";
constexpr std::string_view triggers_of_version_1 =
    "030c57dabb25dcb301060107059705057175657565af93a3050673756d287829aa040000000000000440810a"
    "01";

TEST(RecordCodec, ReadsWhatVersion1Wrote) {
  auto first = decision(1, 3);
  first.clamps = {{.kind = scale::ClampKind::max, .before = 5, .after = 3, .detail = "max is 3"}};
  first.again_at = start + std::chrono::minutes(5);
  const auto body = decode_record(from_hex(record_of_version_1));
  ASSERT_TRUE(body) << body.error().what;
  EXPECT_EQ(body->head, head(2));
  EXPECT_EQ(body->first, first);
  EXPECT_EQ(body->last, decision(3, 3, start + std::chrono::seconds(1)));
  const auto triggers = decode_triggers(from_hex(triggers_of_version_1));
  ASSERT_TRUE(triggers) << triggers.error().what;
  ASSERT_EQ(triggers->size(), 1u);
  EXPECT_EQ((*triggers)[0].name, "queue");
  EXPECT_EQ((*triggers)[0].query, "sum(x)");
  EXPECT_EQ((*triggers)[0].target, 2.5);
}

TEST(RecordCodec, RefusesWhatANewerVersionWrote) {
  constexpr std::size_t place = 8;
  std::string bytes = encode_record(head(1), decision(1, 3), nullptr);
  for (const char version : {'\0', '\3', '\x7f', '\xff'}) {
    bytes[place] = version;
    const std::uint64_t sum = XXH3_64bits(bytes.data() + place, bytes.size() - place);
    std::memcpy(bytes.data(), &sum, sizeof(sum));
    const auto body = decode_record(bytes);
    ASSERT_FALSE(body);
    EXPECT_EQ(body.error(), (Error{Code::bad_data, "unknown version"}));
  }
}

// Members and names of a decision are one byte each: only what the object itself says is text.
TEST(RecordCodec, WritesNoMemberAsText) {
  auto told = decision(1, 3);
  told.phase = scale::Phase::cooling;
  told.inactive_since = start;
  told.ever_active = true;
  told.clamps = {{.kind = scale::ClampKind::growth,
                  .unit = scale::Clamp::Unit::percent,
                  .before = 9,
                  .after = 3,
                  .number = 4,
                  .span = std::chrono::seconds(15)}};
  told.proposals[0].basis = scale::Basis::stated;
  told.proposals[0].used = 5;
  told.proposals[0].failures = 2;
  told.proposals[0].series_before = 3;
  told.proposals[0].reading.complete = false;
  told.proposals[0].reading.ended = true;
  const std::string bytes = encode_record(head(1), told, nullptr);
  for (const char* word :
       {"phase", "cooling", "inactive_since", "ever_active", "growth", "unit", "percent", "number",
        "span_ns", "basis", "stated", "used", "failures", "series_before", "incomplete", "ended"}) {
    EXPECT_EQ(bytes.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(decode_record(bytes)->first, told);
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
