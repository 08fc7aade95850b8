#pragma once

#include <memory>
#include <string>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/tls/tls_context.h"

namespace jitrig {

/// What a handshake agreed on.
struct TlsSessionInfo {
  TlsVersion version = TlsVersion::tls1_3;
  std::string cipher;        ///< "TLS_AES_256_GCM_SHA384"
  bool resumed = false;      ///< an earlier session was taken up again
  std::string peer_subject;  ///< of the peer's certificate, "CN=…"; empty if it showed none
};

/// TLS over any ByteStream. OpenSSL sees memory only; all waiting is the inner stream's, so this runs on both
/// houses of the Runtime and over a pipe. The contract is ByteStream's, one reader beside one writer
/// included. Failures of TLS are NetErrc::tls with OpenSSL's words in `detail`.
///
/// The end: closeWrite() sends close_notify, then half-closes the inner stream. The destructor sends
/// close_notify if it can without waiting, then frees the session, and only then the inner stream. A peer
/// that ends without close_notify gives NetErrc::endOfFile, with a detail that says so: messages have a
/// length of their own, so a cut inside one is seen all the same, and killed processes never say goodbye.
class TlsByteStream : public ByteStream {
 public:
  /// The client's half: handshakes with the server over `inner` and verifies it. `server_name` is the host
  /// that was connected to: sent as SNI unless it is an address, and compared with the certificate if the
  /// context checks host names. `cancellation`, which may be null, ends the handshake, and nothing after it.
  static NetResult<std::unique_ptr<TlsByteStream>> connect(Runtime& runtime,
                                                           std::shared_ptr<TlsContext> context,
                                                           std::unique_ptr<ByteStream> inner,
                                                           const std::string& server_name, Instant deadline,
                                                           Cancellation* cancellation = nullptr);

  /// The server's half.
  static NetResult<std::unique_ptr<TlsByteStream>> accept(Runtime& runtime,
                                                          std::shared_ptr<TlsContext> context,
                                                          std::unique_ptr<ByteStream> inner,
                                                          Instant deadline);

  virtual const TlsSessionInfo& session() const = 0;
};

}  // namespace jitrig
