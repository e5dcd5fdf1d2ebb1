#pragma once

// Asking another thread's loop: run a function there, continue here with its answer.

#include <boost/asio/use_awaitable.hpp>

#include <type_traits>
#include <utility>

#include "base/task.h"

namespace base {
namespace call_on_detail {

template <class F>
Task<std::invoke_result_t<F&>> run(F work) {
  co_return work();
}

}  // namespace call_on_detail

// Runs `work` on `loop`'s thread and resumes on the caller's. `work` owns what it needs or refers
// to what lives on `loop`. When `loop` has stopped the answer never comes: give the call a
// deadline.
template <class F>
Task<std::invoke_result_t<F&>> call_on(Loop& loop, F work) {
  co_return co_await boost::asio::co_spawn(loop.executor(), call_on_detail::run(std::move(work)),
                                           boost::asio::use_awaitable);
}

// The same for a coroutine of `loop`: awaits it there and resumes here.
inline Task<void> run_on(Loop& loop, Task<void> work) {
  co_await boost::asio::co_spawn(loop.executor(), std::move(work), boost::asio::use_awaitable);
}

}  // namespace base
