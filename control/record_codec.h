#pragma once

// How a decision's record looks as bytes, in the ring and in the journal alike. The one place that
// knows; a decision itself is written and read by scale/explain.h. Pure functions.
//
//   | checksum: 8, XXH3 of the rest | version: 1 | at: 8 | last: 8 | count: 8 | ordinal: 8 |
//   | a packed array (json/packed.h): the first decision, and the last one when count > 1 |
//
// Numbers are little endian, times ns since 1970.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "scale/types.h"

namespace control {

// What can be known of a record without reading its decisions.
struct RecordHead {
  Timestamp at;               // when it was reached first
  Timestamp last;             // when it was reached last
  std::uint64_t count = 1;    // how often in a row
  std::uint64_t ordinal = 1;  // the object's first record is 1
  bool operator==(const RecordHead&) const = default;
};

struct RecordBody {
  RecordHead head;
  scale::Decision first;
  std::optional<scale::Decision> last;  // none: reached once
};

// last: nullptr when the record was reached once.
std::string encode_record(const RecordHead& head, const scale::Decision& first,
                          const scale::Decision* last);

// Reads what any version up to this one wrote. Errors: bad_data: a newer version, damaged.
Result<RecordHead> decode_record_head(std::string_view bytes);
Result<RecordBody> decode_record(std::string_view bytes);

// What a record's triggers were called and asked for.
std::string encode_triggers(const std::vector<scale::TriggerSpec>& triggers);
// Errors: bad_data.
Result<std::vector<scale::TriggerSpec>> decode_triggers(std::string_view bytes);

}  // namespace control
