#include "cluster/history.h"

#include <algorithm>
#include <utility>

#include "kube/meta.h"

namespace cluster {

void History::add(Change change) {
  changes_.push_back(std::move(change));
  if (changes_.size() > size_max_) {
    begin_ = changes_.front().version;
    changes_.pop_front();
  }
  for (base::Signal* signal : listeners_) signal->notify();
}

const Change* History::after(std::uint64_t version) const {
  const auto found = std::ranges::upper_bound(changes_, version, {}, &Change::version);
  return found == changes_.end() ? nullptr : &*found;
}

HistoryWatch::HistoryWatch(std::shared_ptr<History> history, std::string ns,
                           std::vector<Stored> existing, std::uint64_t version,
                           base::Executor executor)
    : history_(std::move(history)),
      ns_(std::move(ns)),
      existing_(std::move(existing)),
      version_(version),
      changed_(std::move(executor)) {
  history_->listen(changed_);
}

HistoryWatch::~HistoryWatch() {
  history_->unlisten(changed_);
}

Task<Result<kube::WatchEvent>> HistoryWatch::next() {
  if (given_ < existing_.size()) {
    const Stored object = std::exchange(existing_[given_++], nullptr);
    co_return kube::WatchEvent{kube::WatchEvent::Type::added, *object};
  }
  for (;;) {
    if (!history_->reaches(version_)) {
      co_return fail(Code::unavailable, "too old resource version: " + std::to_string(version_));
    }
    if (const Change* change = history_->after(version_)) {
      version_ = change->version;
      if (!ns_.empty() && kube::key_of(*change->object).ns != ns_) continue;
      co_return kube::WatchEvent{change->type, *change->object};
    }
    CO_TRY_VOID(co_await changed_.wait());
  }
}

}  // namespace cluster
