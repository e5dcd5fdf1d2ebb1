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

// An answer other than 200. Source: OTLP/HTTP, which statuses may be tried again.
Code code_of(int status) {
  const bool later = status == 429 || status == 502 || status == 503 || status == 504;
  if (later) return Code::unavailable;
  return status == 401 ? Code::unauthenticated : Code::bad_data;
}

class HttpSender final : public Sender {
 public:
  HttpSender(std::unique_ptr<net::http::Connection> connection, net::http::Headers headers,
             Duration timeout)
      : connection_(std::move(connection)), headers_(std::move(headers)), timeout_(timeout) {
    headers_.add("content-type", "application/x-protobuf");
  }

  Task<Result<std::string>> send(const std::string& body) override {
    net::http::Request request{
        .method = "POST", .path = "/v1/metrics", .headers = headers_, .body = body};
    auto sent = connection_->send(std::move(request), {.timeout = timeout_});
    CO_TRY(auto response, co_await std::move(sent));
    if (response.status != 200) {
      co_return fail(code_of(response.status),
                     fmt::format("answered with status {}", response.status));
    }
    co_return std::move(response.body);
  }
  Task<void> close() override { co_return; }

 private:
  std::unique_ptr<net::http::Connection> connection_;
  net::http::Headers headers_;
  Duration timeout_;
};

}  // namespace

Task<Result<std::unique_ptr<Sender>>> open_sender(net::Origin target, net::http::Headers headers,
                                                  Protocol protocol, Duration timeout) {
  if (protocol == Protocol::grpc) {
    CO_TRY(auto channel, co_await net::grpc::Channel::open(std::move(target), std::move(headers)));
    co_return std::make_unique<GrpcSender>(std::move(channel), timeout);
  }
  CO_TRY(auto connection, co_await net::http::Connection::open(std::move(target)));
  co_return std::make_unique<HttpSender>(std::move(connection), std::move(headers), timeout);
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
