#include "protocol/stream/client_stream.h"

#include <fmt/format.h>
#include <stdexcept>

#include "protocol/runtime/reached.h"
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

ClientStream::ClientStream(Runtime& runtime, std::unique_ptr<ByteStream> stream,
                           std::shared_ptr<const Dialect> dialect, const StreamOptions& options)
    : CommunicationStream(runtime, std::move(stream), std::move(dialect), options) {}

std::unique_ptr<ByteStream> connectTo(Runtime& runtime, const Endpoint& server, const StreamOptions& options,
                                      const std::shared_ptr<TlsContext>& tls) {
  const Instant deadline = options.deadlineAfter(runtime.now());
  auto connection = runtime.connect(server, deadline);
  if (!connection) throwConnectFailure(connection.error());
  auto plain = std::make_unique<ConnectionByteStream>(std::move(*connection));
  if (!tls) return plain;
  auto secured = TlsByteStream::connect(runtime, tls, std::move(plain), server.host, deadline);
  if (!secured) throwConnectFailure(secured.error(), handshakeHint(secured.error().code));
  return std::move(*secured);
}

std::unique_ptr<ClientStream> ClientStream::connect(Runtime& runtime, const Endpoint& server,
                                                    std::shared_ptr<const Dialect> dialect,
                                                    const StreamOptions& options,
                                                    const std::shared_ptr<TlsContext>& tls) {
  return std::make_unique<ClientStream>(runtime, connectTo(runtime, server, options, tls), std::move(dialect),
                                        options);
}

void ClientStream::startCompileRequest() {
  const FullVersion announced = version_checked_ ? FullVersion{} : dialect().announced;
  outgoing().start(dialect().compilation_request, announced.version, announced.config);
}

void ClientStream::buildCompileRequest(std::span<const Value> values) {
  encodeCompileRequest(values);
  writeMessage();
}

std::span<const std::byte> ClientStream::encodeCompileRequest(std::span<const Value> values) {
  startCompileRequest();
  addValues(outgoing(), values);
  return outgoing().serialize();
}

std::uint16_t ClientStream::read() {
  const std::uint16_t number = readMessage().type();
  const MessageType* type = dialect().table->find(number);
  if (type == nullptr || type->direction == MessageType::Direction::clientToServer) {
    JITRIG_REACHED("client stream: a message that no server sends");
    throw StreamMessageTypeMismatch(
        fmt::format("{}: received {} from the server, expected a query or an end of the compilation{}",
                    name(), dialect().typeName(number), type != nullptr ? "; only clients send it" : ""));
  }
  return number;
}

void ClientStream::write(std::uint16_t type, std::span<const Value> values) {
  encode(type, values);
  writeMessage();
}

std::span<const std::byte> ClientStream::encode(std::uint16_t type, std::span<const Value> values) {
  outgoing().start(type);
  addValues(outgoing(), values);
  return outgoing().serialize();
}

void ClientStream::writeError(std::uint16_t bodyless_type) {
  if (!dialect().bodyless.contains(bodyless_type)) {
    throw std::invalid_argument(
        fmt::format("writeError({}): only compilationInterrupted and connectionTerminate have no body",
                    dialect().typeName(bodyless_type)));
  }
  outgoing().start(bodyless_type);
  writeMessage();
}

void ClientStream::writeClientSessionTerminate(std::uint64_t client_uid) {
  write(dialect().client_session_terminate, client_uid);
}

}  // namespace jitrig
