#include "net/alarm.h"

#include <boost/asio/steady_timer.hpp>

#include <utility>

#include "base/clock.h"

namespace net {

struct Alarm::State : std::enable_shared_from_this<State> {
  State(const Executor& executor, std::function<void()> callback)
      : timer(executor), ring(std::move(callback)) {}

  void arm(Instant at) {
    armed_at = at;
    timer.expires_at(at);
    timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto state = weak.lock();
      if (!error && state) state->fire();
    });
  }

  void fire() {
    armed_at = Instant::max();
    if (wanted == Instant::max()) return;
    if (base::SystemClock{}.steady() < wanted) return arm(wanted);
    wanted = Instant::max();
    const auto call = ring;  // it may destroy the Alarm
    call();
  }

  boost::asio::steady_timer timer;
  std::function<void()> ring;
  Instant wanted = Instant::max();
  Instant armed_at = Instant::max();
};

Alarm::Alarm(Executor executor, std::function<void()> ring)
    : state_(std::make_shared<State>(executor, std::move(ring))) {}

Alarm::~Alarm() {
  state_->ring = {};
}

void Alarm::set(Instant at) {
  state_->wanted = at;
  if (at < state_->armed_at) state_->arm(at);
}

}  // namespace net
