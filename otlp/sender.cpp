#include "otlp/sender.h"

#include <fmt/format.h>

#include "otlp/fields.h"
#include "proto/reader.h"

namespace otlp {
namespace {

class GrpcSender final : public Sender {
 public:
  GrpcSender(std::unique_ptr<net::grpc::Channel> channel, Duration timeout)
      : channel_(std::move(channel)), timeout_(timeout) {}

  Task<Result<std::string>> send(const std::string& body) override {
    return channel_->unary("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", body,
                           timeout_);
  }
  Task<void> close() override { return channel_->close(); }

 private:
  std::unique_ptr<net::grpc::Channel> channel_;
  Duration timeout_;
};

class HttpSender final : public Sender {
 public:
  HttpSender(std::unique_ptr<net::http::Connection> connection, Duration timeout)
      : connection_(std::move(connection)), timeout_(timeout) {}

  Task<Result<std::string>> send(const std::string& body) override {
    net::http::Request request{.method = "POST",
                               .path = "/v1/metrics",
                               .headers = {{"Content-Type", "application/x-protobuf"}},
                               .body = body};
    auto sent = connection_->send(std::move(request), {.timeout = timeout_});
    CO_TRY(auto response, co_await std::move(sent));
    if (response.status != 200) {
      co_return fail(Code::bad_data, fmt::format("answered with status {}", response.status));
    }
    co_return std::move(response.body);
  }
  Task<void> close() override { co_return; }

 private:
  std::unique_ptr<net::http::Connection> connection_;
  Duration timeout_;
};

}  // namespace

Task<Result<std::unique_ptr<Sender>>> open_sender(net::Address target, Protocol protocol,
                                                  Duration timeout) {
  if (protocol == Protocol::grpc) {
    CO_TRY(auto channel, co_await net::grpc::Channel::open(std::move(target)));
    co_return std::make_unique<GrpcSender>(std::move(channel), timeout);
  }
  CO_TRY(auto connection, co_await net::http::Connection::open(std::move(target)));
  co_return std::make_unique<HttpSender>(std::move(connection), timeout);
}

Result<std::uint64_t> rejected_points(std::string_view response) {
  std::int64_t rejected = 0;
  proto::Reader in(response);
  while (in.next()) {
    if (in.field() != field::response::partial_success) continue;
    proto::Reader partial = in.message();
    while (partial.next()) {
      if (partial.field() == field::partial_success::rejected_data_points) {
        rejected = partial.int64();
      }
    }
    TRY_VOID(partial.finish());
  }
  TRY_VOID(in.finish());
  return static_cast<std::uint64_t>(std::max<std::int64_t>(rejected, 0));
}

}  // namespace otlp
