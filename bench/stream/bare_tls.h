#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "protocol/runtime/os/descriptor.h"
#include "protocol/stream/tls/tls_credentials.h"

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

/// What TlsByteStream is measured beside: OpenSSL on blocking sockets (SSL_set_fd) and nothing else. Throws
/// std::runtime_error with OpenSSL's words.
namespace jitrig::bench {

struct BareTlsDeleter {
  void operator()(ssl_ctx_st* context) const;
  void operator()(ssl_session_st* session) const;
  void operator()(ssl_st* connection) const;
};
template <class T>
using BareTlsPointer = std::unique_ptr<T, BareTlsDeleter>;

/// One side's settings: the versions, ciphers, tickets and verification that TlsContext has by default.
class BareTlsContext {
 public:
  static BareTlsContext server(const TlsIdentity& identity);
  static BareTlsContext client(const Pem& root_certificate);

  /// Idle connections hold no buffers, at the price of an allocation per record: as TlsContext.
  void releaseBuffers();

  /// The handshake on a connected socket, which must outlive the result. `session` is a client's, to be
  /// resumed, or null.
  BareTlsPointer<ssl_st> accept(const Descriptor& connected) const;
  BareTlsPointer<ssl_st> connect(const Descriptor& connected, ssl_session_st* session = nullptr) const;

 private:
  explicit BareTlsContext(bool is_server);

  BareTlsPointer<ssl_ctx_st> context_;
};

void writeBare(ssl_st& connection, std::span<const std::byte> bytes);
/// False: the peer has closed. Fills `bytes` otherwise.
bool readBare(ssl_st& connection, std::span<std::byte> bytes);

/// For the next connect(); with TLS 1.3 only after the first read, which takes in the ticket.
BareTlsPointer<ssl_session_st> sessionOf(ssl_st& connection);
bool isResumed(const ssl_st& connection);

}  // namespace jitrig::bench
