#include "net/testing/echo.h"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/clock.h"

namespace net::testing {
namespace {

// Cuts the first word off; the rest stays in `text`.
std::string_view next_word(std::string_view& text) {
  const std::size_t space = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, space);
  text.remove_prefix(std::min(space + 1, text.size()));
  return word;
}

int next_number(std::string_view& text) {
  const std::string_view word = next_word(text);
  int number = 0;
  std::from_chars(word.data(), word.data() + word.size(), number);
  return number;
}

// "CODE text"; nothing is success.
Result<void> failure(std::string_view text) {
  if (text.empty()) return {};
  const int code = next_number(text);
  return fail(base::code_from_grpc(code), std::string(text));
}

Task<Result<std::string>> echo(const grpc::Context&, std::string request) {
  co_return request;
}

Task<Result<std::string>> said(const grpc::Context& context, std::string request) {
  co_return std::string(context.metadata.find(request).value_or(""));
}

Task<Result<std::string>> sized(const grpc::Context&, std::string request) {
  std::string_view text = request;
  co_return std::string(static_cast<std::size_t>(next_number(text)), 'x');
}

Task<Result<std::string>> fails(const grpc::Context&, std::string request) {
  CO_TRY_VOID(failure(request));
  co_return std::string{};
}

Task<Result<std::string>> sleep(const grpc::Context&, std::string request) {
  std::string_view text = request;
  CO_TRY_VOID(co_await base::sleep_for(std::chrono::milliseconds(next_number(text))));
  co_return std::string{};
}

Task<Result<std::string>> burn(EchoState* state, std::string request) {
  const base::SystemClock clock;
  std::string_view text = request;
  const Instant end = clock.steady() + std::chrono::milliseconds(next_number(text));
  while (clock.steady() < end) {
  }
  ++state->burned;
  co_return std::string{};
}

Task<Result<std::string>> metadata(const grpc::Context& context, std::string request) {
  std::string lines;
  for (const auto& [name, value] : context.metadata.all())
    if (name == request) lines += value + '\n';
  co_return lines;
}

Task<Result<void>> repeat(const grpc::Context&, std::string request, grpc::StreamWriter& writer) {
  std::string_view text = request;
  const int count = next_number(text);
  const int bytes = next_number(text);
  for (int i = 0; i < count; ++i) {
    CO_TRY_VOID(co_await writer.write(std::string(static_cast<std::size_t>(bytes), 'x')));
  }
  co_return failure(text);
}

Task<Result<void>> wait_for_stop(EchoState* state) {
  ++state->waiting;
  auto slept = co_await base::sleep_for(std::chrono::hours(1));
  --state->waiting;
  ++state->cancelled;
  co_return slept;
}

Task<Result<std::string>> wait(EchoState* state) {
  CO_TRY_VOID(co_await wait_for_stop(state));
  co_return std::string{};
}

Task<Result<std::string>> counts(EchoState* state) {
  co_return fmt::format("{} {}", state->waiting, state->cancelled);
}

// Echoes every message as it comes; "bye CODE text" ends the call, and so does the peer's end.
class Chat final : public grpc::Conversation {
 public:
  Chat(EchoState& state, grpc::Reply& reply) : state_(state), reply_(reply) { ++state_.talking; }
  ~Chat() override { --state_.talking; }

  void take(std::string message) override {
    std::string_view text = message;
    const std::string_view word = next_word(text);
    if (word == "bye") return reply_.finish(failure(text));
    if (word == "throw") throw std::runtime_error("boom");
    reply_.send(std::move(message));
  }
  void take_end() override { reply_.finish({}); }

 private:
  EchoState& state_;
  grpc::Reply& reply_;
};

grpc::Services services(EchoState* state) {
  grpc::Services out;
  const auto name = [](std::string_view method) {
    return fmt::format("/tidewheel.Echo/{}", method);
  };
  out.add(name("Echo"), grpc::Unary(echo));
  out.add(name("Said"), grpc::Unary(said));
  out.add(name("Sized"), grpc::Unary(sized));
  out.add(name("Fail"), grpc::Unary(fails));
  out.add(name("Sleep"), grpc::Unary(sleep));
  out.add(name("Metadata"), grpc::Unary(metadata));
  out.add(name("Repeat"), grpc::ServerStreaming(repeat));
  // These lambdas are no coroutines: they only hand the state on.
  out.add(name("Burn"), grpc::Unary([state](const grpc::Context&, std::string request) {
            return burn(state, std::move(request));
          }));
  out.add(name("Wait"),
          grpc::Unary([state](const grpc::Context&, std::string) { return wait(state); }));
  out.add(name("Counts"),
          grpc::Unary([state](const grpc::Context&, std::string) { return counts(state); }));
  out.add(name("Stream"),
          grpc::ServerStreaming([state](const grpc::Context&, std::string, grpc::StreamWriter&) {
            return wait_for_stop(state);
          }));
  out.add(name("Chat"), grpc::Conversing([state](const grpc::Context&, grpc::Reply& reply) {
            return std::make_unique<Chat>(*state, reply);
          }));
  return out;
}

Task<void> write_events(http::BodyWriter& writer) {
  for (const char* event : {"data: 1\n\n", "data: 2\n\n", "data: 3\n\n"}) {
    auto written = co_await writer.write(event);
    if (!written) co_return;
  }
}

Task<void> write_until_stopped(EchoState* state, http::BodyWriter* writer) {
  auto written = co_await writer->write("data: begin\n\n");
  if (written) static_cast<void>(co_await wait_for_stop(state));
}

Task<http::Response> answer_http(EchoState* state, http::Request request) {
  http::Response response;
  if (request.path == "/echo") {
    response.body = std::move(request.body);
  } else if (request.path == "/events") {
    response.headers.add("content-type", "text/event-stream");
    response.stream = write_events;
  } else if (request.path == "/wait") {
    response.stream = [state](http::BodyWriter& writer) {
      return write_until_stopped(state, &writer);
    };
  } else if (request.path == "/throw") {
    throw std::runtime_error("boom");
  } else if (request.path == "/drain") {
    state->drain_asked.notify();
  } else {
    response.status = 404;
  }
  co_return response;
}

}  // namespace

Handlers make_echo(EchoState& state) {
  return {
      .http = [s = &state](http::Request request) { return answer_http(s, std::move(request)); },
      .grpc = std::make_shared<grpc::Services>(services(&state))};
}

}  // namespace net::testing
