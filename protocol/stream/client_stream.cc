#include "protocol/stream/client_stream.h"

#include <fmt/format.h>
#include <stdexcept>

#include "protocol/runtime/reached.h"

namespace jitrig {

ClientStream::ClientStream(Runtime& runtime, std::unique_ptr<ByteStream> stream,
                           std::shared_ptr<const Dialect> dialect, const StreamOptions& options)
    : CommunicationStream(runtime, std::move(stream), std::move(dialect), Direction::client, options) {}

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
  return encoded();
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
  requireFit();
  return number;
}

void ClientStream::write(std::uint16_t type, std::span<const Value> values) {
  encode(type, values);
  writeMessage();
}

std::span<const std::byte> ClientStream::encode(std::uint16_t type, std::span<const Value> values) {
  outgoing().start(type);
  addValues(outgoing(), values);
  return encoded();
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
