#include "net/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

namespace net::tls {
namespace {

using BioHandle = std::unique_ptr<BIO, Release<BIO_free>>;
using CertificateHandle = std::unique_ptr<X509, Release<X509_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;

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
  const bool ask = !options.client_authorities.empty();
  if (ask) TRY_VOID(trust(handle.get(), options.client_authorities));
  const int must = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(handle.get(), ask ? must : SSL_VERIFY_NONE, nullptr);
  auto state = std::make_unique<State>(std::move(handle), ask);
  return std::shared_ptr<const Context>(new Context(std::move(state)));
}

}  // namespace net::tls
