#include "net/testing/certificates.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "net/tls_context.h"

namespace net::testing {
namespace {

using tls::Release;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;
using Bio = std::unique_ptr<BIO, Release<BIO_free>>;

Key make_key() {
  return Key(EVP_EC_gen("P-256"));
}

template <class Write>
std::string to_pem(Write write) {
  const Bio out(BIO_new(BIO_s_mem()));
  const bool written = write(out.get()) == 1;
  CHECK(written);
  char* bytes = nullptr;
  const long n = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(n)};
}

void set_name(X509_NAME* name, const std::string& text) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
}

void extend(X509* certificate, int what, const std::string& value) {
  const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str()));
  const bool added = extension && X509_add_ext(certificate, extension.get(), -1) == 1;
  CHECK(added);
}

Certificate unsigned_certificate(const CertificateOptions& options, EVP_PKEY* key) {
  static long serial = 0;
  Certificate made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), options.valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), options.valid_until_s);
  X509_set_pubkey(made.get(), key);
  set_name(X509_get_subject_name(made.get()), options.name);
  return made;
}

}  // namespace

struct Authority::State {
  Key key = make_key();
  Certificate certificate = unsigned_certificate({.name = "tests", .alternatives = {}}, key.get());

  void sign(X509* other) const {
    X509_set_issuer_name(other, X509_get_subject_name(certificate.get()));
    const bool signed_now = X509_sign(other, key.get(), EVP_sha256()) > 0;
    CHECK(signed_now);
  }
};

Authority::Authority() : state_(std::make_unique<State>()) {
  extend(state_->certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  state_->sign(state_->certificate.get());
}
Authority::~Authority() = default;

std::string Authority::pem() const {
  return to_pem([&](BIO* out) { return PEM_write_bio_X509(out, state_->certificate.get()); });
}

tls::Identity Authority::issue(const CertificateOptions& options) const {
  const Key key = make_key();
  const Certificate made = unsigned_certificate(options, key.get());
  extend(made.get(), NID_subject_alt_name, options.alternatives);
  state_->sign(made.get());
  return {.certificates = to_pem([&](BIO* out) { return PEM_write_bio_X509(out, made.get()); }),
          .key = to_pem([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace net::testing
