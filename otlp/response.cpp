#include "otlp/response.h"

#include "json/json.h"
#include "otlp/fields.h"
#include "proto/writer.h"

namespace otlp {
namespace {

std::string success_json(const Tally& tally) {
  const std::string told = describe(tally);
  if (told.empty()) return "{}";
  const json::Object partial{{"rejectedDataPoints", std::to_string(tally.dropped_total())},
                             {"errorMessage", told}};
  return json::print(json::Object{{"partialSuccess", partial}});
}

std::string success_protobuf(const Tally& tally) {
  namespace partial = field::partial_success;
  const std::string told = describe(tally);
  std::string bytes;
  if (told.empty()) return bytes;
  proto::Writer(bytes).message(field::response::partial_success, [&](proto::Writer& out) {
    if (const auto dropped = static_cast<std::int64_t>(tally.dropped_total()))
      out.int64(partial::rejected_data_points, dropped);
    out.text(partial::error_message, told);
  });
  return bytes;
}

}  // namespace

std::string success_body(const Tally& tally, Encoding encoding) {
  return encoding == Encoding::json ? success_json(tally) : success_protobuf(tally);
}

std::string status_body(const Error& error, Encoding encoding) {
  const int code = base::code_row(error.code).grpc_status;
  if (encoding == Encoding::json) {
    return json::print(json::Object{{"code", code}, {"message", error.what}});
  }
  std::string bytes;
  proto::Writer out(bytes);
  out.int32(field::status::code, code);
  out.text(field::status::message, error.what);
  return bytes;
}

}  // namespace otlp
