#include "net/grpc_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "net/bounds.h"
#include "net/grpc_status_details.h"
#include "net/inflate.h"

namespace net::grpc {
namespace {

// A client that cancels more often than this costs more than it is worth (CVE-2023-44487).
constexpr std::uint32_t resets_max = 1000;
constexpr std::uint32_t controls_max = 1000;
constexpr Duration flood_window = std::chrono::seconds(10);
// Answers that one peer does not take: past this, it gets no new ones.
constexpr std::size_t untaken_bytes_max = 64u << 20;
// Peers give windows back in pieces as they like: so many for a frame of data, and for a call.
constexpr std::uint64_t updates_per_frame = 8;

constexpr std::string_view answer_content_type = "application/grpc";

// Fields of the protocol itself; they are no metadata.
constexpr std::array<std::string_view, 4> protocol_fields = {
    "content-length", "grpc-accept-encoding", "grpc-message-type", "te"};

bool is_protocol_field(std::string_view name) {
  return std::ranges::find(protocol_fields, name) != protocol_fields.end();
}

constexpr std::array<std::string_view, 17> status_digits = {
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"};

std::string_view digits_of(int code) {
  return status_digits[static_cast<std::size_t>(std::clamp(code, 0, 16))];
}

Status status(Code code, std::string what) {
  return {.code = base::code_row(code).grpc_status, .message = std::move(what)};
}

// A bound of all connections is reached, which is over as soon as others are answered.
Status busy(std::string what) {
  Status refusal = status(Code::exhausted, std::move(what));
  refusal.retry_after = busy_retry_after;
  return refusal;
}

}  // namespace

ServerSession::ServerSession(Parts parts, Instant now)
    : parts_(std::move(parts)),
      inflight_(parts_.bounds.inflight, parts_.limits.guaranteed_bytes),
      answers_(parts_.bounds.answers, parts_.limits.guaranteed_bytes),
      call_count_(parts_.bounds.calls, parts_.limits.guaranteed_calls),
      session_(open(*this)),
      now_(now),
      heard_(now),
      due_(now + parts_.limits.idle_timeout),
      resets_(resets_max, flood_window),
      controls_(controls_max, flood_window) {
  const std::array settings = {
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, parts_.limits.streams_max},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, http2::stream_window_bytes},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
                             static_cast<std::uint32_t>(parts_.limits.header_bytes_max)},
  };
  CHECK(nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings.data(),
                                settings.size()) == 0);
  CHECK(nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0,
                                              http2::connection_window_bytes) == 0);
}

ServerSession::~ServerSession() {
  parts_.metrics.calls_open().add(-static_cast<double>(call_count_.used()));
  for (const auto& [id, call] : calls_) call->held.release();
}

// --- receiving

