#include "net/testing/tls_probe.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>

#include "base/check.h"
#include "net/tcp.h"
#include "net/tls_context.h"

namespace net::testing {
namespace {

using tls::Release;
using Session = std::unique_ptr<SSL_SESSION, Release<SSL_SESSION_free>>;
using Bio = std::unique_ptr<BIO, Release<BIO_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;

constexpr std::string_view request =
    "GET /nope HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

Bio bytes_of(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

void show(SSL_CTX* context, const tls::Identity& identity) {
  const Certificate own(
      PEM_read_bio_X509(bytes_of(identity.certificates).get(), nullptr, nullptr, nullptr));
  const Key key(PEM_read_bio_PrivateKey(bytes_of(identity.key).get(), nullptr, nullptr, nullptr));
  const bool shown = SSL_CTX_use_certificate(context, own.get()) == 1 &&
                     SSL_CTX_use_PrivateKey(context, key.get()) == 1;
  CHECK(shown);
}

std::string common_name(SSL* session) {
  const X509* certificate = SSL_get0_peer_certificate(session);
  if (certificate == nullptr) return {};
  std::array<char, 100> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data();
}

}  // namespace

struct TlsProbe::State {
  tls::ContextHandle context;
  Session session;  // to come back with
};

TlsProbe::TlsProbe(ProbeOptions options) : state_(std::make_unique<State>()) {
  state_->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = state_->context.get();
  SSL_CTX_set_min_proto_version(context, 0);
  SSL_CTX_set_max_proto_version(context, options.version_max);
  SSL_CTX_set_cipher_list(context, "DEFAULT@SECLEVEL=0");
  std::string list;
  for (const std::string& name : options.protocols) list += static_cast<char>(name.size()) + name;
  SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(list.data()),
                          static_cast<unsigned int>(list.size()));
  if (options.identity) show(context, *options.identity);
}

TlsProbe::~TlsProbe() = default;

// OpenSSL over memory: each turn sends what there is to send and, when more is needed, reads.
Task<ProbeResult> TlsProbe::ask(Address to) {
  const tls::SessionHandle session(SSL_new(state_->context.get()));
  SSL* ssl = session.get();
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl, in, out);
  SSL_set_connect_state(ssl);
  if (state_->session) SSL_set_session(ssl, state_->session.get());
  auto stream = co_await tcp::connect(std::move(to));
  ProbeResult result;
  if (!stream) result.problem = stream.error().what;
  std::vector<char> bytes(64u << 10);
  bool asked = false;
  while (result.problem.empty()) {
    ERR_clear_error();
    int done = SSL_do_handshake(ssl);
    if (done == 1 && !std::exchange(asked, true))
      SSL_write(ssl, request.data(), static_cast<int>(request.size()));
    while (asked && (done = SSL_read(ssl, bytes.data(), static_cast<int>(bytes.size()))) > 0)
      result.answer.append(bytes.data(), static_cast<std::size_t>(done));
    const int why = SSL_get_error(ssl, done);
    if (why == SSL_ERROR_ZERO_RETURN) break;
    if (why != SSL_ERROR_WANT_READ) result.problem = tls::last_problem("cut");
    std::string sending(BIO_ctrl_pending(out), '\0');
    if (!sending.empty()) BIO_read(out, sending.data(), static_cast<int>(sending.size()));
    if (!sending.empty()) static_cast<void>(co_await (*stream)->write(sending));
    if (!result.problem.empty()) break;
    const auto n = co_await (*stream)->read_some(bytes);
    if (!n || *n == 0) result.problem = n ? "cut" : n.error().what;
    if (n && *n > 0) BIO_write(in, bytes.data(), static_cast<int>(*n));
  }
  const unsigned char* protocol = nullptr;
  unsigned int protocol_bytes = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &protocol_bytes);
  result.protocol.assign(reinterpret_cast<const char*>(protocol), protocol_bytes);
  result.version = SSL_get_version(ssl);
  result.subject = common_name(ssl);
  result.resumed = SSL_session_reused(ssl) == 1;
  state_->session.reset(SSL_get1_session(ssl));
  SSL_shutdown(ssl);  // else OpenSSL holds the session for a bad one
  co_return result;
}

}  // namespace net::testing
