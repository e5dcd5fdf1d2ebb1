#pragma once

// Snapshots of a feed's store, made and read in one line.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tsdb/restore.h"
#include "tsdb/snapshot.h"
#include "tsdb/testing/feed.h"

namespace tsdb::testing {

// A writer to `file`.
inline SnapshotWriter writer_to(std::string& file) {
  return SnapshotWriter([&file](std::string_view bytes) -> Result<void> {
    file += bytes;
    return {};
  });
}

// All of the store, in blocks of about so many bytes.
inline std::string snapshot_of(const Feed& feed, std::size_t bytes_max = 1u << 20) {
  std::string file;
  SnapshotWriter writer = writer_to(file);
  EXPECT_TRUE(writer.begin(feed.now, Coverage::moment));
  for (std::optional<Place> next = Place{}; next;) {
    std::string block;
    next = feed.store.write_block(*next, bytes_max, block);
    EXPECT_TRUE(writer.block(block));
  }
  EXPECT_TRUE(writer.end());
  return file;
}

inline Restored restore(Feed& feed, std::string_view file) {
  const auto snapshot = Snapshot::check(file);
  EXPECT_TRUE(snapshot) << snapshot.error().what;
  return snapshot ? feed.store.restore(*snapshot, feed.now) : Restored{};
}

}  // namespace tsdb::testing
