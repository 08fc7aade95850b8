#include "protocol/stream/tls/pem_loading.h"

#include <fmt/format.h>
#include <functional>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string_view>

#include "protocol/stream/tls/open_ssl_text.h"

namespace jitrig {
namespace {

std::unexpected<TlsSetupError> refused(const Pem& pem, std::string_view reason) {
  return std::unexpected(TlsSetupError{fmt::format("{}: {}", pem.source, reason)});
}

OpenSslPointer<bio_st> openPem(const Pem& pem) {
  ERR_clear_error();
  return OpenSslPointer<bio_st>(BIO_new_mem_buf(pem.text.data(), static_cast<int>(pem.text.size())));
}

/// What a PEM text holds, for the message to somebody who gave the wrong file.
std::string_view kindOf(const Pem& pem) {
  const std::string_view text = pem.text;
  if (text.contains("PRIVATE KEY-----")) return "it holds a private key";
  if (text.contains("CERTIFICATE REQUEST-----")) return "it holds a request for a certificate";
  if (text.contains("CERTIFICATE-----")) return "it holds a certificate";
  if (text.contains("PUBLIC KEY-----")) return "it holds a public key";
  if (text.empty()) return "it is empty";
  if (!text.contains("-----BEGIN ")) return "it is not PEM text";
  return "it holds something else";
}

/// OpenSSL would ask at the terminal.
int refusePassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

TlsSetup<OpenSslPointer<evp_pkey_st>> readPrivateKey(const Pem& pem) {
  if (pem.text.size() > kMaxPemBytes) return refused(pem, "too large for a private key");
  const auto bio = openPem(pem);
  bool encrypted = false;
  OpenSslPointer<evp_pkey_st> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, refusePassphrase, &encrypted));
  if (key) return key;
  const std::string reason = takeOpenSslErrors();
  if (encrypted) {
    return refused(pem,
                   "the private key is encrypted; an unencrypted one was expected, nobody can be asked for "
                   "its passphrase");
  }
  if (!pem.text.contains("PRIVATE KEY-----")) {
    return refused(pem, fmt::format("a private key in PEM was expected, but {}", kindOf(pem)));
  }
  return refused(pem, fmt::format("the private key cannot be read: {}", reason));
}

/// Calls `take` with each certificate, in the order of the text; at least one has to be there.
TlsSetup<void> readCertificates(
    const Pem& pem, const std::function<TlsSetup<void>(OpenSslPointer<x509_st>, std::size_t)>& take) {
  if (pem.text.size() > kMaxPemBytes) return refused(pem, "too large for certificates");
  const auto bio = openPem(pem);
  bool encrypted = false;
  std::size_t count = 0;
  while (true) {
    OpenSslPointer<x509_st> certificate(PEM_read_bio_X509(bio.get(), nullptr, refusePassphrase, &encrypted));
    if (!certificate) break;
    ++count;
    if (auto taken = take(std::move(certificate), count); !taken) return taken;
    ERR_clear_error();
  }
  const unsigned long last = ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  const std::string reason = takeOpenSslErrors();
  if (!at_end) return refused(pem, fmt::format("certificate {} cannot be read: {}", count + 1, reason));
  if (count == 0) return refused(pem, fmt::format("a certificate in PEM was expected, but {}", kindOf(pem)));
  return {};
}

TlsSetup<void> useChain(ssl_ctx_st& context, const Pem& pem) {
  return readCertificates(
      pem, [&](OpenSslPointer<x509_st> certificate, std::size_t number) -> TlsSetup<void> {
        if (number > kMaxChainCertificates) {
          return refused(pem, fmt::format("more than {} certificates in a chain", kMaxChainCertificates));
        }
        // The second call takes a reference of its own.
        const int used = number == 1 ? SSL_CTX_use_certificate(&context, certificate.get())
                                     : static_cast<int>(SSL_CTX_add1_chain_cert(&context, certificate.get()));
        if (used == 1) return {};
        return refused(pem, fmt::format("certificate {} cannot be used: {}", number, takeOpenSslErrors()));
      });
}

}  // namespace

TlsSetup<void> useIdentity(ssl_ctx_st& context, const TlsIdentity& identity) {
  const auto key = readPrivateKey(identity.private_key);
  if (!key) return std::unexpected(key.error());
  if (auto chain = useChain(context, identity.certificate_chain); !chain) return chain;

  ERR_clear_error();
  if (X509_check_private_key(SSL_CTX_get0_certificate(&context), key->get()) != 1) {
    return refused(identity.private_key,
                   fmt::format("the private key does not belong to the certificate of {}: {}",
                               identity.certificate_chain.source, takeOpenSslErrors()));
  }
  if (SSL_CTX_use_PrivateKey(&context, key->get()) != 1) {
    return refused(identity.private_key,
                   fmt::format("the private key cannot be used: {}", takeOpenSslErrors()));
  }
  return {};
}

TlsSetup<void> trust(ssl_ctx_st& context, const Pem& root_certificates) {
  X509_STORE* store = SSL_CTX_get_cert_store(&context);
  return readCertificates(
      root_certificates,
      [&](const OpenSslPointer<x509_st>& certificate, std::size_t number) -> TlsSetup<void> {
        if (X509_STORE_add_cert(store, certificate.get()) == 1) return {};
        return refused(root_certificates,
                       fmt::format("certificate {} cannot be trusted: {}", number, takeOpenSslErrors()));
      });
}

TlsSetup<void> trustClients(ssl_ctx_st& context, const Pem& root_certificates) {
  if (auto trusted = trust(context, root_certificates); !trusted) return trusted;
  return readCertificates(root_certificates,
                          [&](const OpenSslPointer<x509_st>& certificate, std::size_t) -> TlsSetup<void> {
                            if (SSL_CTX_add_client_CA(&context, certificate.get()) == 1) return {};
                            return refused(root_certificates, takeOpenSslErrors());
                          });
}

}  // namespace jitrig
