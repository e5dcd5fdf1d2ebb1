#include "server/health.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "proto/reader.h"
#include "proto/writer.h"
#include "server/descriptors.h"
#include "server/held_call.h"

namespace server {
namespace {

constexpr std::int32_t serving = 1;
constexpr std::int32_t service_unknown = 3;

using Names = std::shared_ptr<const std::vector<std::string>>;

// The status of the service that a HealthCheckRequest names.
Result<std::int32_t> status_of(const std::vector<std::string>& names, std::string_view request) {
  std::string_view service;
  proto::Reader in(request);
  while (in.next()) {
    if (in.field() == 1) service = in.text();
  }
  TRY_VOID(in.finish());
  const bool known = service.empty() || std::ranges::find(names, service) != names.end();
  return known ? serving : service_unknown;
}

std::string encode_status(std::int32_t status) {
  std::string bytes;
  proto::Writer(bytes).int32(1, status);
  return bytes;
}

Task<Result<std::string>> check(Names names, std::string request) {
  CO_TRY(const std::int32_t status, status_of(*names, request));
  if (status == service_unknown) co_return fail(Code::not_found, "unknown service");
  co_return encode_status(status);
}

class HealthWatch final : public HeldCall {
 public:
  HealthWatch(net::grpc::Reply& reply, Names names) : HeldCall(reply), names_(std::move(names)) {}

 private:
  void open(std::string request) override {
    const auto status = status_of(*names_, request);
    if (!status) return reply().finish(std::unexpected(status.error()));
    reply().send(encode_status(*status));
  }

  Names names_;
};

}  // namespace

void add_health(net::grpc::Services& services) {
  const auto names = std::make_shared<std::vector<std::string>>();
  services.add("/grpc.health.v1.Health/Check",
               net::grpc::Unary([names](const net::grpc::Context&, std::string request) {
                 return check(names, std::move(request));
               }));
  services.add("/grpc.health.v1.Health/Watch",
               net::grpc::Conversing([names](const net::grpc::Context&, net::grpc::Reply& reply) {
                 return std::make_unique<HealthWatch>(reply, names);
               }));
  *names = described(services.names());
}

}  // namespace server
