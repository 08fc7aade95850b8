#include "protocol/stream/tls/open_ssl_pointers.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace jitrig {

void OpenSslDeleter::operator()(bio_method_st* method) const noexcept {
  BIO_meth_free(method);
}
void OpenSslDeleter::operator()(bio_st* bio) const noexcept {
  BIO_free_all(bio);
}
void OpenSslDeleter::operator()(evp_pkey_st* key) const noexcept {
  EVP_PKEY_free(key);
}
void OpenSslDeleter::operator()(ssl_ctx_st* context) const noexcept {
  SSL_CTX_free(context);
}
void OpenSslDeleter::operator()(ssl_session_st* session) const noexcept {
  SSL_SESSION_free(session);
}
void OpenSslDeleter::operator()(ssl_st* ssl) const noexcept {
  SSL_free(ssl);
}
void OpenSslDeleter::operator()(x509_st* certificate) const noexcept {
  X509_free(certificate);
}

}  // namespace jitrig
