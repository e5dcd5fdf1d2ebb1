#include "storage/journal.h"

#include <condition_variable>
#include <thread>
#include <utility>

#include "base/backoff.h"
#include "base/mutex.h"
#include "storage/folder_lock.h"
#include "storage/metrics.h"
#include "storage/tables.h"

namespace storage {
namespace {

constexpr Duration retry_first = std::chrono::milliseconds(100);
constexpr Duration retry_ceiling = std::chrono::seconds(10);
// While the disk fails, keys that wait already are kept up to date; new ones are dropped beyond
// this.
constexpr std::size_t pending_bytes_max = 256u << 20;

std::size_t bytes_of(const std::string& key, const std::optional<std::string>& value) {
  return key.size() + (value ? value->size() : 0);
}

class SqliteJournal final : public Journal {
 public:
  SqliteJournal(FolderLock lock, Tables tables, std::filesystem::path file, Log log,
                base::metrics::Registry& metrics)
      : lock_(std::move(lock)),
        file_(std::move(file)),
        log_(std::move(log)),
        metrics_(metrics),
        tables_(std::move(tables)) {
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
    retry_.notify_all();
    thread_.join();
  }

  Result<std::vector<std::pair<std::string, std::string>>> load(Table table) override;
  void put(Table table, std::string key, std::optional<std::string> value) override;
  Result<void> flush() override;
  bool healthy() const override;

 private:
  void wait(std::condition_variable_any& condition) REQUIRES(mutex_) { condition.wait(mutex_); }
  bool take_batch(Batch& batch) REQUIRES(mutex_);
  void run();
  Result<void> write(const Batch& batch);
  void succeeded(std::size_t rows, std::uint64_t reached) REQUIRES(mutex_);
  void failed(Batch batch, const std::string& why) REQUIRES(mutex_);
  void put_back(Batch batch) REQUIRES(mutex_);

  // Constant after construction.
  const FolderLock lock_;
  const std::filesystem::path file_;
  const Log log_;
  Metrics metrics_;
  std::thread thread_;

  // Never held together with mutex_.
  base::Mutex tables_mutex_;
  Tables tables_ GUARDED_BY(tables_mutex_);

