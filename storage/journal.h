#pragma once

// SQLite as a journal: memory is the truth, this is what a restart reads. One thread of its own
// does the writing. Promise: what flush() confirmed survives a killed process (write-ahead log);
// not power loss.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"

namespace storage {

// The named tables a journal holds; each maps a key to bytes.
enum class Table : std::uint8_t { objects, decisions, points, state };

// Thread-safe.
class Journal {
 public:
  // Makes the folder and the file where they are missing. Errors, all with the path and what to do:
  // denied (not writable), bad_data (damaged, or written by a newer version), unavailable (locked
  // by another process).
  static Result<std::unique_ptr<Journal>> open(const std::filesystem::path& folder, Log log,
                                               base::metrics::Registry& metrics);
  virtual ~Journal() = default;

  // Everything in `table`, sorted by key. Blocking; for start-up.
  virtual Result<std::vector<std::pair<std::string, std::string>>> load(Table table) = 0;

  // Remembers a write (nullopt: removal) and returns at once; the newest write of a key wins. A
  // failing disk is reported once, shown by healthy(), and retried with back-off until it works
  // again; nothing is lost meanwhile, unless 256 MiB wait already.
  virtual void put(Table table, std::string key, std::optional<std::string> value) = 0;

  // Blocking: waits until everything put before is on disk. Errors: unavailable, with the disk's
  // words.
  virtual Result<void> flush() = 0;

  // False while writes fail.
  virtual bool healthy() const = 0;
};

}  // namespace storage
