#include "net/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

#include "base/check.h"

namespace net::tls {
namespace {

using BioHandle = std::unique_ptr<BIO, Release<BIO_free>>;
using CertificateHandle = std::unique_ptr<X509, Release<X509_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;

constexpr auto latest = std::chrono::duration_cast<std::chrono::seconds>(Duration::max());

BioHandle bytes_of(const std::string& pem) {
  return BioHandle(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// A key with a password would otherwise ask for it on the terminal.
int no_password(char*, int, int, void*) {
  return 0;
}

CertificateHandle next_certificate(BIO* from) {
  return CertificateHandle(PEM_read_bio_X509(from, nullptr, &no_password, nullptr));
}

std::unexpected<Error> bad(std::string_view what) {
  return fail(Code::invalid, fmt::format("{}: {}", what, last_problem("not PEM")));
}

// Adds every certificate of `pem`. Errors: invalid when there is none, or one cannot be read.
Result<void> trust(SSL_CTX* context, const std::string& pem) {
  const BioHandle from = bytes_of(pem);
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  int found = 0;
  while (const auto certificate = next_certificate(from.get())) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1) return bad("certificate authority");
    ++found;
  }
  // Reading past the last one is the only way to learn that it was the last.
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (found == 0 || !ended) return bad("certificate authority");
  ERR_clear_error();
  return {};
}

Result<void> show(SSL_CTX* context, const Identity& identity) {
  const BioHandle certificates = bytes_of(identity.certificates);
  const CertificateHandle own = next_certificate(certificates.get());
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) return bad("certificate");
  while (auto next = next_certificate(certificates.get())) {
    if (SSL_CTX_add0_chain_cert(context, next.get()) != 1) return bad("certificate chain");
    static_cast<void>(next.release());  // the context owns it now
  }
  ERR_clear_error();
  const BioHandle text = bytes_of(identity.key);
  const KeyHandle key(PEM_read_bio_PrivateKey(text.get(), nullptr, &no_password, nullptr));
  if (!key) return bad("private key");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return bad("private key");
  return {};
}

// Tells clients whose signatures help, so that one with several certificates shows the right one.
Result<void> ask_for_certificates(SSL_CTX* context, const std::string& authorities) {
  TRY_VOID(trust(context, authorities));
  const BioHandle from = bytes_of(authorities);
  while (const auto authority = next_certificate(from.get())) {
    if (SSL_CTX_add_client_CA(context, authority.get()) != 1) return bad("certificate authority");
  }
  ERR_clear_error();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

const unsigned char* octets(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Our first protocol that the client offers. One that offers nothing we speak is turned away, as
// RFC 7301 section 3.2 asks.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_bytes,
                    const unsigned char* offered, unsigned int offered_bytes, void* list) {
  const auto& ours = *static_cast<const std::string*>(list);
  const int found =
      SSL_select_next_proto(const_cast<unsigned char**>(chosen), chosen_bytes, octets(ours),
                            static_cast<unsigned int>(ours.size()), offered, offered_bytes);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Clients come back with tickets that only this context can read, so that a server with new
// authorities asks again; and nothing is kept for those that do not come back.
void let_sessions_resume(SSL_CTX* context) {
  constexpr unsigned char ours[] = "tidewheel";
  SSL_CTX_set_session_id_context(context, ours, sizeof ours);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

Result<ContextHandle> make_context(const SSL_METHOD* method) {
  ERR_clear_error();
  ContextHandle handle(SSL_CTX_new(method));
  if (!handle) return fail(Code::internal, last_problem("no TLS context"));
  SSL_CTX_set_min_proto_version(handle.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(handle.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(handle.get(), SSL_MODE_RELEASE_BUFFERS);
  return handle;
}

}  // namespace

std::string alpn_list(const std::vector<std::string>& protocols) {
  constexpr std::size_t name_bytes_max = 255;
  std::string list;
  for (const std::string& name : protocols) {
    CHECK(!name.empty() && name.size() <= name_bytes_max);
    list += static_cast<char>(name.size());
    list += name;
  }
  return list;
}

std::string last_problem(std::string_view otherwise) {
  const unsigned long newest = ERR_peek_last_error();
  const char* words = newest == 0 ? nullptr : ERR_reason_error_string(newest);
  std::string text(words == nullptr ? otherwise : words);
  ERR_clear_error();
  return text;
}

Context::Context(std::unique_ptr<State> state) : state_(std::move(state)) {}
Context::~Context() = default;

Result<std::shared_ptr<const Context>> Context::for_client(const ClientOptions& options) {
  TRY(ContextHandle handle, make_context(TLS_client_method()));
  if (!options.authorities.empty()) {
    TRY_VOID(trust(handle.get(), options.authorities));
  } else if (SSL_CTX_set_default_verify_paths(handle.get()) != 1) {
    return fail(Code::invalid, last_problem("the system's certificate authorities are missing"));
  }
  if (options.identity) TRY_VOID(show(handle.get(), *options.identity));
  SSL_CTX_set_verify(handle.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  auto state = std::make_unique<State>(std::move(handle), options.verify);
  return std::shared_ptr<const Context>(new Context(std::move(state)));
}

Result<std::shared_ptr<const Context>> Context::for_server(const ServerOptions& options) {
  TRY(ContextHandle handle, make_context(TLS_server_method()));
  TRY_VOID(show(handle.get(), options.identity));
  let_sessions_resume(handle.get());
  const bool ask = !options.client_authorities.empty();
  if (ask) TRY_VOID(ask_for_certificates(handle.get(), options.client_authorities));
  auto state = std::make_unique<State>(std::move(handle), ask, alpn_list(options.protocols));
  if (!state->protocols.empty())
    SSL_CTX_set_alpn_select_cb(state->handle.get(), &choose_protocol, &state->protocols);
  return std::shared_ptr<const Context>(new Context(std::move(state)));
}

std::optional<Timestamp> Context::expires() const {
  const X509* own = SSL_CTX_get0_certificate(state_->handle.get());
  std::tm end{};
  if (own == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(own), &end) != 1) return std::nullopt;
  const auto since_epoch = std::chrono::seconds(timegm(&end));
  // Certificates without an end say so with the year 9999, which nanoseconds do not reach.
  return Timestamp{Duration(std::min(since_epoch, latest)).count()};
}

}  // namespace net::tls
