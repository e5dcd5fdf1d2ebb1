#pragma once

// How the board's memory looks in the journal: keys of the tables `decisions` and `points`, and the
// values of `points`. Pure functions.
//
// decisions   namespace/name/ID            ID: 20 decimal digits, so that keys sort by age
//             a record (record_codec.h)
//             namespace/name/ID/triggers   what the triggers asked for from that record on
// points      namespace/name/TRIGGER/HOUR  TRIGGER: decimal index; HOUR: hours since the Unix epoch
//             one byte version (1), then per point, little endian, oldest first:
//             | at: i64, ns | state: u8 | value: f64 | target: f64 | replicas: i32 |
//
// One key per hour: a new point rewrites at most an hour of one trigger.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/board.h"

namespace control {

// Where a chunk of points belongs.
struct ChunkKey {
  kube::Key object;
  std::size_t trigger = 0;
  std::int64_t hour = 0;
  auto operator<=>(const ChunkKey&) const = default;
};

std::int64_t hour_of(Timestamp t);

// Where a row of the table `decisions` belongs.
struct DecisionKey {
  enum class Part : std::uint8_t { record, triggers };
  kube::Key object;
  std::uint64_t id = 0;
  Part part = Part::record;
  auto operator<=>(const DecisionKey&) const = default;
};

std::string decision_key(const kube::Key& object, std::uint64_t id,
                         DecisionKey::Part part = DecisionKey::Part::record);
std::string chunk_key(const ChunkKey& key);

std::string encode_points(std::span<const TriggerPoint> points);

// Errors: bad_data, naming the key.
Result<DecisionKey> parse_decision_key(std::string_view key);
Result<ChunkKey> parse_chunk_key(std::string_view key);
Result<std::vector<TriggerPoint>> decode_points(std::string_view key, std::string_view value);

}  // namespace control
