#include "protocol/stream/connecting.h"

#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "protocol/stream/tls/tls_byte_stream.h"

namespace jitrig {
namespace {

[[noreturn]] void throwConnectFailure(const NetError& error, std::string_view hint = {}) {
  throw StreamFailure(StreamFailure::Cause::connect,
                      fmt::format("{} ({}){}", error.detail, toString(error.code), hint), error.code);
}

/// What may be behind the end of a TLS handshake that OpenSSL has no words for.
std::string_view handshakeHint(NetErrc code) {
  const bool wordless = code == NetErrc::endOfFile || code == NetErrc::reset || code == NetErrc::timedOut;
  return wordless ? "; a server without TLS does so" : "";
}

}  // namespace

std::unique_ptr<ByteStream> connectTo(Runtime& runtime, const Connecting& connecting) {
  auto connection = runtime.connect(connecting.server, connecting.deadline, connecting.cancellation);
  if (!connection) throwConnectFailure(connection.error());
  std::unique_ptr<ByteStream> transport = std::make_unique<ConnectionByteStream>(std::move(*connection));
  if (connecting.decorate_transport) transport = connecting.decorate_transport(std::move(transport));
  if (!connecting.tls) return transport;
  auto secured = TlsByteStream::connect(runtime, connecting.tls, std::move(transport), connecting.server.host,
                                        connecting.deadline, connecting.cancellation);
  if (!secured) throwConnectFailure(secured.error(), handshakeHint(secured.error().code));
  return std::move(*secured);
}

std::unique_ptr<ByteStream> connectTo(Runtime& runtime, const Endpoint& server, const StreamOptions& options,
                                      const std::shared_ptr<TlsContext>& tls) {
  return connectTo(runtime, {.server = server, .tls = tls, .deadline = options.deadlineAfter(runtime.now())});
}

}  // namespace jitrig
