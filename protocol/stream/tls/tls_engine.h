#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "protocol/runtime/net_error.h"
#include "protocol/stream/tls/memory_bio.h"
#include "protocol/stream/tls/open_ssl_context.h"
#include "protocol/stream/tls/open_ssl_pointers.h"
#include "protocol/stream/tls/tls_byte_stream.h"

struct x509_store_ctx_st;

namespace jitrig {

/// What TLS does to bytes, without waiting for any: records go in by feed(), and come out by takeOutput().
/// One caller at a time. No call switches tasks: OpenSSL's error queue is the thread's, which tasks of the
/// simulation share.
///
/// What was fed is either used up or stands before decrypted bytes that are still unread: after each call
/// OpenSSL itself holds what there is of an incomplete record, so that held() counts only what can be read at
/// once.
class TlsEngine {
 public:
  /// `server_name` is a client's: whom it wants to talk to.
  static NetResult<std::unique_ptr<TlsEngine>> make(std::shared_ptr<OpenSslContext> context,
                                                    const std::string& server_name);
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;
  ~TlsEngine();

  bool isClient() const { return context_->role() == OpenSslContext::Role::client; }

  /// Before the handshake: the session to take up again.
  void offer(OpenSslPointer<ssl_session_st> session);

  /// The bytes that came from the peer; they must live until keepInput(), and all earlier ones be used up.
  void feed(std::span<const std::byte> records) { memory_.input = records; }
  /// Copies what is left of them.
  void keepInput();

  /// As far as it comes with the bytes fed: true when the handshake is complete. NetErrc::tls otherwise.
  NetResult<bool> handshake();
  const TlsSessionInfo& session() const { return session_; }
  /// The session that the peer gave last, for a later connection; nullptr if none since the last call.
  OpenSslPointer<ssl_session_st> takeNewSession() { return std::move(new_session_); }

  /// Decrypted bytes; 0: more records are needed. NetErrc::endOfFile after the peer's close_notify. A problem
  /// behind decrypted bytes is reported after them, and then every time.
  NetResult<std::size_t> decrypt(std::span<std::byte> buffer);
  /// What decrypt() would return without more records; 1 for a problem or the end that it would report.
  std::size_t held() const;
  /// The peer's bytes ended inside a record.
  bool insideRecord() const { return memory_.input_position.insideRecord(); }

  NetResult<void> encrypt(std::span<const std::byte> bytes);
  /// Writes close_notify, if the session is in a state for it. Nothing may be encrypted afterwards.
  void closeNotify();

  /// Records for the peer.
  std::vector<std::byte> takeOutput() { return std::exchange(memory_.output, {}); }
  std::size_t outputBytes() const { return memory_.output.size(); }

  // OpenSSL calls these.
  static int noteVerification(int verified, x509_store_ctx_st* verification);
  static int noteSession(ssl_st* ssl, ssl_session_st* session);

 private:
  explicit TlsEngine(std::shared_ptr<OpenSslContext> context) : context_(std::move(context)) {}

  NetResult<void> setUp(const std::string& server_name);
  NetResult<void> expectServer(const std::string& server_name);
  std::optional<NetError> notTls() const;
  /// Why the last call did not succeed; nullopt if it needs more records. The state is unusable after an
  /// error.
  std::optional<NetError> problemAfter(int result);
  std::string verificationText() const;
  /// Takes as much of the fed bytes into OpenSSL as the invariant asks for.
  void settle();

  std::shared_ptr<OpenSslContext> context_;
  MemoryBio memory_;
  OpenSslPointer<ssl_st> ssl_;
  OpenSslPointer<ssl_session_st> new_session_;
  OpenSslPointer<x509_st> refused_certificate_;
  int verification_error_ = 0;
  bool first_record_seen_ = false;
  bool established_ = false;
  bool broken_ = false;  ///< OpenSSL reported a fatal error
  std::vector<std::byte> kept_input_;
  std::optional<NetError> read_end_;
  std::string expected_name_;  ///< that the certificate is compared with; empty if it is not
  TlsSessionInfo session_;
};

}  // namespace jitrig
