#pragma once

// The file of a journal: its tables, and the statements that read and write them.

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/journal.h"
#include "storage/sqlite.h"

namespace storage {

// What is to be written: a value, or nothing for a removal.
using Batch = std::map<std::pair<Table, std::string>, std::optional<std::string>>;

// Confined to one thread at a time.
class Tables {
 public:
  // Opens or makes the file. Errors, with the path: denied, unavailable, bad_data (damaged, or
  // written by a newer version).
  static Result<Tables> open(const std::filesystem::path& file);

  // All or nothing. Errors: those of the disk, in SQLite's words; what was there before is there
  // still.
  Result<void> write(const Batch& batch);

  // Everything in `table`, sorted by key.
  Result<std::vector<std::pair<std::string, std::string>>> load(Table table);

 private:
  explicit Tables(Database database) : database_(std::move(database)) {}
  Result<void> prepare();
  Result<void> write_rows(const Batch& batch);

  Database database_;
  // By position in the enumeration; they end before the database does.
  std::vector<Statement> put_;
  std::vector<Statement> remove_;
};

}  // namespace storage
