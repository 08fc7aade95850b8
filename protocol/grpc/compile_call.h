#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "protocol/runtime/instant.h"
#include "protocol/runtime/net_error.h"

namespace jitrig {

/// One side of a call of Compile, or of one after the other: messages, whole, as bytes. What is underneath is
/// asynchronous; here each operation waits until it has come about, or its deadline has passed.
///
/// One task reads and one writes at a time; cancel() and reset() may come from any. Destroyed when nobody is
/// inside. After an operation whose deadline passed it is still under way: the next one of its kind waits for
/// it first.
class CompileCall {
 public:
  CompileCall() = default;
  CompileCall(const CompileCall&) = delete;
  CompileCall& operator=(const CompileCall&) = delete;
  virtual ~CompileCall() = default;

  /// The next message, in place of what `message` had; NetErrc::endOfFile when the peer says no more and all
  /// is well.
  virtual NetResult<void> read(std::vector<std::byte>& message, Instant deadline) = 0;
  /// Waits until read() would not; false if the deadline passed before. May go on beside a read.
  virtual bool waitReadable(Instant deadline) = 0;
  /// Whether read() would not wait. Takes no lock.
  virtual bool readable() const = 0;

  virtual NetResult<void> write(std::span<const std::byte> message, Instant deadline) = 0;
  /// The last message of this side, and with a server's the end of the call, which went well.
  virtual NetResult<void> writeLast(std::span<const std::byte> message, Instant deadline) = 0;
  /// Nothing more is written; reading goes on. A server ends the call with it.
  virtual NetResult<void> closeWrite(Instant deadline) = 0;

  /// Ends all operations, now and later, with NetErrc::cancelled, and the call.
  virtual void cancel() = 0;
  /// The same with NetErrc::reset.
  virtual void reset() = 0;

  /// "127.0.0.1:51034"
  virtual std::string peerName() const = 0;
};

}  // namespace jitrig
