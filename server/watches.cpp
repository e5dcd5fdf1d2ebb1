#include "server/watches.h"

#include <boost/asio/dispatch.hpp>

#include <optional>
#include <utility>

#include "base/check.h"

namespace server {

// Carries findings to the watches' thread, where the change was made there at once. Thread-safe: at
// most one message is on its way, and the newest finding waits for it here.
class Watches::Channel final : public Listener,
                               public std::enable_shared_from_this<Watches::Channel> {
 public:
  Channel(Executor loop, std::weak_ptr<const Group> group)
      : loop_(std::move(loop)), group_(std::move(group)) {}

  void found(const Finding& finding) override {
    {
      const base::Lock lock(mutex_);
      const bool on_its_way = std::exchange(newest_, finding).has_value();
      if (on_its_way) return;
    }
    if (!loop_) return deliver();
    boost::asio::dispatch(loop_, [self = shared_from_this()] { self->deliver(); });
  }

 private:
  void deliver() {
    std::optional<Finding> finding;
    {
      const base::Lock lock(mutex_);
      finding = std::exchange(newest_, std::nullopt);
    }
    const auto group = group_.lock();  // which a watch that ends may end
    if (group && finding) tell(*group, *finding);
  }

  const Executor loop_;
  base::Mutex mutex_;
  std::optional<Finding> newest_ GUARDED_BY(mutex_);
  const std::weak_ptr<const Group> group_;  // locked on the loop only
};

Watches::~Watches() {
  CHECK(groups_.empty());
}

Watches::Watch::~Watch() {
  if (watches_ != nullptr) watches_->end(*this);
}

Result<void> Watches::watch(const tsdb::Question& question, Watch& watch) {
  const auto group = group_of(question);
  const auto finding = questions_.watch(question, group->channel);
  if (!finding) {
    if (group->watches.empty()) groups_.erase(group->key);
    return std::unexpected(finding.error());
  }
  watch.watches_ = this;
  watch.group_ = group.get();
  watch.position_ = group->watches.size();
  group->watches.push_back(&watch);
  watch.found(*finding);
  return {};
}

std::shared_ptr<Watches::Group> Watches::group_of(const tsdb::Question& question) {
  std::string key = key_of(question);
  auto& group = groups_[key];
  if (!group) {
    group = std::make_shared<Group>(Group{.key = std::move(key), .watches = {}, .channel = {}});
    group->channel = std::make_shared<Channel>(loop_, group);
  }
  return group;
}

// From the end, so that one may end itself: the last then takes its place, and has heard it.
void Watches::tell(const Group& group, const Finding& finding) {
  for (std::size_t i = group.watches.size(); i > 0; --i) group.watches[i - 1]->found(finding);
}

void Watches::end(Watch& watch) {
  Group& group = *watch.group_;
  group.watches[watch.position_] = group.watches.back();
  group.watches[watch.position_]->position_ = watch.position_;
  group.watches.pop_back();
  const bool last = group.watches.empty();
  questions_.unwatch(group.key, group.channel.get(),
                     last ? Questions::Left::none : Questions::Left::some);
  if (last) groups_.erase(std::string(group.key));
}

}  // namespace server
