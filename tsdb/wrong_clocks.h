#pragma once

// Senders whose points are refused because of their time: a question without an answer can say why.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "tsdb/metric_query.h"
#include "tsdb/packed_labels.h"
#include "tsdb/series_index.h"
#include "tsdb/types.h"

namespace tsdb {

// Confined to its store.
class WrongClocks {
 public:
  // What is beyond these is refused all the same, but not remembered.
  static constexpr std::size_t senders_max = 1'000;
  static constexpr std::size_t series_max = 10'000;
  // A sender that had no point refused for so long is forgotten.
  static constexpr Duration kept = std::chrono::minutes(10);

  // A point of this series came at `now` with a `time` that was refused. Returns the sender if it
  // is new.
  std::optional<WrongClock> note(const SeriesIndex::Identity& series, Timestamp time,
                                 Timestamp now);

  // The latest sender that had a point of a series which `question` matches refused at or after
  // `since`; nullopt: none had. Operation and window do not matter.
  std::optional<WrongClock> of(const Question& question, Timestamp since) const;

  std::vector<WrongClock> list() const;  // in no order

  // Call it now and then.
  void forget(Timestamp now);

 private:
  struct Sender {
    PackedLabels resource;
    Duration offset{};
    std::uint64_t points = 0;
    Timestamp first;
    Timestamp last;
  };
  struct Refused {
    PackedLabels attributes;
    std::uint64_t sender = 0;
    Timestamp last;
  };
  using Series = std::unordered_map<std::uint64_t, Refused>;  // by hash of the identity

  void note_series(const SeriesIndex::Identity& series, Timestamp now);
  static WrongClock shown(const Sender& sender);

  std::unordered_map<std::uint64_t, Sender> senders_;   // by hash of the resource
  std::map<std::string, Series, std::less<>> metrics_;  // by folded name
  std::size_t series_ = 0;
};

// "points are refused, their time is 10m behind ours: check the clock of service.name=shop".
std::string describe(const WrongClock& clock);

Labels unpacked(std::string_view packed);

// Who sends: the attributes of the resource that name somebody, as `service.name=shop pod=shop-1`.
std::string sender_name(const Labels& resource);

}  // namespace tsdb
