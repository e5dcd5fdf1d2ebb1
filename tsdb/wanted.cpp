#include "tsdb/wanted.h"

#include <algorithm>
#include <array>

#include "tsdb/metric_query.h"

namespace tsdb {
namespace {

// What a histogram's name gets in the names that queries ask for.
constexpr std::array<std::string_view, 4> endings{"", "_count", "_sum", "_bucket"};

// Names that a thread remembers, 32 bytes each. Of more some are looked up again and again.
constexpr std::size_t known_names = 8'192;

}  // namespace

Wanted::Wanted(WantedOptions options) : options_(std::move(options)) {
  const base::Lock lock(mutex_);
  for (const std::string& metric : options_.always)
    names_[fold_name(metric)] = {.since = {}, .asked = {}, .always = true};
}

Timestamp Wanted::ask(std::string_view metric, Timestamp now) {
  if (all()) return {};
  const std::string folded = fold_name(metric);
  const base::Lock lock(mutex_);
  if (!names_.contains(folded) && asked_only_ >= options_.asked_max) return now;
  return named(folded, now).since;
}

Timestamp Wanted::hold(std::string_view metric, Timestamp now) {
  if (all()) return {};
  const std::string folded = fold_name(metric);
  const base::Lock lock(mutex_);
  Name& name = named(folded, now);
  if (is_asked_only(name)) --asked_only_;
  ++name.held;
  return name.since;
}

void Wanted::release(std::string_view metric) {
  if (all()) return;
  const base::Lock lock(mutex_);
  const auto found = names_.find(fold_name(metric));
  if (found == names_.end() || found->second.held == 0) return;
  Name& name = found->second;
  name.asked = std::max(name.asked, latest_);
  --name.held;
  if (!is_asked_only(name)) return;
  if (asked_only_ < options_.asked_max) {
    ++asked_only_;
  } else {
    names_.erase(found);
    changed();
  }
}

void Wanted::forget(Timestamp now) {
  if (all()) return;
  const base::Lock lock(mutex_);
  latest_ = std::max(latest_, now);
  const std::size_t over = std::erase_if(names_, [&](const auto& entry) {
    return is_asked_only(entry.second) && entry.second.asked < now - options_.kept_for;
  });
  asked_only_ -= over;
  if (over > 0) changed();
}

std::optional<Timestamp> Wanted::since(std::string_view metric) const {
  if (all()) return Timestamp{};
  const std::string folded = fold_name(metric);
  const base::Lock lock(mutex_);
  const auto found = names_.find(folded);
  if (found == names_.end()) return std::nullopt;
  return found->second.since;
}

bool Wanted::wants(std::string_view metric) const {
  if (all()) return true;
  std::string folded = fold_name(metric);
  const std::size_t bare = folded.size();
  const base::Lock lock(mutex_);
  for (const std::string_view ending : endings) {
    folded.resize(bare);
    folded += ending;
    if (names_.contains(folded)) return true;
  }
  return false;
}

std::size_t Wanted::size() const {
  const base::Lock lock(mutex_);
  return names_.size();
}

// The name, which is asked for now; a new one is nothing but that.
Wanted::Name& Wanted::named(const std::string& folded, Timestamp now) {
  latest_ = std::max(latest_, now);
  const auto [entry, is_new] = names_.try_emplace(folded, Name{.since = now});
  Name& name = entry->second;
  name.asked = std::max(name.asked, now);
  if (!is_new) return name;
  ++asked_only_;
  changed();
  return name;
}

WantedView::WantedView(const Wanted& wanted)
    : wanted_(wanted), known_(wanted.all() ? 0 : known_names) {}

}  // namespace tsdb
