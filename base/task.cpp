#include "base/task.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <list>
#include <optional>
#include <utility>

#include "base/check.h"

namespace base {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;

// A task that swallows one cancellation is asked again this often while the group is joined.
constexpr Duration repeat_stop_every = std::chrono::milliseconds(20);

Error cancelled_error() {
  return {Code::cancelled, "stopped"};
}

}  // namespace

Loop::Loop() : context_(std::make_unique<asio::io_context>(1)) {}
Loop::~Loop() = default;

void Loop::run() {
  const auto work = asio::make_work_guard(*context_);
  context_->run();
}

std::size_t Loop::poll() {
  context_->restart();
  return context_->poll();
}

void Loop::run_until(const std::function<bool()>& done) {
  const auto work = asio::make_work_guard(*context_);
  while (!done()) context_->run_one();
}

void Loop::stop() {
  context_->stop();
}

void Loop::post(std::move_only_function<void()> work) {
  asio::post(*context_, std::move(work));
}

Executor Loop::executor() {
  return context_->get_executor();
}

Task<bool> stopping() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

Task<Result<void>> sleep_for(Duration d) {
  if (co_await stopping()) co_return std::unexpected(cancelled_error());
  asio::steady_timer timer(co_await asio::this_coro::executor, d);
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(use_awaitable, error));
  if (error) co_return std::unexpected(cancelled_error());
  co_return Result<void>{};
}

struct Signal::State {
  explicit State(Executor executor) : timer(std::move(executor)) {}
  asio::steady_timer timer;
  int waiters = 0;
  bool pending = false;
};

Signal::Signal(Executor executor) : state_(std::make_unique<State>(std::move(executor))) {}
Signal::~Signal() = default;
Signal::Signal(Signal&&) noexcept = default;
Signal& Signal::operator=(Signal&&) noexcept = default;

void Signal::notify() {
  if (state_->waiters == 0) {
    state_->pending = true;
  } else {
    state_->timer.cancel();
  }
}

Task<Result<void>> Signal::wait() {
  co_return co_await wait_for(std::chrono::hours(24 * 365));
}

Task<Result<void>> Signal::wait_for(Duration limit) {
  if (co_await stopping()) co_return std::unexpected(cancelled_error());
  if (std::exchange(state_->pending, false)) co_return Result<void>{};
  // Moving the expiry would wake the other waiters, so only the first one sets it.
  if (state_->waiters == 0) state_->timer.expires_after(limit);
  ++state_->waiters;
  boost::system::error_code error;
  co_await state_->timer.async_wait(asio::redirect_error(use_awaitable, error));
  --state_->waiters;
  if (co_await stopping()) co_return std::unexpected(cancelled_error());
  if (!error) co_return fail(Code::timeout, "not signalled within " + format_duration(limit));
  co_return Result<void>{};
}

struct task_detail::Entry {
  Executor executor;
  asio::cancellation_signal cancel;
  bool ended = false;

  // Only on the loop: elsewhere Asio would hand the emission over by a pointer into a task that may
  // end meanwhile.
  static void stop(const std::shared_ptr<Entry>& entry) {
    asio::dispatch(entry->executor, [entry] {
      if (!entry->ended) entry->cancel.emit(asio::cancellation_type::total);
    });
  }
};

void TaskHandle::stop() const {
  if (const auto entry = entry_.lock()) task_detail::Entry::stop(entry);
}

struct TaskGroup::State {
  State(Executor e, Log l) : executor(std::move(e)), log(std::move(l)), ended(executor) {}

  Executor executor;
  Log log;
  std::list<std::shared_ptr<task_detail::Entry>> entries;
  bool stopped = false;
  Signal ended;
};

namespace {

// Cancelled awaits answer with an error code instead of throwing.
Task<void> without_throwing(Task<void> task) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}

std::string describe(const std::exception_ptr& stray) {
  try {
    std::rethrow_exception(stray);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown exception";
  }
}

}  // namespace

TaskGroup::TaskGroup(Executor executor, Log log)
    : state_(std::make_shared<State>(std::move(executor), std::move(log))) {}

TaskGroup::~TaskGroup() {
  CHECK(state_->entries.empty());
}

TaskHandle TaskGroup::spawn(Task<void> task) {
  if (state_->stopped) return {};
  const auto made = std::make_shared<task_detail::Entry>();
  made->executor = state_->executor;
  const auto entry = state_->entries.insert(state_->entries.end(), made);
  const auto on_end = [state = state_, entry](const std::exception_ptr& stray) {
    if (stray)
      state->log.error("a task ended by an exception: this is a bug", {{"error", describe(stray)}});
    (*entry)->ended = true;
    state->entries.erase(entry);
    state->ended.notify();
  };
  asio::co_spawn(state_->executor, without_throwing(std::move(task)),
                 asio::bind_cancellation_slot(made->cancel.slot(), on_end));
  return TaskHandle(made);
}

void TaskGroup::stop() {
  state_->stopped = true;
  // An emission may end tasks at once and erase their entries, so walk a copy.
  const auto entries = state_->entries;
  for (const auto& entry : entries) task_detail::Entry::stop(entry);
}

Task<void> TaskGroup::join() {
  const auto state = state_;
  while (!state->entries.empty()) {
    auto ended = co_await state->ended.wait_for(repeat_stop_every);
    if (!ended && ended.error().code == Code::cancelled)
      co_await asio::post(state->executor, use_awaitable);
    if (state->stopped) stop();
  }
}

std::size_t TaskGroup::size() const {
  return state_->entries.size();
}

namespace task_detail {

struct DeadlineState {
  explicit DeadlineState(Executor executor) : timer(std::move(executor)) {}
  asio::steady_timer timer;
  asio::cancellation_signal cancel;
  bool late = false;
  bool done = false;
};

Task<Executor> current_executor() {
  co_return co_await asio::this_coro::executor;
}

std::shared_ptr<DeadlineState> start_deadline(Executor executor, Duration limit) {
  auto state = std::make_shared<DeadlineState>(std::move(executor));
  state->timer.expires_after(limit);
  state->timer.async_wait([state](const boost::system::error_code& error) {
    if (error || state->done) return;
    state->late = true;
    state->cancel.emit(asio::cancellation_type::total);
  });
  return state;
}

bool finish_deadline(DeadlineState& state) {
  state.done = true;
  state.timer.cancel();
  return state.late;
}

Task<void> run_under_deadline(std::shared_ptr<DeadlineState> state, Task<void> body) {
  auto outer = co_await asio::this_coro::cancellation_state;
  if (outer.cancelled() != asio::cancellation_type::none) co_return;
  // The body runs under its own slot; what cancels us is handed on to it.
  if (outer.slot().is_connected()) {
    outer.slot().assign([state](asio::cancellation_type type) { state->cancel.emit(type); });
  }
  co_await asio::co_spawn(co_await asio::this_coro::executor, without_throwing(std::move(body)),
                          asio::bind_cancellation_slot(state->cancel.slot(), use_awaitable));
  if (outer.slot().is_connected()) outer.slot().clear();
}

}  // namespace task_detail
}  // namespace base
