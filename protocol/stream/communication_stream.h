#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/dialect.h"
#include "protocol/stream/direction.h"
#include "protocol/stream/message_format.h"
#include "protocol/stream/stream_exceptions.h"
#include "protocol/wire/args_raw.h"
#include "protocol/wire/framer.h"
#include "protocol/wire/message.h"
#include "protocol/wire/value.h"

namespace jitrig {

/// How long a stream waits for its peer, and how much it believes of it.
struct StreamOptions {
  /// For each message: from the moment its reading or writing begins until it is complete. 30 s is what both
  /// real sides use (semantics.md, section 2).
  std::int64_t timeout_ms = 30'000;
  WireLimits limits = {};

  /// `timeout_ms` after `now`. A number too large for an Instant means never, a negative one at once.
  Instant deadlineAfter(Instant now) const;
};

/// Arguments that are data points of run-time type, for which the streams have overloads: a span, vector or
/// array of Values.
template <class... T>
concept AreValues = sizeof...(T) == 1 && (std::is_convertible_v<const T&, std::span<const Value>> && ...);

/// What went over a peer's streams. Shared by all of them, so counted atomically.
struct MessageCounters {
  std::atomic<std::uint64_t> received{0};
  std::atomic<std::uint64_t> sent{0};
};

/// Messages over a ByteStream: what ClientStream and ServerStream have in common. One task at a time uses it;
/// cancel() may come from any. Every failure is an exception of stream_exceptions.h, after which only the
/// destructor and name() are of use, unless the exception's comment says that the stream goes on.
class CommunicationStream {
 public:
  virtual ~CommunicationStream() = default;
  CommunicationStream(const CommunicationStream&) = delete;
  CommunicationStream& operator=(const CommunicationStream&) = delete;

  const Dialect& dialect() const { return *dialect_; }
  /// The Runtime that the stream was made with.
  Runtime& runtime() { return runtime_; }

  /// The message read last; views that were read from it live until the next read.
  const Message& message() const { return received_; }

  /// Bytes that were received but not read as a message yet: such a stream must be read, not parked at a
  /// Selector.
  bool hasBufferedInput() const { return framer_.bufferedBytes() != 0 || stream_->buffered() != 0; }
  Waitable& waitable() { return stream_->waitable(); }

  /// Gives back the storage of the messages read and written last, and of the next one: for a stream that may
  /// lie idle for long, and there are thousands of them. message() is empty afterwards, and views that were
  /// read from it are gone. The next message asks for new storage.
  void releaseIdleMemory();

  /// Waits until a read would not wait (which includes the end of the stream). False: the deadline came
  /// first.
  bool waitReadable(Instant deadline);

  /// Whether bytes are there, without waiting for any: between two conversations they come from a peer that
  /// speaks out of turn. An end or a failure is no input; the next read or write tells of it.
  bool hasUnreadInput();

  /// "127.0.0.1:38400 -> 127.0.0.1:51034".
  std::string name() const;

  /// Ends the present and every later read and write with a StreamFailure. From any task.
  void cancel() { stream_->cancel(); }

  /// The peer sees a reset instead of an orderly end.
  void reset() { stream_->reset(); }

  /// Nothing more will be written: the peer reads the end of the stream. Reading goes on.
  NetResult<void> closeWrite() { return stream_->closeWrite(); }

  const StreamOptions& options() const { return options_; }

  /// Who this end is.
  Direction writer() const { return writer_; }

  /// Each read and write that begins from now on ends by then, also where `timeout_ms` would give it longer.
  void endBy(Instant latest) { latest_ = latest; }

  /// Writes bytes as they are, which are a message, encoded already (a frame, where the dialect has a format
  /// of its own); counts one message. For messages that
  /// are written often, and for peers that misbehave: nothing is checked.
  void writeEncoded(std::span<const std::byte> message);

  /// Counts into `counters` as well, which must outlive the stream.
  void countInto(MessageCounters& counters) { counters_ = &counters; }

 protected:
  /// `writer` is who this end is.
  CommunicationStream(Runtime& runtime, std::unique_ptr<ByteStream> stream,
                      std::shared_ptr<const Dialect> dialect, Direction writer, const StreamOptions& options);

  /// The next message, whole and validated. StreamFailure otherwise.
  const Message& readMessage();

  /// Throws StreamTypeMismatch or StreamArityMismatch where the dialect's format says that the message read
  /// last, which was due, has values of other types than its type has.
  void requireFit() const {
    if (misfit_) [[unlikely]]
      throwMisfit(*misfit_);
  }

  /// The message to write next.
  Message& outgoing() { return outgoing_; }

  /// outgoing(), or whichever, as it is written: valid until the next message is encoded or written.
  std::span<const std::byte> encoded() { return encodedAs(outgoing_); }
  std::span<const std::byte> encodedAs(const Message& message) {
    return dialect_->format == nullptr ? message.serialize() : formatted(message);
  }

  /// Writes outgoing(), in one write if the ByteStream takes it: real peers need at least the size field in
  /// one segment (wire.md, "Conversation rules").
  void writeMessage();

  template <class... T>
  std::tuple<T...> unpack() const {
    auto values = getArgs<T...>(received_);
    if (!values) throwMisfit(values.error());
    return std::move(*values);
  }

  [[noreturn]] void throwMisfit(const WireError& error) const;
  [[noreturn]] void throwMisfit(const FormatMisfit& misfit) const;

 private:
  Instant nextDeadline();
  MessageBuffer bufferForNextMessage();
  void releaseLargeOutgoing();
  void readMore(Instant deadline);
  void parse(MessageBuffer&& frame);
  void decode(std::span<const std::byte> frame);
  std::span<const std::byte> formatted(const Message& message);
  [[noreturn]] void throwMalformed(const std::string& error) const;
  [[noreturn]] void throwReadFailure(const NetError& error) const;
  [[noreturn]] void throwWriteFailure(std::span<const std::byte> message, const NetError& error) const;
  std::string progressText() const;

  Runtime& runtime_;
  std::unique_ptr<ByteStream> stream_;
  std::shared_ptr<const Dialect> dialect_;
  Direction writer_;
  StreamOptions options_;
  Instant latest_ = kNever;
  Framer framer_;
  Message received_;
  Message outgoing_;
  std::vector<std::byte> formatted_;    // outgoing_, where the dialect has a format
  std::optional<FormatMisfit> misfit_;  // of received_
  MessageCounters* counters_ = nullptr;
};

}  // namespace jitrig
