#include "cli/interrupt.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <utility>

namespace cli {

struct Interrupts::State : std::enable_shared_from_this<Interrupts::State> {
  State(base::Loop& loop, std::function<void()> stop, std::function<void()> reload)
      : signals(loop.context(), SIGINT, SIGTERM, SIGHUP),
        on_stop(std::move(stop)),
        on_reload(std::move(reload)) {}

  void wait() {
    signals.async_wait(
        [self = shared_from_this()](const boost::system::error_code& error, int number) {
          if (!error) self->arrived(number);
        });
  }

  void arrived(int number) {
    if (number == SIGHUP) {
      on_reload();
    } else if (std::exchange(stopping, true)) {
      // Asked twice: default action, at once. The keepers end the workloads.
      std::signal(number, SIG_DFL);
      std::raise(number);
    } else {
      on_stop();
    }
    wait();
  }

  boost::asio::signal_set signals;
  std::function<void()> on_stop;
  std::function<void()> on_reload;
  bool stopping = false;
};

Interrupts::Interrupts(base::Loop& loop, std::function<void()> on_stop,
                       std::function<void()> on_reload)
    : state_(std::make_shared<State>(loop, std::move(on_stop), std::move(on_reload))) {
  state_->wait();
}

Interrupts::~Interrupts() {
  state_->signals.cancel();
}

}  // namespace cli
