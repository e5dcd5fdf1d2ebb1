#pragma once

// A thin face of SQLite: one connection, statements, and every failure a Result. Confined to one
// thread at a time.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace storage {

class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  ~Statement();
  Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Statement& operator=(Statement&&) = delete;

  // Parameters count from 1; the bytes must live until run() has returned.
  void bind(int parameter, std::string_view bytes);
  // Runs a statement without rows. Errors: unavailable, with SQLite's words; bad_data when the file
  // is damaged.
  Result<void> run();
  // The next row; false after the last.
  Result<bool> step();
  std::string text(int column) const;
  std::int64_t number(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class Database {
 public:
  // Opens or makes the file. Errors: denied, unavailable, bad_data, with SQLite's words.
  static Result<Database> open(const std::filesystem::path& file);
  ~Database();
  Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Database& operator=(Database&&) = delete;

  Result<void> run(const char* sql);
  Result<Statement> prepare(std::string_view sql);

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_;
};

}  // namespace storage
