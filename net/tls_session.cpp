#include "net/tls_session.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
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

// Whether the newest error is that of a server whose peer began with something else than TLS.
bool no_tls_heard() {
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  return reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST ||
         reason == SSL_R_WRONG_VERSION_NUMBER;
}

// A fatal protocol_version alert in a record of TLS 1.0, which every version can read.
constexpr std::string_view no_tls_alert("\x15\x03\x01\x00\x02\x02\x46", 7);

}  // namespace

std::unexpected<Error> Session::State::failure(std::string_view doing) const {
  const long verdict = SSL_get_verify_result(handle.get());
  const std::string problem = last_problem("the connection was cut");
  if (verdict != X509_V_OK && context->state_->verify) {
    return fail(Code::denied, fmt::format("{}: the certificate is refused: {}", doing,
                                          X509_verify_cert_error_string(verdict)));
  }
  return fail(Code::unavailable, fmt::format("{}: {}", doing, problem));
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Session Session::client(std::shared_ptr<const Context> context, const std::string& name) {
  SSL_CTX* from = context->state_->handle.get();
  auto state = std::make_unique<State>(std::move(context), from);
  SSL_set_connect_state(state->handle.get());
  expect_peer(state->handle.get(), name);
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
  if (SSL_is_server(state_->handle.get()) == 1 && !state_->spoke && no_tls_heard()) {
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

std::string Session::take_output() {
  std::string bytes(BIO_ctrl_pending(state_->out), '\0');
  if (bytes.empty()) return bytes;
  state_->spoke = true;
  const int n = BIO_read(state_->out, bytes.data(), length_of(bytes.size()));
  CHECK(n == static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace net::tls
