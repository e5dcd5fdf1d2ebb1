#include "tsdb/wanted.h"

#include <algorithm>
#include <array>

#include "tsdb/metric_query.h"

namespace tsdb {
namespace {

// What a histogram's name gets in the names that queries ask for.
constexpr std::array<std::string_view, 4> endings{"", "_count", "_sum", "_bucket"};

// Names that a thread remembers; senders with more change them all the time.
constexpr std::size_t known_max = 20'000;

}  // namespace

Wanted::Wanted(WantedOptions options) : options_(std::move(options)) {
  const base::Lock lock(mutex_);
  changed();
}

void Wanted::ask(std::string_view metric, Timestamp now) {
  if (all()) return;
  std::string folded = fold_name(metric);
  const base::Lock lock(mutex_);
  if (const auto known = asked_.find(folded); known != asked_.end()) {
    known->second = std::max(known->second, now);
    return;
  }
  if (asked_.size() >= options_.asked_max) return;
  asked_.emplace(std::move(folded), now);
  changed();
}

void Wanted::hold(std::string_view metric) {
  if (all()) return;
  const base::Lock lock(mutex_);
  if (++held_[fold_name(metric)] == 1) changed();
}

void Wanted::release(std::string_view metric) {
  if (all()) return;
  const base::Lock lock(mutex_);
  const auto held = held_.find(fold_name(metric));
  if (held == held_.end() || --held->second > 0) return;
  held_.erase(held);
  changed();
}

void Wanted::forget(Timestamp now) {
  if (all()) return;
  const base::Lock lock(mutex_);
  const auto is_over = [&](const auto& asked) { return asked.second < now - options_.kept_for; };
  if (std::erase_if(asked_, is_over) > 0) changed();
}

std::shared_ptr<const Wanted::Names> Wanted::names() const {
  const base::Lock lock(mutex_);
  return names_;
}

void Wanted::changed() {
  auto names = std::make_shared<Names>();
  for (const std::string& name : options_.always) names->insert(fold_name(name));
  for (const auto& [name, count] : held_) names->insert(name);
  for (const auto& [name, when] : asked_) names->insert(name);
  names_ = std::move(names);
  version_.fetch_add(1, std::memory_order_release);
}

void WantedView::refresh() {
  if (all() || version_ == wanted_.version()) return;
  // The version first: what comes between is looked at again next time.
  version_ = wanted_.version();
  names_ = wanted_.names();
  known_.clear();
}

bool WantedView::wants(std::string_view metric) {
  if (all()) return true;
  if (const auto known = known_.find(metric); known != known_.end()) return known->second;
  const bool wanted = find(metric);
  if (known_.size() >= known_max) known_.clear();
  known_.emplace(metric, wanted);
  return wanted;
}

bool WantedView::find(std::string_view metric) const {
  if (!names_) return false;
  const std::string folded = fold_name(metric);
  return std::ranges::any_of(endings, [&](std::string_view ending) {
    return names_->contains(folded + std::string(ending));
  });
}

}  // namespace tsdb