void ServerSession::feed(std::string_view bytes, Instant now) {
  now_ = now;
  heard_ = now;
  asked_ = {};
  if (broken_ || deaf_) return;
  const auto used = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (used < 0) {
    deaf_ = true;
    const bool flood = used == NGHTTP2_ERR_FLOODED || used == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS;
    if (flood) parts_.metrics.violated(Violation::control_flood);
    end_connection(flood ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
  }
  // Outside of nghttp2's callbacks, where a stranger's code may do what it likes.
  for (const Context& context : std::exchange(unknown_, {})) parts_.services.on_unknown(context);
}

void ServerSession::begin_call(std::int32_t stream) {
  auto call = std::make_shared<Call>(stream, parts_.limits.body_bytes_max, inflight_);
  call->started = now_;
  due_ = std::min(due_, now_ + parts_.limits.request_timeout);
  updates_due_ += updates_per_frame;
  call->context.peer = parts_.peer;
  nghttp2_session_set_stream_user_data(session_.get(), stream, call.get());
  calls_.emplace(stream, std::move(call));
}

void ServerSession::take_header(Call& call, std::string_view name, std::string_view value) {
  constexpr std::size_t field_overhead = 32;  // as RFC 9113 section 10.5.1 counts
  call.header_bytes += name.size() + value.size() + field_overhead;
  if (call.header_bytes > parts_.limits.header_bytes_max) return;
  if (name == ":path") {
    call.context.method = value;
  } else if (name == ":method") {
    call.http_method = value;
  } else if (name == "content-type") {
    call.content_type = value;
  } else if (name == "grpc-encoding") {
    call.encoding = value;
  } else if (name == "grpc-timeout") {
    call.timeout = value;
  } else if (!name.starts_with(':') && !is_protocol_field(name)) {
    call.context.metadata.add(std::string(name), std::string(value));
  }
}

// Decides from the header alone whether the call can go on.
void ServerSession::check_head(Call& call) {
  if (call.header_bytes > parts_.limits.header_bytes_max) {
    parts_.metrics.violated(Violation::header_too_large);
    return answer_http(call, "431");
  }
  if (!is_grpc_content_type(call.content_type)) return answer_http(call, "415");
  if (call.http_method != "POST") return answer_http(call, "405");
  call.method = parts_.services.find(call.context.method);
  if (call.method == nullptr) {
    if (parts_.services.on_unknown) unknown_.push_back(call.context);
    return finish(
        call, status(Code::unimplemented, fmt::format("unknown method {}", call.context.method)));
  }
  if (!parse_coding(call.encoding)) {
    return finish(call, status(Code::unimplemented,
                               fmt::format("grpc-encoding \"{}\" is not offered", call.encoding)));
  }
  if (answers_.used() > untaken_bytes_max) {
    return finish(call, status(Code::exhausted, "too many answers are not taken yet"));
  }
  if (!count(call)) return;
  hold(call);
  if (call.status) return;
  if (!call.timeout.empty()) {
    const auto timeout = parse_timeout(call.timeout);
    if (!timeout) return finish(call, status(Code::internal, timeout.error().what));
    // A deadline beyond the clock's end is none.
    if (*timeout < std::chrono::hours(24 * 365)) call.deadline = now_ + *timeout;
    due_ = std::min(due_, call.deadline);
  }
  if (!call.conversing()) return;
  call.held.release();
  make_ready(call, {});
}

void ServerSession::take_data(Call& call, std::string_view bytes) {
  if (call.status) return;  // decided already; the rest only has to be read
  const auto taken = call.conversing() ? take_messages(call, bytes) : call.reader.feed(bytes);
  if (!taken) return refuse(call, taken.error());
  hold(call);
}

// Of a conversation.
Result<void> ServerSession::take_messages(Call& call, std::string_view bytes) {
  while (!bytes.empty()) {
    TRY(const std::size_t used, call.reader.feed_one(bytes));
    bytes.remove_prefix(used);
    if (!call.reader.whole()) break;
    TRY(auto message, read_message(call.reader, call.encoding, parts_.limits.body_bytes_max));
    call.arrived_bytes += message.size();
    call.arrived.push_back(std::move(message));
    call.spoken = true;
    note_heard(call);
  }
  return {};
}

// A request that is no message, or a part of one.
void ServerSession::refuse(Call& call, const Error& error) {
  const bool large = error.code == Code::exhausted;
  parts_.metrics.violated(large ? Violation::body_too_large : Violation::bad_message);
  finish(call, status(error.code, error.what));
  abandon(call);
}

// One of the calls that are bounded together; false, and the call refused, when it is one too many.
bool ServerSession::count(Call& call) {
  if (call_count_.take(1)) {
    call.counted = true;
    parts_.metrics.calls_open().add(1);
    return true;
  }
  parts_.metrics.violated(Violation::too_many_calls);
  finish(call, busy("too many calls"));
  return false;
}

// Pays for what is kept of the request; a call that cannot is refused.
void ServerSession::hold(Call& call) {
  const std::size_t head_bytes = call.ready ? 0 : call.header_bytes;
  const std::size_t taken_bytes = call.request.size() + call.arrived_bytes;
  if (call.held.resize(head_bytes + call.reader.held_bytes() + taken_bytes)) return;
  call.request = {};
  call.arrived = {};
  parts_.metrics.violated(Violation::too_much_in_flight);
  finish(call, busy("too many request bytes in flight"));
  abandon(call);
}

void ServerSession::end_request(Call& call) {
  if (call.status) return;
  if (call.conversing()) return end_conversation(call);
  if (call.ready) return;
  auto message = read_message(call.reader, call.encoding, parts_.limits.body_bytes_max);
  if (!message) return refuse(call, message.error());
  make_ready(call, std::move(*message));
  hold(call);
}

void ServerSession::end_conversation(Call& call) {
  if (!call.reader.empty()) return refuse(call, {Code::bad_data, "ended inside a message"});
  call.request_ended = true;
  note_heard(call);
}

void ServerSession::note_heard(Call& call) {
  const bool noted = !heard_from_.empty() && heard_from_.back().get() == &call;
  if (!noted) heard_from_.push_back(find(call.stream));
}

void ServerSession::make_ready(Call& call, std::string message) {
  call.ready = true;
  call.request = std::move(message);
  ready_.push_back(find(call.stream));
}

void ServerSession::close_call(Call& call) {
  const auto keep = find(call.stream);
  call.closed = true;
  call.held.release();
  answers_.give_back(call.out.bytes());
  if (call.counted) {
    call_count_.give_back(1);
    parts_.metrics.calls_open().add(-1);
  }
  if (!call.status) {
    parts_.metrics.answered_grpc(base::code_row(Code::cancelled).grpc_status);
    call.status = status(Code::cancelled, "the peer left");
    abandon(call);
  }
  calls_.erase(call.stream);
}

void ServerSession::on_control_frame(const nghttp2_frame& frame) {
  const bool ack = (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0;
  if (frame.hd.type == NGHTTP2_RST_STREAM) return on_reset();
  if (frame.hd.type == NGHTTP2_WINDOW_UPDATE) return on_window_update();
  if (ack && frame.hd.type == NGHTTP2_PING) return on_ping_answer();
  if (!ack && !controls_.allow(now_)) calm();
}

// Free as long as there is something that they can answer.
void ServerSession::on_window_update() {
  if (updates_due_ > 0) {
    --updates_due_;
  } else if (!controls_.allow(now_)) {
    calm();
  }
}

void ServerSession::calm() {
  parts_.metrics.violated(Violation::control_flood);
  end_connection(NGHTTP2_ENHANCE_YOUR_CALM);
}

void ServerSession::on_reset() {
  if (resets_.allow(now_)) return;
  parts_.metrics.violated(Violation::rapid_reset);
  end_connection(NGHTTP2_ENHANCE_YOUR_CALM);
}

// --- answering

std::vector<std::shared_ptr<Call>> ServerSession::take_ready() {
  return std::exchange(ready_, {});
}

std::vector<std::shared_ptr<Call>> ServerSession::take_heard() {
  return std::exchange(heard_from_, {});
}

std::vector<std::shared_ptr<Call>> ServerSession::take_abandoned() {
  return std::exchange(abandoned_, {});
}

void ServerSession::abandon(Call& call) {
  if (call.ready) abandoned_.push_back(find(call.stream));
}

std::shared_ptr<Call> ServerSession::find(std::int32_t stream) const {
  const auto it = calls_.find(stream);
  CHECK(it != calls_.end());
  return it->second;
}

std::string ServerSession::take_request(Call& call) {
  std::string request = std::exchange(call.request, {});
  call.held.release();
  return request;
}

std::vector<std::string> ServerSession::take_arrived(Call& call) {
  auto arrived = std::exchange(call.arrived, {});
  call.arrived_bytes = 0;
  if (!call.closed && !call.status) hold(call);
  return arrived;
}

Result<void> ServerSession::send(Call& call, std::string message) {
  if (call.closed || call.status) return {};
  if (!answers_.take(prefix_bytes + message.size()))
    return fail(Code::exhausted, "too many answers are not taken yet");
  call.out.push(std::move(message));
  if (!call.head_sent) {
    submit_head(call);
  } else if (std::exchange(call.deferred, false)) {
    nghttp2_session_resume_data(session_.get(), call.stream);
  }
  return {};
}

void ServerSession::finish(Call& call, Status status) {
  if (call.closed || call.status) return;
  call.held.release();
  parts_.metrics.answered_grpc(status.code);
  call.status = std::move(status);
  if (!call.head_sent) {
    submit_trailers(call);
  } else if (std::exchange(call.deferred, false)) {
    nghttp2_session_resume_data(session_.get(), call.stream);
  }
}

void ServerSession::submit_head(Call& call) {
  call.head_sent = true;
  const std::array head = {http2::field(":status", "200"),
                           http2::field("content-type", answer_content_type),
                           http2::field("grpc-accept-encoding", read_codings)};
  nghttp2_data_provider provider{.source = {.ptr = &call}, .read_callback = read_callback()};
  nghttp2_submit_response(session_.get(), call.stream, head.data(), head.size(), &provider);
}

// The status fields: as the trailers of an answer, or together with its head when nothing was sent
// before.
void ServerSession::submit_trailers(Call& call) {
  const std::string message = encode_status_message(call.status->message);
  const bool retried = call.status->retry_after > call.status->retry_after.zero();
  const std::string details = retried ? retry_details(*call.status) : std::string();
  std::array<nghttp2_nv, 6> fields;
  std::size_t count = 0;
  if (!call.head_sent) {
    fields[count++] = http2::field(":status", "200");
    fields[count++] = http2::field("content-type", answer_content_type);
    fields[count++] = http2::field("grpc-accept-encoding", read_codings);
  }
  fields[count++] = http2::field("grpc-status", digits_of(call.status->code));
  if (!message.empty()) fields[count++] = http2::field("grpc-message", message);
  if (retried) fields[count++] = http2::field("grpc-status-details-bin", details);
  if (call.head_sent) {
    nghttp2_submit_trailer(session_.get(), call.stream, fields.data(), count);
  } else {
    call.head_sent = true;
    nghttp2_submit_response(session_.get(), call.stream, fields.data(), count, nullptr);
  }
}

// An answer for what is not gRPC.
void ServerSession::answer_http(Call& call, std::string_view http_status) {
  call.status = Status{};
  call.head_sent = true;
  parts_.metrics.answered_http(400);
  const std::array head = {http2::field(":status", http_status)};
  nghttp2_submit_response(session_.get(), call.stream, head.data(), head.size(), nullptr);
}

// nghttp2 asks for the next piece of an answer.
long ServerSession::read_answer(Call& call, std::uint8_t* buffer, std::size_t length,
                                std::uint32_t* flags) {
  const std::size_t n = call.out.pop_into(buffer, length);
  answers_.give_back(n);
  if (!call.out.empty()) return static_cast<long>(n);
  if (call.status) {
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    submit_trailers(call);
  } else if (n == 0) {
    call.deferred = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  return static_cast<long>(n);
}

void ServerSession::on_frame_sent(const nghttp2_frame& frame) {
  const bool answer = frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA;
  if (answer) controls_.reset();  // a peer may ping as often as it gets something
  if (frame.hd.type == NGHTTP2_DATA) updates_due_ += updates_per_frame;
  if (frame.hd.type == NGHTTP2_RST_STREAM && frame.rst_stream.error_code != NGHTTP2_NO_ERROR)
    on_reset();
  const bool accuses = frame.hd.type == NGHTTP2_GOAWAY &&
                       frame.goaway.error_code != NGHTTP2_NO_ERROR &&
                       frame.goaway.error_code != NGHTTP2_ENHANCE_YOUR_CALM;
  if (accuses) parts_.metrics.violated(Violation::bad_frame);
  const bool ends = answer && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  // Answered before the request has ended: the peer may stop sending (RFC 9113 section 8.1).
  if (ends && nghttp2_session_get_stream_remote_close(session_.get(), frame.hd.stream_id) == 0) {
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, frame.hd.stream_id,
                              NGHTTP2_NO_ERROR);
  }
}

void ServerSession::collect(std::string& out, std::size_t bytes_max) {
  http2::collect(session_.get(), out, bytes_max);
}

// --- time and the end

Instant ServerSession::tick(Instant now) {
  now_ = now;
  if (now >= due_) due_ = std::min(tick_calls(now), tick_peer(now));
  return due_;
}

// Deadlines of calls, and requests that do not arrive.
Instant ServerSession::tick_calls(Instant now) {
  Instant next = Instant::max();
  for (const auto& [id, call] : calls_) {
    if (call->status) continue;
    const bool arrived =
        call->ready && (call->spoken || call->request_ended || !call->conversing());
    const Instant arrival =
        arrived ? Instant::max() : call->started + parts_.limits.request_timeout;
    const Instant limit = std::min(call->deadline, arrival);
    if (now < limit) {
      next = std::min(next, limit);
      continue;
    }
    if (arrival <= now) parts_.metrics.violated(Violation::request_timeout);
    finish(*call,
           status(Code::timeout, call->deadline <= now ? "deadline exceeded"
                                                       : "the request did not arrive in time"));
    abandon(*call);
  }
  return next;
}

// A peer that says nothing: without calls it is sent home, with calls it is asked for a sign of
// life.
Instant ServerSession::tick_peer(Instant now) {
  const Instant quiet_until = heard_ + parts_.limits.idle_timeout;
  if (now < quiet_until) return quiet_until;
  if (calls_.empty()) {
    end_connection(NGHTTP2_NO_ERROR);
    return Instant::max();
  }
  if (asked_ == Instant{}) {
    asked_ = now;
    nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
  }
  const Instant answer_by = asked_ + parts_.limits.request_timeout;
  if (now < answer_by) return answer_by;
  broken_ = true;
  return Instant::max();
}

void ServerSession::drain() {
  if (std::exchange(draining_, true)) return;
  nghttp2_submit_shutdown_notice(session_.get());
  // Its answer shows that the notice has arrived, and so has every call sent before.
  nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
}

void ServerSession::on_ping_answer() {
  if (!draining_ || std::exchange(goaway_sent_, true)) return;
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_.get()), NGHTTP2_NO_ERROR,
                        nullptr, 0);
}

void ServerSession::end_connection(std::uint32_t http2_error) {
  nghttp2_session_terminate_session(session_.get(), http2_error);
}

bool ServerSession::done() const {
  if (broken_) return true;
  if (nghttp2_session_want_write(session_.get()) != 0) return false;
  return nghttp2_session_want_read(session_.get()) == 0 || (goaway_sent_ && calls_.empty());
}

}  // namespace net::grpc
