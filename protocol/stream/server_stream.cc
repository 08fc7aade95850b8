#include "protocol/stream/server_stream.h"

#include <fmt/format.h>

#include "protocol/runtime/reached.h"

namespace jitrig {

ServerStream::ServerStream(Runtime& runtime, std::unique_ptr<ByteStream> stream,
                           std::shared_ptr<const Dialect> dialect, const ServerStreamOptions& options)
    : CommunicationStream(runtime, std::move(stream), std::move(dialect), Direction::server, options),
      accept_any_version_(options.accept_any_version) {}

const Message& ServerStream::readCompileRequestMessage() {
  const Message& first = readMessage();
  checkVersion();
  const std::uint16_t type = first.type();
  if (type == dialect().compilation_request) {
    requireFit();
    return first;
  }
  if (type == dialect().connection_terminate) throw StreamConnectionTerminate();
  if (type == dialect().client_session_terminate) {
    JITRIG_REACHED("server stream: a client says goodbye to its session");
    requireFit();
    throw StreamClientSessionTerminate(std::get<0>(unpack<std::uint64_t>()));
  }
  if (type == dialect().aot_cache_map_request) {
    throw StreamAOTCacheMapRequest(std::get<0>(unpack<std::string>()));
  }
  JITRIG_REACHED("server stream: another message comes first than a request");
  throw StreamMessageTypeMismatch(fmt::format("{}: received {}, expected {} as the first message", name(),
                                              dialect().typeName(type),
                                              dialect().typeName(dialect().compilation_request)));
}

void ServerStream::checkVersion() const {
  const FullVersion theirs{message().version(), message().config()};
  const FullVersion ours = dialect().announced;
  // 0/0 is what a client sends once it has passed this check, and what goodbyes carry.
  if (theirs == FullVersion{} || theirs == ours || accept_any_version_) return;
  JITRIG_REACHED("server stream: the versions differ");
  throw StreamVersionIncompatible(
      fmt::format("{}: {}", name(), describeDifference(theirs, "client", ours, "server")));
}

void ServerStream::startMessage(std::uint16_t type) {
  last_written_ = type;
  outgoing().start(type);
}

void ServerStream::write(std::uint16_t type, std::span<const Value> values) {
  encode(type, values);
  writeMessage();
}

std::span<const std::byte> ServerStream::encode(std::uint16_t type, std::span<const Value> values) {
  startMessage(type);
  addValues(outgoing(), values);
  return encoded();
}

const Message& ServerStream::readReply() {
  const Message& reply = readMessage();
  const std::uint16_t type = reply.type();
  if (type == last_written_) {
    requireFit();
    return reply;
  }
  if (type == dialect().compilation_interrupted) {
    JITRIG_REACHED("server stream: an interruption at a query");
    throw StreamInterrupted();
  }
  if (type == dialect().connection_terminate) {
    JITRIG_REACHED("server stream: a goodbye in mid compilation");
    throw StreamConnectionTerminate();
  }
  JITRIG_REACHED("server stream: a reply of another type");
  throw StreamMessageTypeMismatch(fmt::format("{}: received {}, expected a reply to {}", name(),
                                              dialect().typeName(type), dialect().typeName(last_written_)));
}

void ServerStream::writeError(std::uint32_t status, std::uint64_t other) {
  startMessage(dialect().compilation_failure);
  if (dialect().compilation_failure_arity == 1) {
    setArgs(outgoing(), status);
  } else {
    setArgs(outgoing(), status, other);
  }
  writeMessage();
}

}  // namespace jitrig
