#include "net/tls_session.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "net/tls_context.h"

namespace net::tls {

// The context outlives the session. `in` and `out` belong to `handle`.
struct Session::State {
  State(std::shared_ptr<const Context> c, SSL_CTX* from) : context(std::move(c)) {
    handle.reset(SSL_new(from));
    in = BIO_new(BIO_s_mem());
    out = BIO_new(BIO_s_mem());
    CHECK(handle && in && out);
    SSL_set_bio(handle.get(), in, out);
  }

  std::unexpected<Error> failure(std::string_view doing) const;

  std::shared_ptr<const Context> context;
  SessionHandle handle;
  BIO* in = nullptr;
  BIO* out = nullptr;
  std::string name;    // a client's: whom it wants to meet
  bool spoke = false;  // the peer was sent something
};

namespace {

// OpenSSL's calls take int lengths.
int length_of(std::size_t bytes) {
  constexpr std::size_t most = 1u << 30;
  return static_cast<int>(std::min(bytes, most));
}

// Which name or address the peer's certificate must carry. The name indication is for names only.
void expect_peer(SSL* session, const std::string& name) {
  X509_VERIFY_PARAM* wanted = SSL_get0_param(session);
  if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) == 1) return;
  ERR_clear_error();
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size());
  SSL_set_tlsext_host_name(session, name.c_str());
}

void offer(SSL* session, const std::string& protocol) {
  if (protocol.empty()) return;
  const std::string list = alpn_list({protocol});
  const auto* octets = reinterpret_cast<const unsigned char*>(list.data());
  CHECK(SSL_set_alpn_protos(session, octets, static_cast<unsigned>(list.size())) == 0);
}

// Whether the newest error is that of a side whose peer began with something else than TLS.
bool no_tls_heard() {
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  return reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST ||
         reason == SSL_R_WRONG_VERSION_NUMBER;
}

// A fatal protocol_version alert in a record of TLS 1.0, which every version can read.
constexpr std::string_view no_tls_alert("\x15\x03\x01\x00\x02\x02\x46", 7);

// How every alert record begins: its type, and the major version of all of TLS.
constexpr std::string_view alert_begin = no_tls_alert.substr(0, 2);

// The alerts by which a server turns a client's certificate down. RFC 8446 section 6.2.
constexpr std::array client_refusals = {
    SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
    SSL_R_SSLV3_ALERT_NO_CERTIFICATE,
    SSL_R_TLSV1_ALERT_UNKNOWN_CA,
    SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
    SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
    SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
    SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
    SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
    SSL_R_TLSV1_ALERT_ACCESS_DENIED,
    SSL_R_TLSV1_ALERT_DECRYPT_ERROR,  // its signature is not that of whom it names
};

std::string words_for(long verdict, const std::string& name) {
  const bool other =
      verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
  return other ? fmt::format("it is not for {}", name) : X509_verify_cert_error_string(verdict);
}

}  // namespace

std::unexpected<Error> Session::State::failure(std::string_view doing) const {
  const bool is_client = SSL_is_server(handle.get()) == 0;
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  const long verdict = SSL_get_verify_result(handle.get());
  const std::string problem = last_problem("the connection was cut");
  if (verdict != X509_V_OK && context->state_->verify) {
    return fail(Code::denied,
                fmt::format("{}: the {}'s certificate is refused: {}", doing,
                            is_client ? "server" : "client", words_for(verdict, name)));
  }
  if (is_client && std::ranges::find(client_refusals, reason) != client_refusals.end()) {
    return fail(Code::denied,
                fmt::format("{}: the server wants a client certificate that it trusts: {}", doing,
                            problem));
  }
  return fail(Code::unavailable, fmt::format("{}: {}", doing, problem));
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Session Session::client(std::shared_ptr<const Context> context, const Peer& peer) {
  SSL_CTX* from = context->state_->handle.get();
  auto state = std::make_unique<State>(std::move(context), from);
  SSL_set_connect_state(state->handle.get());
  state->name = peer.name;
  expect_peer(state->handle.get(), peer.name);
  offer(state->handle.get(), peer.protocol);
  return Session(std::move(state));
}

Session Session::server(std::shared_ptr<const Context> context) {
  SSL_CTX* from = context->state_->handle.get();
  auto state = std::make_unique<State>(std::move(context), from);
  SSL_set_accept_state(state->handle.get());
  return Session(std::move(state));
}

void Session::receive(std::string_view ciphertext) {
  const int written = BIO_write(state_->in, ciphertext.data(), length_of(ciphertext.size()));
  CHECK(written == static_cast<int>(ciphertext.size()));
}

Result<bool> Session::handshake() {
  ERR_clear_error();
  const int done = SSL_do_handshake(state_->handle.get());
  if (done == 1) return true;
  if (SSL_get_error(state_->handle.get(), done) == SSL_ERROR_WANT_READ) return false;
  const bool is_server = SSL_is_server(state_->handle.get()) == 1;
  if (!is_server && no_tls_heard()) {
    ERR_clear_error();
    return fail(Code::bad_data, "tls handshake: the server does not speak TLS; use http://");
  }
  if (is_server && !state_->spoke && no_tls_heard()) {
    ERR_clear_error();
    BIO_write(state_->out, no_tls_alert.data(), length_of(no_tls_alert.size()));
    return fail(Code::bad_data, "tls handshake: the peer does not speak TLS");
  }
  return state_->failure("tls handshake");
}

Result<std::optional<std::size_t>> Session::read(std::span<char> into) {
  ERR_clear_error();
  const int n = SSL_read(state_->handle.get(), into.data(), length_of(into.size()));
  if (n > 0) return static_cast<std::size_t>(n);
  switch (SSL_get_error(state_->handle.get(), n)) {
    case SSL_ERROR_WANT_READ:
      return std::nullopt;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    default:
      return state_->failure("tls read");
  }
}

Result<void> Session::write(std::string_view plain) {
  while (!plain.empty()) {
    ERR_clear_error();
    const int n = SSL_write(state_->handle.get(), plain.data(), length_of(plain.size()));
    // Its output goes to memory, so it never has to wait.
    if (n <= 0) return state_->failure("tls write");
    plain.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

void Session::close() {
  ERR_clear_error();
  SSL_shutdown(state_->handle.get());
  ERR_clear_error();
}

Result<void> check_plain(std::string_view first) {
  if (!first.starts_with(alert_begin)) return {};
  return fail(Code::bad_data, "the server speaks TLS; use https://");
}

std::string Session::take_output() {
  std::string bytes(BIO_ctrl_pending(state_->out), '\0');
  if (bytes.empty()) return bytes;
  state_->spoke = true;
  const int n = BIO_read(state_->out, bytes.data(), length_of(bytes.size()));
  CHECK(n == static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace net::tls
