#include "protocol/stream/certificates/certificate_authority.h"

#include <array>
#include <cstring>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdexcept>
#include <utility>

#include "protocol/runtime/random_stream.h"
#include "protocol/stream/tls/open_ssl_pointers.h"
#include "protocol/stream/tls/open_ssl_text.h"
#include "protocol/stream/tls/world_randomness.h"

namespace jitrig {
namespace {

constexpr long kVersion3 = 2;

void require(bool done, std::string_view what) {
  if (!done) throw std::runtime_error(fmt::format("making a certificate: {}: {}", what, takeOpenSslErrors()));
}

/// RFC 8032's private key is 32 bytes of any value.
EVP_PKEY* ed25519From(std::uint64_t seed) {
  RandomStream stream(seed);
  std::array<unsigned char, 32> bytes{};
  for (std::size_t begin = 0; begin < bytes.size(); begin += sizeof(std::uint64_t)) {
    const std::uint64_t drawn = stream.draw();
    std::memcpy(bytes.data() + begin, &drawn, sizeof(drawn));
  }
  return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes.data(), bytes.size());
}

OpenSslPointer<evp_pkey_st> makeKey(KeyType type, std::optional<std::uint64_t> seed) {
  useWorldRandomness();
  if (seed && type != KeyType::ed25519) {
    throw std::runtime_error("making a certificate: only an Ed25519 key can be made from a number");
  }
  EVP_PKEY* key = nullptr;
  if (seed) {
    key = ed25519From(*seed);
    require(key != nullptr, "no key");
    return OpenSslPointer<evp_pkey_st>(key);
  }
  switch (type) {
    case KeyType::ec_p256: key = EVP_EC_gen("P-256"); break;
    case KeyType::ed25519: key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"); break;
    case KeyType::rsa_2048: key = EVP_RSA_gen(2048); break;
    case KeyType::rsa_1024: key = EVP_RSA_gen(1024); break;
  }
  require(key != nullptr, "no key");
  return OpenSslPointer<evp_pkey_st>(key);
}

OpenSslPointer<bio_st> memory() {
  OpenSslPointer<bio_st> bio(BIO_new(BIO_s_mem()));
  require(bio != nullptr, "no memory");
  return bio;
}

OpenSslPointer<bio_st> memoryOf(const Pem& pem) {
  OpenSslPointer<bio_st> bio(BIO_new_mem_buf(pem.text.data(), static_cast<int>(pem.text.size())));
  require(bio != nullptr, "no memory");
  return bio;
}

std::string textIn(bio_st& bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(&bio, &text);
  return {text, static_cast<std::size_t>(size)};
}

Pem toPem(evp_pkey_st& key, const std::string& owner) {
  const auto bio = memory();
  require(PEM_write_bio_PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "writing a key");
  return {textIn(*bio), fmt::format("key of {}", owner)};
}

Pem toPem(x509_st& certificate, const std::string& owner) {
  const auto bio = memory();
  require(PEM_write_bio_X509(bio.get(), &certificate) == 1, "writing a certificate");
  return {textIn(*bio), fmt::format("certificate of {}", owner)};
}

OpenSslPointer<evp_pkey_st> keyOf(const Pem& pem) {
  OpenSslPointer<evp_pkey_st> key(PEM_read_bio_PrivateKey(memoryOf(pem).get(), nullptr, nullptr, nullptr));
  require(key != nullptr, "reading a key");
  return key;
}

OpenSslPointer<x509_st> certificateOf(const Pem& pem) {
  OpenSslPointer<x509_st> certificate(PEM_read_bio_X509(memoryOf(pem).get(), nullptr, nullptr, nullptr));
  require(certificate != nullptr, "reading a certificate");
  return certificate;
}

void addExtension(x509_st& certificate, x509_st& issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension != nullptr, "an extension's text");
  const int added = X509_add_ext(&certificate, extension, -1);
  X509_EXTENSION_free(extension);
  require(added == 1, "an extension");
}

std::string alternativeNames(const CertificateRequest& wanted) {
  std::string text;
  for (const std::string& name : wanted.names) text += fmt::format("{}DNS:{}", text.empty() ? "" : ",", name);
  for (const std::string& address : wanted.addresses) {
    text += fmt::format("{}IP:{}", text.empty() ? "" : ",", address);
  }
  return text;
}

/// Another key, another number, and always of the same size: neither chance nor what was made before counts.
std::uint64_t serialNumberFor(evp_pkey_st& key) {
  unsigned char* bytes = nullptr;
  const int size_bytes = i2d_PUBKEY(&key, &bytes);
  require(size_bytes > 0, "its public key");
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
  for (int index = 0; index < size_bytes; ++index) hash = (hash ^ bytes[index]) * 0x100000001B3U;
  OPENSSL_free(bytes);
  constexpr std::uint64_t kHighestBit = std::uint64_t{1} << 62U;
  return (hash >> 2U) | kHighestBit;
}

