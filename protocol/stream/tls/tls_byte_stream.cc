#include "protocol/stream/tls/tls_byte_stream.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "protocol/stream/tls/open_ssl_byte_stream.h"
#include "protocol/stream/tls/open_ssl_context.h"
#include "protocol/stream/tls/tls_engine.h"

namespace jitrig {
namespace {

/// What a peer may send before the handshake is complete. Certificates are limited to 100 KiB.
constexpr std::size_t kMaxHandshakeBytes = std::size_t{256} * 1024;

using Role = OpenSslContext::Role;

/// A stream whose handshake may be cancelled.
class Handshaking final : public Cancellable {
 public:
  explicit Handshaking(ByteStream& stream) : stream_(stream) {}
  void cancel() override { stream_.cancel(); }

 private:
  ByteStream& stream_;
};

NetResult<std::unique_ptr<TlsByteStream>> establish(Runtime& runtime, std::shared_ptr<TlsContext> context,
                                                    Role role, std::unique_ptr<ByteStream> inner,
                                                    const std::string& server_name, Instant deadline,
                                                    Cancellation* cancellation) {
  // Nobody else derives from TlsContext.
  auto open_ssl = std::static_pointer_cast<OpenSslContext>(std::move(context));
  if (open_ssl->role() != role) {
    return std::unexpected(NetError{NetErrc::tls, role == Role::client
                                                      ? "TLS: a server's context cannot connect"
                                                      : "TLS: a client's context cannot accept"});
  }
  auto engine = TlsEngine::make(open_ssl, server_name);
  if (!engine) {
    return std::unexpected(NetError{
        engine.error().code, fmt::format("TLS with {}: {}", inner->peerName(), engine.error().detail)});
  }
  auto stream = std::make_unique<OpenSslByteStream>(runtime, open_ssl, std::move(inner), std::move(*engine));
  Handshaking handshaking(*stream);
  const Cancellation::Participation participation(cancellation, handshaking);
  if (auto done = stream->handshake(server_name, deadline); !done) return std::unexpected(done.error());
  return stream;
}

}  // namespace

NetResult<std::unique_ptr<TlsByteStream>> TlsByteStream::connect(
    Runtime& runtime, std::shared_ptr<TlsContext> context, std::unique_ptr<ByteStream> inner,
    const std::string& server_name, Instant deadline, Cancellation* cancellation) {
  return establish(runtime, std::move(context), Role::client, std::move(inner), server_name, deadline,
                   cancellation);
}

NetResult<std::unique_ptr<TlsByteStream>> TlsByteStream::accept(Runtime& runtime,
                                                                std::shared_ptr<TlsContext> context,
                                                                std::unique_ptr<ByteStream> inner,
                                                                Instant deadline) {
  return establish(runtime, std::move(context), Role::server, std::move(inner), {}, deadline, nullptr);
}

NetResult<void> OpenSslByteStream::handshake(const std::string& server_name, Instant deadline) {
  SessionCache& sessions = context_->sessions();
  const bool resumes = engine_->isClient() && sessions.enabled();
  if (resumes) {
    session_key_ = fmt::format("{} at {}", server_name, peerName());
    engine_->offer(sessions.find(session_key_));
  }
  if (const auto done = exchangeHandshake(deadline); !done) {
    if (resumes) sessions.forget(session_key_);
    return failure("handshake", done.error());
  }
  keepNewSession();
  return {};
}

NetResult<void> OpenSslByteStream::exchangeHandshake(Instant deadline) {
  ReadBuffer buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init) 17 KiB that the reads fill
  std::size_t received = 0;
  while (true) {
    const auto done = engine_->handshake();
    if (!done) {
      sendLastWord(std::min(deadline, runtime_.now() + kLastWordPatience));
      return std::unexpected(done.error());
    }
    // What a server of TLS 1.3 still has to say are tickets. The client does not wait for them, and may be
    // about to write itself: they go with the first message.
    const bool only_tickets =
        *done && !engine_->isClient() && engine_->session().version == TlsVersion::tls1_3;
    if (!only_tickets) {
      if (auto sent = send(deadline); !sent) return sent;
    }
    if (*done) break;
    const auto count = receiveHandshake(buffer, received, deadline);
    if (!count) return std::unexpected(count.error());
    received += *count;
    engine_->feed(std::span(buffer).first(*count));
  }
  engine_->keepInput();
  held_ = engine_->held();
  return {};
}

void OpenSslByteStream::sendLastWord(Instant deadline) {
  // What becomes of it is no concern of ours. But a connection that is closed while bytes of the peer are
  // unread is reset, and a reset overtakes the alert: so the peer is given time to close first.
  if (!send(deadline) || !inner_->closeWrite()) return;
  ReadBuffer ignored;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (std::size_t received = 0; received < kMaxHandshakeBytes;) {
    const auto count = inner_->readSome(ignored, deadline);
    if (!count || runtime_.now() > deadline) return;
    received += *count;
  }
}

NetResult<std::size_t> OpenSslByteStream::receiveHandshake(std::span<std::byte> buffer, std::size_t received,
                                                           Instant deadline) {
  if (received > kMaxHandshakeBytes) {
    return std::unexpected(NetError{
        NetErrc::tls, fmt::format("the peer's handshake has more than {} bytes", kMaxHandshakeBytes)});
  }
  // A read may go well after its deadline, if bytes are there; a peer must not live on that.
  const bool late = received != 0 && runtime_.now() > deadline;
  auto count = late ? NetResult<std::size_t>(std::unexpected(NetError{NetErrc::timedOut, {}}))
                    : inner_->readSome(buffer, deadline);
  if (count) return count;
  NetError& error = count.error();
  if (error.code == NetErrc::endOfFile) {
    error.detail = fmt::format("the peer closed the connection after {} bytes of its handshake", received);
  } else if (error.code == NetErrc::timedOut) {
    error.detail = fmt::format("the deadline passed after {} bytes of the peer's handshake", received);
  }
  return count;
}

}  // namespace jitrig
