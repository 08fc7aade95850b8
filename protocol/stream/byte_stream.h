#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "protocol/runtime/connection.h"
#include "protocol/runtime/instant.h"
#include "protocol/runtime/net_error.h"

namespace jitrig {

/// A duplex stream of bytes, whatever carries it: a Runtime's connection, TLS over another ByteStream, a
/// pipe. Faults and recorders are decorators of it. The contract of each call is Connection's: one reader and
/// one writer at a time, cancel() from any task, absolute deadlines, errors as values.
class ByteStream {
 public:
  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;

  /// At least one byte, as many as there are and fit; NetErrc::endOfFile when the peer has closed its side.
  virtual NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) = 0;
  /// At least one byte of them goes out; returns how many did. writeAll() sends them all.
  virtual NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) = 0;
  /// Nothing more will be written: the peer reads the end of the stream behind what was. Reading goes on.
  virtual NetResult<void> closeWrite() = 0;
  /// Breaks the connection at once; the peer sees a reset where the carrier has one.
  virtual void reset() = 0;
  /// Ends the present and all later calls of this side with NetErrc::cancelled. From any task.
  virtual void cancel() = 0;

  /// Bytes that a layer above the Waitable holds (a TLS record, say). A Selector cannot see them, so a stream
  /// with such bytes must be read, not parked.
  virtual std::size_t buffered() const = 0;

  /// What a Selector watches for this stream.
  virtual Waitable& waitable() = 0;

  virtual std::string localName() const = 0;
  virtual std::string peerName() const = 0;
};

/// Hands over all bytes, or says why not; how many went out before an error is not known.
NetResult<void> writeAll(ByteStream& stream, std::span<const std::byte> bytes, Instant deadline);

/// The ByteStream of a Runtime's connection or pipe.
class ConnectionByteStream final : public ByteStream {
 public:
  explicit ConnectionByteStream(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    return connection_->readSome(buffer, deadline);
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    return connection_->writeSome(bytes, deadline);
  }
  NetResult<void> closeWrite() override { return connection_->closeWrite(); }
  void reset() override { connection_->reset(); }
  void cancel() override { connection_->cancel(); }
  std::size_t buffered() const override { return 0; }
  Waitable& waitable() override { return *connection_; }
  std::string localName() const override { return connection_->localName(); }
  std::string peerName() const override { return connection_->peerName(); }

 private:
  std::unique_ptr<Connection> connection_;
};

}  // namespace jitrig