/// Signed by `issuer` with `issuer_key`; by itself if `issuer` is nullptr.
OpenSslPointer<x509_st> makeCertificate(const CertificateRequest& wanted, evp_pkey_st& key, x509_st* issuer,
                                        evp_pkey_st& issuer_key) {
  OpenSslPointer<x509_st> made(X509_new());
  require(made != nullptr, "no memory");
  x509_st& certificate = *made;
  X509_set_version(&certificate, kVersion3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(&certificate), serialNumberFor(key));
  require(ASN1_TIME_set(X509_getm_notBefore(&certificate), wanted.valid_from_s) != nullptr &&
              ASN1_TIME_set(X509_getm_notAfter(&certificate), wanted.valid_until_s) != nullptr,
          "its time");
  X509_NAME* subject = X509_get_subject_name(&certificate);
  require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(wanted.subject.data()),
                                     static_cast<int>(wanted.subject.size()), -1, 0) == 1,
          "its subject");
  x509_st& signer = issuer == nullptr ? certificate : *issuer;
  require(X509_set_issuer_name(&certificate, X509_get_subject_name(&signer)) == 1, "its issuer");
  require(X509_set_pubkey(&certificate, &key) == 1, "its key");
  addExtension(certificate, signer, NID_subject_key_identifier, "hash");
  addExtension(certificate, signer, NID_authority_key_identifier, "keyid:always");
  addExtension(certificate, signer, NID_basic_constraints,
               wanted.is_authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (const std::string names = alternativeNames(wanted); !names.empty()) {
    addExtension(certificate, signer, NID_subject_alt_name, names);
  }
  // Ed25519 hashes by itself.
  const bool is_ed25519 = EVP_PKEY_get_base_id(&issuer_key) == EVP_PKEY_ED25519;
  require(X509_sign(&certificate, &issuer_key, is_ed25519 ? nullptr : EVP_sha256()) > 0, "signing");
  return made;
}

}  // namespace

CertificateRequest localhostCertificate() {
  return {.names = {"localhost"}, .addresses = {"127.0.0.1", "::1"}};
}

CertificateRequest expiredCertificate() {
  CertificateRequest certificate = localhostCertificate();
  certificate.valid_until_s = kCertificatesValidFromSeconds + std::int64_t{365} * 24 * 3600;
  return certificate;
}

CertificateRequest notYetValidCertificate() {
  CertificateRequest certificate = localhostCertificate();
  certificate.valid_from_s = kCertificatesValidUntilSeconds - std::int64_t{365} * 24 * 3600;
  return certificate;
}

TlsIdentity selfSignedIdentity(const CertificateRequest& certificate) {
  const auto key = makeKey(certificate.key, certificate.key_seed);
  const auto made = makeCertificate(certificate, *key, nullptr, *key);
  return {toPem(*key, certificate.subject), toPem(*made, certificate.subject)};
}

CertificateAuthority::CertificateAuthority(std::string name, KeyType key)
    : name_(std::move(name)),
      identity_(selfSignedIdentity({.subject = name_, .key = key, .is_authority = true})) {}

CertificateAuthority::CertificateAuthority(std::string name, std::uint64_t key_seed)
    : name_(std::move(name)),
      identity_(selfSignedIdentity(
          {.subject = name_, .key = KeyType::ed25519, .key_seed = key_seed, .is_authority = true})) {}

CertificateAuthority::CertificateAuthority(std::string name, TlsIdentity identity, bool is_root)
    : name_(std::move(name)), identity_(std::move(identity)), is_root_(is_root) {}

TlsIdentity CertificateAuthority::issue(const CertificateRequest& certificate) const {
  const auto key = makeKey(certificate.key, certificate.key_seed);
  const auto issuer = certificateOf(identity_.certificate_chain);
  const auto issuer_key = keyOf(identity_.private_key);
  const auto made = makeCertificate(certificate, *key, issuer.get(), *issuer_key);
  TlsIdentity identity{toPem(*key, certificate.subject), toPem(*made, certificate.subject)};
  if (!is_root_) identity.certificate_chain.text += identity_.certificate_chain.text;
  return identity;
}

CertificateAuthority CertificateAuthority::issueAuthority(std::string name) const {
  TlsIdentity identity = issue({.subject = name, .is_authority = true});
  return {std::move(name), std::move(identity), false};
}

Pem encryptedKey(const Pem& private_key, const std::string& passphrase) {
  const auto key = keyOf(private_key);
  const auto bio = memory();
  require(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), EVP_aes_128_cbc(), passphrase.data(),
                                        static_cast<int>(passphrase.size()), nullptr, nullptr) == 1,
          "encrypting a key");
  return {textIn(*bio), "encrypted " + private_key.source};
}

void makeRepeatable(TlsClientOptions& options) {
  options.verification_time_s = kRepeatableVerificationSeconds;
  options.max_cached_sessions = 0;
}

void makeRepeatable(TlsServerOptions& options) {
  options.verification_time_s = kRepeatableVerificationSeconds;
  options.resume_sessions = false;
}

}  // namespace jitrig

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
/// OpenSSL is not instrumented: ThreadSanitizer sees what it copies and frees, but not the atomics that order
/// it. On threads it stays silent; in the simulation, where nothing else orders the fibers, it reports these.
/// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) ThreadSanitizer's name for it
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libcrypto.so.3\ncalled_from_lib:libssl.so.3\n";
}
#endif
#endif
