#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "protocol/runtime/instant.h"
#include "protocol/runtime/net_error.h"

namespace jitrig {

/// Something a Selector can watch: it is ready when a read (or an accept) would not wait, which includes the
/// end of file, an error and cancel().
class Waitable {
 public:
  Waitable() = default;
  Waitable(const Waitable&) = delete;
  Waitable& operator=(const Waitable&) = delete;
  virtual ~Waitable() = default;

  /// Who it is in a deadlock report: "127.0.0.1:38400 -> 127.0.0.1:51034".
  virtual const std::string& name() const = 0;
};

/// One end of a duplex byte connection. At most one task reads and one task writes at any time; cancel() may
/// come from any task. Destroying it closes it; nobody may be inside it then.
class Connection : public Waitable {
 public:
  /// Waits until at least one byte is there, and takes what is there, up to buffer.size() (not 0).
  /// Data goes before the deadline: bytes that are there are returned even if the deadline has passed.
  /// After the last byte: NetErrc::endOfFile, every time.
  virtual NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) = 0;

  /// Waits until at least one byte can be handed over, and returns how many were. Never raises a signal.
  virtual NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) = 0;

  /// Half close: the peer reads the end of file after everything written so far. Reading goes on; a write
  /// from now on is NetErrc::other. A second time is no error.
  virtual NetResult<void> closeWrite() = 0;

  /// Breaks the connection at once: both sides get NetErrc::reset, unread bytes are dropped (TCP's peer may
  /// still read what has arrived before).
  virtual void reset() = 0;

  /// Every present and future call ends with NetErrc::cancelled. From any task, any number of times.
  virtual void cancel() = 0;

  virtual std::string localName() const = 0;  ///< "127.0.0.1:51034", "[::1]:51034"; "pipe#1/a"
  virtual std::string peerName() const = 0;
};

/// A listening port.
class Acceptor : public Waitable {
 public:
  /// kAtOnce tries without waiting: NetErrc::timedOut if no connection is there.
  virtual NetResult<std::unique_ptr<Connection>> accept(Instant deadline) = 0;

  /// The bound port, also when port 0 was asked for. Host byte order.
  virtual std::uint16_t port() const = 0;

  /// As Connection::cancel. The port stays bound until the Acceptor is destroyed.
  virtual void cancel() = 0;
};

}  // namespace jitrig
