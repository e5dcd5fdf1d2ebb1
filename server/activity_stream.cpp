#include "server/activity_stream.h"

#include <optional>
#include <utility>

#include "server/external_scaler_messages.h"
#include "server/held_call.h"

namespace server {

// One stream. While its trigger is inactive it is only known to its question.
class ActivityStream final : public HeldCall, public Watches::Watch {
 public:
  ActivityStream(ActivityStreams& streams, net::grpc::Reply& reply, ActivityStreams::Parse parse)
      : HeldCall(reply), streams_(streams), parse_(std::move(parse)) {}
  ~ActivityStream() override { stop_repeating(); }

  void say(bool active) {
    said_active_ = active;
    reply().send(encode_active(active));
  }

 private:
  void open(std::string request) override {
    auto trigger = std::exchange(parse_, {})(request);
    if (!trigger) return reply().finish(std::unexpected(std::move(trigger).error()));
    trigger_ = std::move(*trigger);
    // From here on the question is the standing query's.
    const tsdb::Question question = std::exchange(trigger_.params.question, {});
    auto watched = streams_.parts_.watches.watch(question, *this);
    if (!watched) reply().finish(std::move(watched));
  }

  void found(const Finding& finding) override {
    const auto value = value_of(trigger_, finding, streams_.parts_.not_found);
    const bool active = value && *value > trigger_.params.activation;
    if (active && !repeat_) {
      say(true);
      repeat_ = streams_.begin_repeating(*this);
    }
    if (active) return;
    stop_repeating();
    if (value && said_active_) say(false);
  }

  void stop_repeating() {
    if (const auto repeat = std::exchange(repeat_, std::nullopt)) streams_.repeats_.erase(*repeat);
  }

  ActivityStreams& streams_;
  ActivityStreams::Parse parse_;
  ScalerTrigger trigger_;
  std::optional<ActivityStreams::Repeats::iterator> repeat_;  // while it is active
  bool said_active_ = false;
};

std::unique_ptr<net::grpc::Conversation> ActivityStreams::open(net::grpc::Reply& reply,
                                                               Parse parse) {
  return std::make_unique<ActivityStream>(*this, reply, std::move(parse));
}

void ActivityStreams::repeat_due() {
  const Instant now = parts_.now();
  while (!repeats_.empty() && repeats_.front().at <= now) {
    repeats_.front().at = now + parts_.repeat_interval;
    repeats_.front().stream->say(true);
    repeats_.splice(repeats_.end(), repeats_, repeats_.begin());
  }
  if (!repeats_.empty()) parts_.wake_at(repeats_.front().at);
}

ActivityStreams::Repeats::iterator ActivityStreams::begin_repeating(ActivityStream& stream) {
  repeats_.push_back({parts_.now() + parts_.repeat_interval, &stream});
  if (repeats_.size() == 1) parts_.wake_at(repeats_.front().at);
  return std::prev(repeats_.end());
}

}  // namespace server
