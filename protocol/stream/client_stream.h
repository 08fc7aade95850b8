#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <tuple>
#include <utility>

#include "protocol/stream/communication_stream.h"
#include "protocol/stream/connecting.h"
#include "protocol/stream/tls/tls_context.h"

namespace jitrig {

/// The client's end, one per compilation thread. A compilation reads as:
///
///   stream.buildCompileRequest(uid, seq_no, …);
///   while (true) {
///     switch (stream.read()) {                       // what the server asks, or how it ends
///       case VM_isClassArray: {
///         auto [clazz] = stream.getRecvData<RemotePointer>();
///         stream.write(VM_isClassArray, isArray(clazz));
///         …
class ClientStream : public CommunicationStream {
 public:
  ClientStream(Runtime& runtime, std::unique_ptr<ByteStream> stream, std::shared_ptr<const Dialect> dialect,
               const StreamOptions& options);

  /// A stream over connectTo().
  static std::unique_ptr<ClientStream> connect(Runtime& runtime, const Endpoint& server,
                                               std::shared_ptr<const Dialect> dialect,
                                               const StreamOptions& options,
                                               const std::shared_ptr<TlsContext>& tls = nullptr);

  /// Sends a compilation request, with version and configuration as long as no compilation on this connection
  /// has passed the server's check.
  template <class... T>
    requires(!AreValues<T...>)
  void buildCompileRequest(const T&... args) {
    startCompileRequest();
    setArgs(outgoing(), args...);
    writeMessage();
  }
  void buildCompileRequest(std::span<const Value> values);
  void buildCompileRequest(const std::vector<Value>& values) { buildCompileRequest(std::span(values)); }

  /// The same messages encoded, to be written by writeEncoded(): valid until the next one is encoded or
  /// written.
  std::span<const std::byte> encodeCompileRequest(std::span<const Value> values);
  /// `add(Message&)` appends the data points.
  template <class Add>
  std::span<const std::byte> encodeCompileRequestBy(Add&& add) {
    startCompileRequest();
    std::forward<Add>(add)(outgoing());
    return encoded();
  }
  std::span<const std::byte> encode(std::uint16_t type, std::span<const Value> values);

  /// The next message of the server: a query, or what ends the compilation. Returns its type. What no server
  /// sends is a StreamMessageTypeMismatch: types that the release does not have, and those that only clients
  /// send, which come from a peer that echoes. Whether a query fits the moment is the caller's to know.
  std::uint16_t read();

  /// The data points of the message read last, as exactly these types; StreamTypeMismatch or
  /// StreamArityMismatch otherwise. Not limited to one use; views live until the next read.
  template <class... T>
  std::tuple<T...> getRecvData() const {
    return unpack<T...>();
  }

  /// Answers a query; the answer has the type of the query.
  template <class... T>
    requires(!AreValues<T...>)
  void write(std::uint16_t type, const T&... args) {
    outgoing().start(type);
    setArgs(outgoing(), args...);
    writeMessage();
  }
  void write(std::uint16_t type, std::span<const Value> values);
  void write(std::uint16_t type, const std::vector<Value>& values) { write(type, std::span(values)); }

  /// compilationInterrupted instead of the answer to a query, or connectionTerminate instead of a request.
  /// std::invalid_argument for any other type.
  void writeError(std::uint16_t bodyless_type);

  /// The goodbye of a client JVM, alone on a connection of its own.
  void writeClientSessionTerminate(std::uint64_t client_uid);

  /// To be called when a compilation on this connection has been answered without a version or stream error:
  /// from then on the requests carry 0/0.
  void setVersionCheckStatus() { version_checked_ = true; }
  bool versionChecked() const { return version_checked_; }

 private:
  void startCompileRequest();

  bool version_checked_ = false;
};

}  // namespace jitrig
