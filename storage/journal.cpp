#include "storage/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <map>
#include <thread>
#include <utility>

#include "base/backoff.h"
#include "base/mutex.h"
#include "storage/metrics.h"
#include "storage/sqlite.h"

namespace storage {
namespace {

constexpr int schema_version = 1;
constexpr std::array table_names = {"objects", "decisions", "points", "state"};
constexpr Duration retry_first = std::chrono::milliseconds(100);
constexpr Duration retry_ceiling = std::chrono::seconds(10);

using Pending = std::map<std::pair<Table, std::string>, std::optional<std::string>>;

// Holds the folder for this process; the kernel lets go when the process ends, however it ends.
class FolderLock {
 public:
  static Result<FolderLock> take(const std::filesystem::path& folder) {
    const auto file = folder / "lock";
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return fail(Code::denied, "cannot write " + file.string() + ": " + std::strerror(errno));
    FolderLock lock(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      return fail(Code::unavailable, folder.string() + " is in use by another Tidewheel");
    }
    return lock;
  }

  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

Result<std::int64_t> read_number(Database& database, std::string_view sql) {
  TRY(Statement statement, database.prepare(sql));
  TRY(const bool row, statement.step());
  return row ? statement.number(0) : 0;
}

Result<void> check_integrity(Database& database) {
  TRY(Statement statement, database.prepare("PRAGMA quick_check(1)"));
  TRY(const bool row, statement.step());
  if (!row || statement.text(0) != "ok") return fail(Code::bad_data, row ? statement.text(0) : "no answer");
  return {};
}

Result<void> prepare_schema(Database& database) {
  TRY_VOID(check_integrity(database));
  TRY_VOID(database.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=2000;"));
  TRY(const std::int64_t version, read_number(database, "PRAGMA user_version"));
  if (version > schema_version) {
    return fail(Code::bad_data, "written by a newer version of Tidewheel (schema " + std::to_string(version) + ")");
  }
  for (const char* table : table_names) {
    const auto sql = std::string("CREATE TABLE IF NOT EXISTS ") + table +
                     " (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID";
    TRY_VOID(database.run(sql.c_str()));
  }
  return database.run(("PRAGMA user_version=" + std::to_string(schema_version)).c_str());
}

// The statements that write, prepared once. Confined to the storage thread once that runs.
class Writer {
 public:
  explicit Writer(Database database) : database_(std::move(database)) {}

  Result<void> write(const Pending& batch) {
    TRY_VOID(database_.run("BEGIN IMMEDIATE"));
    auto written = write_rows(batch);
    if (written) written = database_.run("COMMIT");
    if (!written) static_cast<void>(database_.run("ROLLBACK"));  // the failure above is the one to tell
    return written;
  }

  Result<std::vector<std::pair<std::string, std::string>>> load(Table table) {
    TRY(Statement statement, database_.prepare(std::string("SELECT key, value FROM ") +
                                               table_names[static_cast<std::size_t>(table)] + " ORDER BY key"));
    std::vector<std::pair<std::string, std::string>> rows;
    for (;;) {
      TRY(const bool row, statement.step());
      if (!row) return rows;
      rows.emplace_back(statement.text(0), statement.text(1));
    }
  }

 private:
  Result<void> write_rows(const Pending& batch) {
    for (const auto& [where, value] : batch) {
      const std::string table = table_names[static_cast<std::size_t>(where.first)];
      const std::string sql = value ? "INSERT OR REPLACE INTO " + table + " (key, value) VALUES (?1, ?2)"
                                    : "DELETE FROM " + table + " WHERE key = ?1";
      TRY(Statement statement, database_.prepare(sql));
      statement.bind(1, where.second);
      if (value) statement.bind(2, *value);
      TRY_VOID(statement.run());
    }
    return {};
  }

  Database database_;
};

class SqliteJournal final : public Journal {
 public:
  SqliteJournal(FolderLock lock, Writer writer, std::filesystem::path file, Log log, base::metrics::Registry& metrics)
      : lock_(std::move(lock)), writer_(std::move(writer)), file_(std::move(file)), log_(std::move(log)),
        metrics_(metrics) {
    metrics_.healthy.set(1);
  }

  void begin() {
    thread_ = std::thread([this] { run(); });
  }

  ~SqliteJournal() override {
    {
      const base::Lock lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  Result<std::vector<std::pair<std::string, std::string>>> load(Table table) override {
    // Before the first put the thread sleeps; after it, loading would race with writing.
    TRY_VOID(flush());
    const base::Lock lock(database_mutex_);
    auto rows = writer_.load(table);
    if (!rows) return fail("reading " + file_.string(), rows.error());
    return rows;
  }

  void put(Table table, std::string key, std::optional<std::string> value) override {
    {
      const base::Lock lock(mutex_);
      pending_.insert_or_assign({table, std::move(key)}, std::move(value));
      ++put_count_;
      metrics_.pending.set(static_cast<double>(pending_.size()));
    }
    changed_.notify_all();
  }

  Result<void> flush() override {
    mutex_.lock();
    const std::uint64_t wanted = put_count_;
    const std::uint64_t failures = failure_count_;
    while (written_count_ < wanted && failure_count_ == failures && failure_.empty()) wait(flushed_);
    const bool written = written_count_ >= wanted;
    std::string failure = failure_;
    mutex_.unlock();
    if (!written) return fail(Code::unavailable, "writing " + file_.string() + ": " + failure);
    return {};
  }

  bool healthy() const override {
    const base::Lock lock(mutex_);
    return failure_.empty();
  }

 private:
  void wait(std::condition_variable_any& condition) REQUIRES(mutex_) { condition.wait(mutex_); }

  void run() {
    base::Backoff backoff(retry_first, retry_ceiling);
    mutex_.lock();
    for (;;) {
      while (pending_.empty() && !stopping_) wait(changed_);
      if (pending_.empty()) break;
      const Pending batch = std::exchange(pending_, {});
      const std::uint64_t reached = put_count_;
      mutex_.unlock();
      const auto written = write(batch);
      mutex_.lock();
      if (written) {
        succeeded(batch.size(), reached);
        backoff.reset();
        continue;
      }
      failed(batch, written.error().what);
      if (stopping_) break;
      changed_.wait_for(mutex_, backoff.next());
    }
    mutex_.unlock();
  }

  Result<void> write(const Pending& batch) {
    const base::Lock lock(database_mutex_);
    return writer_.write(batch);
  }

  void succeeded(std::size_t rows, std::uint64_t reached) REQUIRES(mutex_) {
    if (!failure_.empty()) log_.info("the journal writes again", {{"file", file_.string()}});
    failure_.clear();
    written_count_ = reached;
    metrics_.writes.add(rows);
    metrics_.healthy.set(1);
    metrics_.pending.set(static_cast<double>(pending_.size()));
    flushed_.notify_all();
  }

  // Keeps what was not written, unless a newer write of the same key waits already.
  void failed(const Pending& batch, const std::string& why) REQUIRES(mutex_) {
    for (const auto& row : batch) pending_.insert(row);
    if (failure_.empty()) {
      log_.error("the journal cannot be written: state is kept in memory and tried again",
                 {{"file", file_.string()}, {"error", why}});
    }
    failure_ = why;
    ++failure_count_;
    metrics_.failures.add();
    metrics_.healthy.set(0);
    flushed_.notify_all();
  }

  FolderLock lock_;
  base::Mutex database_mutex_;
  Writer writer_ GUARDED_BY(database_mutex_);
  const std::filesystem::path file_;
  const Log log_;
  Metrics metrics_;

  mutable base::Mutex mutex_;
  std::condition_variable_any changed_;
  std::condition_variable_any flushed_;
  Pending pending_ GUARDED_BY(mutex_);
  std::uint64_t put_count_ GUARDED_BY(mutex_) = 0;
  std::uint64_t written_count_ GUARDED_BY(mutex_) = 0;
  std::uint64_t failure_count_ GUARDED_BY(mutex_) = 0;
  std::string failure_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const std::filesystem::path& folder, Log log,
                                               base::metrics::Registry& metrics) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Code::denied, "cannot make the folder " + folder.string() + ": " + error.message());
  TRY(FolderLock lock, FolderLock::take(folder));
  const auto file = folder / "tidewheel.db";
  auto database = Database::open(file);
  auto prepared = database ? prepare_schema(*database) : Result<void>(std::unexpected(database.error()));
  if (!prepared && prepared.error().code == Code::bad_data) {
    return fail(Code::bad_data, file.string() + " is damaged: " + prepared.error().what +
                                    " (move it away to begin with no history)");
  }
  if (!prepared) return fail("cannot use " + file.string(), prepared.error());
  auto journal = std::make_unique<SqliteJournal>(std::move(lock), Writer(std::move(*database)), file, std::move(log),
                                                 metrics);
  journal->begin();
  return journal;
}

}  // namespace storage
