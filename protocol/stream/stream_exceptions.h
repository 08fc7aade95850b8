#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "protocol/runtime/net_error.h"

namespace jitrig {

/// What ends a conversation, or a compilation on it. The names are those of the field; what each means for
/// the stream and the session: semantics.md, section 4. what() is for people.
class StreamException : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The stream cannot be used any more: the network failed, or the bytes were none of this protocol.
class StreamFailure : public StreamException {
 public:
  /// How it failed.
  enum class Cause : std::uint8_t {
    connect,      ///< no connection came about
    endOfStream,  ///< the peer closed between two messages: a normal end where no message was due
    truncated,    ///< the peer closed inside a message
    timeout,
    network,    ///< any other failure of reading or writing
    malformed,  ///< bytes that are no message, or data points that are not what was expected
  };

  StreamFailure(Cause cause, const std::string& what, NetErrc net_error = NetErrc::other)
      : StreamException(what), cause_(cause), net_error_(net_error) {}

  Cause cause() const { return cause_; }
  /// Meaningful for connect, timeout and network.
  NetErrc netError() const { return net_error_; }

 private:
  Cause cause_;
  NetErrc net_error_;
};

/// A data point of another wire type than was read.
class StreamTypeMismatch : public StreamFailure {
 public:
  explicit StreamTypeMismatch(const std::string& what) : StreamFailure(Cause::malformed, what) {}
};

/// Another number of data points, or the right type with another size.
class StreamArityMismatch : public StreamFailure {
 public:
  explicit StreamArityMismatch(const std::string& what) : StreamFailure(Cause::malformed, what) {}
};

/// A message of a type that may not come now: another reply than the query asked for, or a first message that
/// may not be one.
class StreamMessageTypeMismatch : public StreamException {
 public:
  using StreamException::StreamException;
};

/// The peer speaks another version or has another configuration; what() has the difference in words.
class StreamVersionIncompatible : public StreamException {
 public:
  using StreamException::StreamException;
};

/// The client gave up this compilation. The stream goes on.
class StreamInterrupted : public StreamException {
 public:
  StreamInterrupted() : StreamException("the client interrupted the compilation") {}
};

/// The client says goodbye on this connection; its session stays.
class StreamConnectionTerminate : public StreamException {
 public:
  StreamConnectionTerminate() : StreamException("the client ends the connection") {}
};

/// The client JVM shuts down: its session may be forgotten.
class StreamClientSessionTerminate : public StreamException {
 public:
  explicit StreamClientSessionTerminate(std::uint64_t client_uid)
      : StreamException("the client session ends"), client_uid_(client_uid) {}
  std::uint64_t clientUid() const { return client_uid_; }

 private:
  std::uint64_t client_uid_;
};

/// The client asks which methods an AOT cache holds; it is answered and its connection ends.
class StreamAOTCacheMapRequest : public StreamException {
 public:
  explicit StreamAOTCacheMapRequest(std::string cache_name)
      : StreamException("the client asks for the map of an AOT cache"), cache_name_(std::move(cache_name)) {}
  const std::string& cacheName() const { return cache_name_; }

 private:
  std::string cache_name_;
};

/// A critical request came after its successors had gone on without it (semantics.md, section 4).
class StreamOOO : public StreamException {
 public:
  using StreamException::StreamException;
};

/// The server answered compilationFailure.
class ServerCompilationFailure : public StreamException {
 public:
  ServerCompilationFailure(const std::string& what, std::uint32_t status, std::uint64_t other)
      : StreamException(what), status_(status), other_(other) {}
  std::uint32_t status() const { return status_; }
  /// The server's memory state where the status is compilationLowPhysicalMemory, else ~0.
  std::uint64_t other() const { return other_; }

 private:
  std::uint32_t status_;
  std::uint64_t other_;
};

}  // namespace jitrig
