#include "bench/stream/bare_tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdexcept>
#include <string>

namespace jitrig::bench {
namespace {

void require(bool condition, const char* operation) {
  if (condition) return;
  std::string text = operation;
  while (const unsigned long code = ERR_get_error())
    text += std::string(": ") + ERR_error_string(code, nullptr);
  throw std::runtime_error(text);
}

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

std::unique_ptr<BIO, BioDeleter> bioOf(const Pem& pem) {
  return std::unique_ptr<BIO, BioDeleter>(
      BIO_new_mem_buf(pem.text.data(), static_cast<int>(pem.text.size())));
}

X509* readCertificate(const Pem& pem) {
  X509* certificate = PEM_read_bio_X509(bioOf(pem).get(), nullptr, nullptr, nullptr);
  require(certificate != nullptr, "PEM_read_bio_X509");
  return certificate;
}

}  // namespace

void BareTlsDeleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

void BareTlsDeleter::operator()(ssl_session_st* session) const {
  SSL_SESSION_free(session);
}

void BareTlsDeleter::operator()(ssl_st* connection) const {
  // Without this, OpenSSL would not resume the session: the peer was not told of the end.
  SSL_set_shutdown(connection, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(connection);
}

BareTlsContext::BareTlsContext(bool is_server)
    : context_(SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method())) {
  require(context_ != nullptr, "SSL_CTX_new");
  SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
}

BareTlsContext BareTlsContext::server(const TlsIdentity& identity) {
  BareTlsContext server(true);
  SSL_CTX* context = server.context_.get();
  X509* certificate = readCertificate(identity.certificate_chain);
  require(SSL_CTX_use_certificate(context, certificate) == 1, "SSL_CTX_use_certificate");
  X509_free(certificate);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bioOf(identity.private_key).get(), nullptr, nullptr, nullptr);
  require(SSL_CTX_use_PrivateKey(context, key) == 1, "SSL_CTX_use_PrivateKey");
  EVP_PKEY_free(key);
  SSL_CTX_set_num_tickets(context, 1);
  return server;
}

BareTlsContext BareTlsContext::client(const Pem& root_certificate) {
  BareTlsContext client(false);
  SSL_CTX* context = client.context_.get();
  X509* root = readCertificate(root_certificate);
  require(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root) == 1, "X509_STORE_add_cert");
  X509_free(root);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  return client;
}

void BareTlsContext::releaseBuffers() {
  SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS);
}

BareTlsPointer<ssl_st> BareTlsContext::accept(const Descriptor& connected) const {
  BareTlsPointer<ssl_st> connection(SSL_new(context_.get()));
  require(connection != nullptr && SSL_set_fd(connection.get(), connected.number()) == 1, "SSL_set_fd");
  require(SSL_accept(connection.get()) == 1, "SSL_accept");
  return connection;
}

BareTlsPointer<ssl_st> BareTlsContext::connect(const Descriptor& connected, ssl_session_st* session) const {
  BareTlsPointer<ssl_st> connection(SSL_new(context_.get()));
  require(connection != nullptr && SSL_set_fd(connection.get(), connected.number()) == 1, "SSL_set_fd");
  if (session != nullptr) require(SSL_set_session(connection.get(), session) == 1, "SSL_set_session");
  require(SSL_connect(connection.get()) == 1, "SSL_connect");
  return connection;
}

void writeBare(ssl_st& connection, std::span<const std::byte> bytes) {
  require(
      SSL_write(&connection, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size()),
      "SSL_write");
}

bool readBare(ssl_st& connection, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const int count = SSL_read(&connection, bytes.data(), static_cast<int>(bytes.size()));
    if (count <= 0) {
      ERR_clear_error();
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

BareTlsPointer<ssl_session_st> sessionOf(ssl_st& connection) {
  return BareTlsPointer<ssl_session_st>(SSL_get1_session(&connection));
}

bool isResumed(const ssl_st& connection) {
  return SSL_session_reused(&connection) == 1;
}

}  // namespace jitrig::bench
