#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <tuple>

#include "protocol/stream/communication_stream.h"

namespace jitrig {

/// StreamOptions, and whom the server takes for a peer.
struct ServerStreamOptions : StreamOptions {
  /// Serve clients of any version and configuration. Real servers do not.
  bool accept_any_version = false;
};

/// The server's end of a connection. Not attached to a thread: between compilations it lies in a queue or is
/// parked at a Selector. A compilation reads as:
///
///   auto request = stream.readCompileRequest<…>();       // or how the conversation ends, as an exception
///   stream.write(VM_isClassArray, clazz);
///   auto [is_array] = stream.read<bool>();
///   stream.finishCompilation(code, …);
class ServerStream : public CommunicationStream {
 public:
  ServerStream(Runtime& runtime, std::unique_ptr<ByteStream> stream, std::shared_ptr<const Dialect> dialect,
               const ServerStreamOptions& options);

  /// Waits for the first message of a conversation. Throws, in this order of looking: StreamFailure,
  /// StreamVersionIncompatible, StreamConnectionTerminate, StreamClientSessionTerminate,
  /// StreamAOTCacheMapRequest, and StreamMessageTypeMismatch for every other type.
  template <class... T>
  std::tuple<T...> readCompileRequest() {
    readCompileRequestMessage();
    return unpack<T...>();
  }
  const Message& readCompileRequestMessage();

  /// Asks the client.
  template <class... T>
    requires(!AreValues<T...>)
  void write(std::uint16_t type, const T&... args) {
    startMessage(type);
    setArgs(outgoing(), args...);
    writeMessage();
  }
  void write(std::uint16_t type, std::span<const Value> values);
  void write(std::uint16_t type, const std::vector<Value>& values) { write(type, std::span(values)); }

  /// The same message encoded, to be written by writeEncoded(): valid until the next one is encoded or
  /// written.
  std::span<const std::byte> encode(std::uint16_t type, std::span<const Value> values);
  /// One that was encoded before, which is what the next answer is to.
  std::span<const std::byte> encode(const Message& message) {
    last_written_ = message.type();
    return encodedAs(message);
  }

  /// The client's answer to the last write or encode. Throws StreamFailure, StreamInterrupted,
  /// StreamConnectionTerminate; and StreamMessageTypeMismatch for an answer to something else.
  template <class... T>
  std::tuple<T...> read() {
    readReply();
    return unpack<T...>();
  }
  const Message& readReply();

  /// compilationCode: the compilation succeeded.
  template <class... T>
  void finishCompilation(const T&... args) {
    write(dialect().compilation_code, args...);
  }

  /// compilationFailure with a status of the release; releases before 0.25.0 have no place for `other`.
  void writeError(std::uint32_t status, std::uint64_t other = ~std::uint64_t{0});

  /// Whose connection it is: kept here for the compilation thread that serves it, which learns the UID from
  /// the request. 0 before that. The stream itself does not use it.
  std::uint64_t getClientId() const { return client_id_; }
  void setClientId(std::uint64_t client_id) { client_id_ = client_id; }

 private:
  void startMessage(std::uint16_t type);
  void checkVersion() const;

  bool accept_any_version_;
  std::uint16_t last_written_ = 0;
  std::uint64_t client_id_ = 0;
};

}  // namespace jitrig
