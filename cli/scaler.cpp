// `tidewheel scaler`: only the OTel external scaler, next to an existing KEDA.

#include <fmt/format.h>

#include <cstdio>

#include "cli/command.h"
#include "cli/frontend.h"
#include "cli/ingest.h"
#include "cli/interrupt.h"

namespace cli {
namespace {

// Everything of one run. Lives on the control loop, which is the calling thread.
class ScalerRun {
 public:
  explicit ScalerRun(const Options& options)
      : options_(options),
        log_(Log::make(options.log_level, options.log_format)),
        tasks_(loop_.executor(), log_) {}

  int run() {
    const auto started = start();
    if (!started) {
      fmt::print(stderr, "tidewheel: {}\n", started.error().what);
      tasks_.spawn(shut_down());
    }
    const Interrupts interrupts(
        loop_, [this] { tasks_.spawn(shut_down()); }, [this] { look_at_files(); });
    if (started) {
      fmt::print("{}\n", ready_line(*ingest_, *frontend_));
      std::fflush(stdout);
    }
    loop_.run();
    while (tasks_.size() > 0) loop_.poll();
    return started ? 0 : 1;
  }

 private:
  Result<void> start() {
    TRY(ingest_, Ingest::start(options_, options_.bind, clock_, log_, metrics_));
    frontend_ =
        std::make_unique<Frontend>(FrontendParts{loop_, board_, *ingest_, clock_, metrics_, log_});
    return frontend_->listen(options_, options_.bind, {});
  }

  void look_at_files() {
    if (!ingest_ || !frontend_) return;  // the start failed, and the end is near
    ingest_->look_at_files();
    frontend_->look_at_files();
  }

  Task<void> shut_down() {
    if (frontend_ && frontend_->metrics_port() != 0) log_.info("stopping");
    const Instant end = clock_.steady() + options_.shutdown_grace;
    if (ingest_) co_await ingest_->drain(options_.shutdown_grace);
    // Last, so that probes are answered meanwhile.
    if (frontend_) co_await frontend_->drain(end - clock_.steady());
    loop_.stop();
  }

  const Options& options_;
  Log log_;
  base::SystemClock clock_;
  base::metrics::Registry metrics_;
  base::Loop loop_;
  control::Board board_{{}, nullptr};
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<Frontend> frontend_;
  base::TaskGroup tasks_;
};

}  // namespace

int run_scaler(const Arguments& arguments) {
  return ScalerRun(arguments.options).run();
}

}  // namespace cli
