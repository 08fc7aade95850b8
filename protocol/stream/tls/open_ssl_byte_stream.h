#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/tls/tls_byte_stream.h"
#include "protocol/stream/tls/tls_engine.h"

namespace jitrig {

/// How long a last word (close_notify, or an alert that says why) may take on its way to the peer.
inline constexpr Duration kLastWordPatience = std::chrono::milliseconds(500);

/// The waiting around a TlsEngine.
///
/// Locks: writing_ for the right to write to the inner stream; its holder may wait for the network.
/// engine_lock_ for the engine; nobody waits with it. Whoever needs both takes writing_ first.
///
/// The reader never waits for the writing side. What it has to say (the answer to a KeyUpdate, an alert) it
/// writes as far as that goes at once, if nobody else writes; otherwise it goes out before whatever is
/// written next, the destructor's close_notify at the latest.
class OpenSslByteStream final : public TlsByteStream {
 public:
  OpenSslByteStream(Runtime& runtime, std::shared_ptr<OpenSslContext> context,
                    std::unique_ptr<ByteStream> inner, std::unique_ptr<TlsEngine> engine);
  ~OpenSslByteStream() override;

  /// Once, before anything else.
  NetResult<void> handshake(const std::string& server_name, Instant deadline);

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override;
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override;
  NetResult<void> closeWrite() override;
  void reset() override;
  void cancel() override;
  std::size_t buffered() const override { return heldBytes() + inner_->buffered(); }
  Waitable& waitable() override { return inner_->waitable(); }
  std::string localName() const override { return inner_->localName(); }
  std::string peerName() const override { return inner_->peerName(); }
  const TlsSessionInfo& session() const override { return engine_->session(); }

 private:
  /// One record of the largest size fits, so that a message is usually read at once. It lies on the stack: an
  /// idle connection must not hold it.
  using ReadBuffer = std::array<std::byte, std::size_t{17} * 1024>;

  NetResult<void> exchangeHandshake(Instant deadline);
  /// The alert of a handshake that failed, so that the peer learns why.
  void sendLastWord(Instant deadline);
  NetResult<std::size_t> receiveHandshake(std::span<std::byte> buffer, std::size_t received,
                                          Instant deadline);

  /// Decrypts `records`, or what was held if that is empty. 0: more records are needed.
  NetResult<std::size_t> decrypt(std::span<std::byte> buffer, std::span<const std::byte> records);
  NetError endOfInner(const NetError& error);
  void sendAtOnceUnlessBusy();

  /// What a former write had left of its encrypted bytes, then what the engine has. With writing_.
  NetResult<void> send(Instant deadline);
  /// The beginning of `bytes` is what a write that timed out had encrypted; with writing_.
  NetResult<std::size_t> settleOwed(std::span<const std::byte> bytes);

  /// What the engine holds.
  std::size_t heldBytes() const { return held_.load(std::memory_order_relaxed); }
  void keepNewSession();
  std::optional<NetError> ended(std::string_view operation) const;
  std::unexpected<NetError> failure(std::string_view operation, const NetError& error) const;

  Runtime& runtime_;
  std::shared_ptr<OpenSslContext> context_;
  std::unique_ptr<ByteStream> inner_;  ///< freed after the engine: TLS first, then TCP
  std::unique_ptr<TlsEngine> engine_;
  std::unique_ptr<Mutex> writing_;
  std::unique_ptr<Mutex> engine_lock_;
  std::string session_key_;         ///< a client's, in the cache of sessions
  std::vector<std::byte> sending_;  ///< encrypted; with writing_
  std::size_t sent_ = 0;            ///< of sending_
  /// Plaintext that a write which timed out had encrypted already. It was not reported as written, so that
  /// the caller comes with it again. With writing_.
  std::vector<std::byte> owed_;
  bool write_closed_ = false;         ///< with writing_
  std::atomic<std::size_t> held_{0};  ///< TlsEngine::held(), which only the reader changes
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> reset_{false};
};

}  // namespace jitrig