  mutable base::Mutex mutex_;
  std::condition_variable_any changed_;  // there is something to write, or to stop for
  std::condition_variable_any retry_;    // somebody wants a failing write tried again now
  std::condition_variable_any tried_;    // an attempt has ended
  Batch pending_ GUARDED_BY(mutex_);
  std::size_t pending_bytes_ GUARDED_BY(mutex_) = 0;
  std::uint64_t put_count_ GUARDED_BY(mutex_) = 0;
  std::uint64_t written_count_ GUARDED_BY(mutex_) = 0;
  std::uint64_t begun_ GUARDED_BY(mutex_) = 0;        // attempts
  std::uint64_t last_failed_ GUARDED_BY(mutex_) = 0;  // the number of an attempt
  bool retry_wanted_ GUARDED_BY(mutex_) = false;
  bool dropping_ GUARDED_BY(mutex_) = false;
  std::string failure_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
};

Result<std::vector<std::pair<std::string, std::string>>> SqliteJournal::load(Table table) {
  TRY_VOID(flush());
  const base::Lock lock(tables_mutex_);
  auto rows = tables_.load(table);
  if (!rows) return fail("reading " + file_.string(), rows.error());
  return rows;
}

void SqliteJournal::put(Table table, std::string key, std::optional<std::string> value) {
  {
    const base::Lock lock(mutex_);
    const std::size_t bytes = bytes_of(key, value);
    const auto found = pending_.find({table, key});
    const std::size_t before = found == pending_.end() ? 0 : bytes_of(key, found->second);
    if (found == pending_.end() && pending_bytes_ + bytes > pending_bytes_max) {
      metrics_.dropped.add();
      if (std::exchange(dropping_, true)) return;
      log_.error("the journal cannot be written and too much waits: new keys are dropped",
                 {{"file", file_.string()}, {"bytes", pending_bytes_}});
      return;
    }
    pending_bytes_ += bytes - before;
    pending_.insert_or_assign({table, std::move(key)}, std::move(value));
    ++put_count_;
    metrics_.pending.set(static_cast<double>(pending_.size()));
  }
  changed_.notify_all();
}

Result<void> SqliteJournal::flush() {
  std::string failure;
  mutex_.lock();
  const std::uint64_t wanted = put_count_;
  const std::uint64_t earlier = begun_;
  if (written_count_ < wanted) {
    retry_wanted_ = true;
    retry_.notify_all();
  }
  while (written_count_ < wanted && last_failed_ <= earlier) wait(tried_);
  const bool written = written_count_ >= wanted;
  if (!written) failure = failure_;
  mutex_.unlock();
  if (!written) return fail(Code::unavailable, "writing " + file_.string() + ": " + failure);
  return {};
}

bool SqliteJournal::healthy() const {
  const base::Lock lock(mutex_);
  return failure_.empty();
}

// Waits for something to write; false when there is nothing left and the journal ends.
bool SqliteJournal::take_batch(Batch& batch) {
  while (pending_.empty() && !stopping_) wait(changed_);
  if (pending_.empty()) return false;
  batch = std::exchange(pending_, {});
  pending_bytes_ = 0;
  retry_wanted_ = false;
  ++begun_;
  return true;
}

// The storage thread. What piles up during one commit is the next one.
void SqliteJournal::run() {
  base::Backoff backoff(retry_first, retry_ceiling);
  Batch batch;
  mutex_.lock();
  while (take_batch(batch)) {
    const std::uint64_t reached = put_count_;
    mutex_.unlock();
    const auto written = write(batch);
    mutex_.lock();
    if (written) {
      succeeded(batch.size(), reached);
      backoff.reset();
      continue;
    }
    failed(std::move(batch), written.error().what);
    if (stopping_) break;
    if (!retry_wanted_) retry_.wait_for(mutex_, backoff.next());
  }
  mutex_.unlock();
}

Result<void> SqliteJournal::write(const Batch& batch) {
  const base::Lock lock(tables_mutex_);
  return tables_.write(batch);
}

void SqliteJournal::succeeded(std::size_t rows, std::uint64_t reached) {
  if (!failure_.empty()) log_.info("the journal writes again", {{"file", file_.string()}});
  failure_.clear();
  dropping_ = false;
  written_count_ = reached;
  metrics_.writes.add(rows);
  metrics_.healthy.set(1);
  metrics_.pending.set(static_cast<double>(pending_.size()));
  tried_.notify_all();
}

void SqliteJournal::failed(Batch batch, const std::string& why) {
  put_back(std::move(batch));
  if (failure_.empty()) {
    log_.error("the journal cannot be written: state is kept in memory and tried again",
               {{"file", file_.string()}, {"error", why}});
  }
  failure_ = why;
  last_failed_ = begun_;
  metrics_.failures.add();
  metrics_.healthy.set(0);
  tried_.notify_all();
}

// Keeps what was not written, unless a newer write of the same key waits already.
void SqliteJournal::put_back(Batch batch) {
  pending_.merge(std::move(batch));
  pending_bytes_ = 0;
  for (const auto& [where, value] : pending_) pending_bytes_ += bytes_of(where.second, value);
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const std::filesystem::path& folder, Log log,
                                               base::metrics::Registry& metrics) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(Code::denied, "cannot make the folder " + folder.string() + ": " + error.message());
  }
  TRY(FolderLock lock, FolderLock::take(folder));
  const auto file = folder / "tidewheel.db";
  TRY(Tables tables, Tables::open(file));
  auto journal = std::make_unique<SqliteJournal>(std::move(lock), std::move(tables), file,
                                                 std::move(log), metrics);
  journal->begin();
  return journal;
}

}  // namespace storage
