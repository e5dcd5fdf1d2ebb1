#include "otlp/receiver.h"

#include <algorithm>
#include <optional>

#include "otlp/decode.h"
#include "otlp/intake.h"
#include "otlp/metrics.h"
#include "otlp/once.h"
#include "otlp/response.h"
#include "otlp/signals.h"
#include "otlp/tally.h"

namespace otlp {
namespace {

using net::http::Request;
using net::http::Response;

constexpr std::string_view metrics_path = "/v1/metrics";
constexpr std::string_view export_method =
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
constexpr std::string_view metrics_only = "this server takes metrics only";
constexpr std::string_view protobuf_type = "application/x-protobuf";
constexpr std::string_view json_type = "application/json";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The media type of a Content-Type, without parameters, in lower case.
std::string media_type(std::string_view header) {
  header = header.substr(0, header.find(';'));
  while (header.ends_with(' ')) header.remove_suffix(1);
  std::string type(header);
  std::ranges::transform(type, type.begin(), lower);
  return type;
}

std::optional<Encoding> encoding_of(const Request& request) {
  const std::string type = media_type(request.headers.find("content-type").value_or(""));
  if (type == protobuf_type) return Encoding::protobuf;
  if (type == json_type) return Encoding::json;
  return std::nullopt;
}

Response encoded(int status, std::string body, Encoding encoding) {
  const std::string_view type = encoding == Encoding::json ? json_type : protobuf_type;
  return {
      .status = status, .headers = {{"Content-Type", std::string(type)}}, .body = std::move(body)};
}

Response plain(int status, std::string_view text) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = std::string(text) + "\n"};
}

// The peer without its port, which changes with every connection.
std::string_view sender_of(std::string_view peer) {
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace

struct Receiver::State {
  State(ReceiverParts parts, Log l, base::metrics::Registry& registry)
      : hasher(parts.store.hasher()),
        clock(parts.clock),
        log(l.with("otlp")),
        metrics(registry),
        wanted(parts.store.wanted()),
        intake(parts.store, parts.first_shard) {}

  Result<Tally> take(std::string_view body, Encoding encoding);
  Result<void> admit(const net::http::Headers& headers);
  void note_unsupported(Signal signal, std::string_view peer);

  const tsdb::Hasher& hasher;
  const Clock& clock;
  Log log;
  Metrics metrics;
  tsdb::WantedView wanted;
  net::BearerToken* token = nullptr;  // what requests must carry; nullptr: nothing
  Batch batch;                        // the request at hand
  Intake intake;
  Once unsupported_senders;
};

Result<Tally> Receiver::State::take(std::string_view body, Encoding encoding) {
  const DecodeOptions options{.wanted = wanted.all() ? nullptr : &wanted};
  wanted.refresh();
  if (encoding == Encoding::json) {
    TRY_VOID(decode_json(body, batch, options));
    return intake.take(batch, clock.now());
  }
  TRY_VOID(digest(body, batch, hasher, options));
  auto taken = intake.take(batch, clock.now());
  if (taken) return taken;
  TRY_VOID(decode(body, batch, options));  // which says what is wrong, and where
  return intake.take(batch, clock.now());
}

Result<void> Receiver::State::admit(const net::http::Headers& headers) {
  if (token == nullptr) return {};
  auto checked = token->check(headers);
  if (!checked) metrics.refused_token();
  return checked;
}

void Receiver::State::note_unsupported(Signal signal, std::string_view peer) {
  metrics.unsupported(signal);
  const std::string_view label = signal_rows[static_cast<std::size_t>(signal)].label;
  const std::string_view sender = sender_of(peer);
  if (!unsupported_senders.first(std::string(label) + " " + std::string(sender))) return;
  log.warn("a sender offers a signal that is not taken", {{"signal", label}, {"peer", sender}});
}

Receiver::Receiver(ReceiverParts parts, Log log, base::metrics::Registry& metrics)
    : state_(std::make_unique<State>(parts, std::move(log), metrics)) {}

Receiver::~Receiver() = default;

void Receiver::require(net::BearerToken& token) {
  state_->token = &token;
}

Result<std::string> Receiver::receive(std::string_view body, Encoding encoding) {
  const auto tally = state_->take(body, encoding);
  state_->batch.clear();
  if (!tally) {
    state_->metrics.request(encoding, Outcome::invalid);
    return std::unexpected(tally.error());
  }
  state_->metrics.points(*tally);
  state_->metrics.request(encoding, tally->dropped_total() > 0 ? Outcome::partial : Outcome::ok);
  return success_body(*tally, encoding);
}

namespace {

Task<Result<std::string>> export_metrics(Receiver& receiver, std::string request) {
  co_return receiver.receive(request, Encoding::protobuf);
}

Task<Result<std::string>> refuse(Error error) {
  co_return std::unexpected(std::move(error));
}

Response unauthenticated(const Error& error, std::optional<Encoding> encoding) {
  const int status = base::code_row(error.code).http_status;
  Response response = encoding ? encoded(status, status_body(error, *encoding), *encoding)
                               : plain(status, error.what);
  response.headers.add("WWW-Authenticate", "Bearer");
  return response;
}

bool is_ours(std::string_view path) {
  return path == metrics_path ||
         std::ranges::find(signal_rows, path, &SignalRow::http_path) != signal_rows.end();
}

}  // namespace

void Receiver::add_to(net::grpc::Services& services) {
  using net::grpc::Context;
  using net::grpc::Unary;
  services.add(std::string(export_method), Unary([this](const Context& context, std::string body) {
                 const auto admitted = state_->admit(context.metadata);
                 if (!admitted) return refuse(admitted.error());
                 return export_metrics(*this, std::move(body));
               }));
  for (const SignalRow& row : signal_rows) {
    const Signal signal = row.signal;
    services.add(std::string(row.grpc_method),
                 Unary([this, signal](const Context& context, const std::string&) {
                   const auto admitted = state_->admit(context.metadata);
                   if (!admitted) return refuse(admitted.error());
                   state_->note_unsupported(signal, context.peer);
                   return refuse({Code::unimplemented, std::string(metrics_only)});
                 }));
  }
}

std::optional<Response> Receiver::handle(const Request& request) {
  if (!is_ours(request.path)) return std::nullopt;
  const auto admitted = state_->admit(request.headers);
  if (!admitted) return unauthenticated(admitted.error(), encoding_of(request));
  for (const SignalRow& row : signal_rows) {
    if (request.path != row.http_path) continue;
    state_->note_unsupported(row.signal, request.peer);
    return plain(404, metrics_only);
  }
  if (request.method != "POST") {
    state_->metrics.refused_method();
    Response response = plain(405, "send metrics with POST");
    response.headers.add("Allow", "POST");
    return response;
  }
  const auto encoding = encoding_of(request);
  if (!encoding) {
    state_->metrics.refused_content_type();
    return plain(415, "send application/x-protobuf or application/json");
  }
  auto body = receive(request.body, *encoding);
  if (body) return encoded(200, *std::move(body), *encoding);
  const int status = base::code_row(body.error().code).http_status;
  return encoded(status, status_body(body.error(), *encoding), *encoding);
}

}  // namespace otlp
