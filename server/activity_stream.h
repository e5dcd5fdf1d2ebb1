#pragma once

// StreamIsActive: tells KEDA that a trigger has become active at the moment of the sample that did
// it, and goes on saying so.

#include <functional>
#include <list>
#include <memory>

#include "base/time.h"
#include "net/grpc.h"
#include "server/trigger_value.h"
#include "server/watches.h"

namespace server {

class ActivityStream;

// What all streams of one scaler share. Confined to its loop; outlives its streams.
//
// A stream says `true` when its trigger becomes active, also when it is so at its opening, and
// every `repeat_interval` while it stays active; `false` once, when it ceases to be. An inactive
// one says nothing. Missing data without a value (value_of) is neither: the stream stays open, says
// nothing, and what comes next is compared with what was said last.
class ActivityStreams {
 public:
  struct Parts {
    Watches& watches;
    NotFound not_found;
    Duration repeat_interval;
    std::function<Instant()> now;          // steady time
    std::function<void(Instant)> wake_at;  // asks for a call of repeat_due() then
  };

  explicit ActivityStreams(Parts parts) : parts_(std::move(parts)) {}

  // A conversation that takes a ScaledObjectRef and answers IsActiveResponses. It ends by itself
  // for bad requests only: INVALID_ARGUMENT naming the place, RESOURCE_EXHAUSTED over the limit.
  // parse: reads the request.
  using Parse = std::function<Result<ScalerTrigger>(const std::string& request)>;
  std::unique_ptr<net::grpc::Conversation> open(net::grpc::Reply& reply, Parse parse);

  // Repeats what is due.
  void repeat_due();

 private:
  friend class ActivityStream;
  struct Repeat {
    Instant at;
    ActivityStream* stream;
  };
  using Repeats = std::list<Repeat>;

  Repeats::iterator begin_repeating(ActivityStream& stream);

  Parts parts_;
  Repeats repeats_;  // those that are active; of one interval, so the next one due is in front
};

}  // namespace server
