#include "storage/tables.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace storage {
namespace {

constexpr std::int64_t schema_version = 1;
constexpr std::array<std::string_view, 4> table_names{"objects", "decisions", "points", "state"};

std::size_t index_of(Table table) {
  return static_cast<std::size_t>(table);
}

Result<std::int64_t> read_number(Database& database, std::string_view sql) {
  TRY(Statement statement, database.prepare(sql));
  TRY(const bool row, statement.step());
  return row ? statement.number(0) : 0;
}

Result<void> check_integrity(Database& database) {
  TRY(Statement statement, database.prepare("PRAGMA quick_check(1)"));
  TRY(const bool row, statement.step());
  if (row && statement.text(0) == "ok") return {};
  return fail(Code::bad_data, row ? statement.text(0) : "no answer to the integrity check");
}

Result<void> make_tables(Database& database) {
  // Against a killed process the log alone is enough; only power loss would ask for syncing.
  TRY_VOID(database.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF"));
  for (const std::string_view table : table_names) {
    const std::string sql = "CREATE TABLE IF NOT EXISTS " + std::string(table) +
                            " (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID";
    TRY_VOID(database.run(sql.c_str()));
  }
  return database.run(("PRAGMA user_version=" + std::to_string(schema_version)).c_str());
}

std::unexpected<Error> unusable(const std::filesystem::path& file, const Error& error) {
  if (error.code != Code::bad_data) return fail("cannot use " + file.string(), error);
  return fail(Code::bad_data, file.string() + " is damaged: " + error.what +
                                  " (move it away to begin with no history)");
}

}  // namespace

Result<Tables> Tables::open(const std::filesystem::path& file) {
  auto database = Database::open(file);
  if (!database) return unusable(file, database.error());
  if (auto sound = check_integrity(*database); !sound) return unusable(file, sound.error());
  const auto version = read_number(*database, "PRAGMA user_version");
  if (!version) return unusable(file, version.error());
  if (*version > schema_version) {
    return fail(Code::bad_data, file.string() +
                                    " was written by a newer version of Tidewheel: its " +
                                    "schema is " + std::to_string(*version) + ", known is " +
                                    std::to_string(schema_version));
  }
  if (auto made = make_tables(*database); !made) return unusable(file, made.error());
  Tables tables(*std::move(database));
  if (auto prepared = tables.prepare(); !prepared) return unusable(file, prepared.error());
  return tables;
}

Result<void> Tables::prepare() {
  for (const std::string_view name : table_names) {
    const std::string table(name);
    TRY(Statement put,
        database_.prepare("INSERT OR REPLACE INTO " + table + " (key, value) VALUES (?1, ?2)"));
    put_.push_back(std::move(put));
    TRY(Statement remove, database_.prepare("DELETE FROM " + table + " WHERE key = ?1"));
    remove_.push_back(std::move(remove));
  }
  return {};
}

Result<void> Tables::write(const Batch& batch) {
  TRY_VOID(database_.run("BEGIN IMMEDIATE"));
  auto written = write_rows(batch);
  if (written) written = database_.run("COMMIT");
  if (!written)
    static_cast<void>(database_.run("ROLLBACK"));  // the failure above is the one to tell
  return written;
}

Result<void> Tables::write_rows(const Batch& batch) {
  for (const auto& [where, value] : batch) {
    Statement& statement = (value ? put_ : remove_)[index_of(where.first)];
    statement.bind(1, where.second);
    if (value) statement.bind(2, *value);
    TRY_VOID(statement.run());
  }
  return {};
}

Result<std::vector<std::pair<std::string, std::string>>> Tables::load(Table table) {
  const std::string sql =
      "SELECT key, value FROM " + std::string(table_names[index_of(table)]) + " ORDER BY key";
  TRY(Statement statement, database_.prepare(sql));
  std::vector<std::pair<std::string, std::string>> rows;
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) return rows;
    rows.emplace_back(statement.text(0), statement.text(1));
  }
}

}  // namespace storage
