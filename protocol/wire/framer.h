#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "protocol/wire/message_buffer.h"
#include "protocol/wire/wire_error.h"
#include "protocol/wire/wire_limits.h"

namespace jitrig {

/// Bytes in, in any segmentation; whole messages out; what is beyond the last whole message waits for the
/// next bytes. No I/O: the owner reads into writable() and says with commit() how much came.
///
///   while (true) {
///     auto whole = framer.next(buffer);              // WireError: close the connection
///     if (!whole) return whole.error();
///     if (*whole) return Message::parse(std::move(buffer), options);
///     framer.commit(read(framer.writable()));
///   }
///
/// Memory grows with the bytes that arrived, never with an announced size alone. Not thread-safe.
class Framer {
 public:
  /// What the first bytes of a message say of its size, all that stands around it included; empty: they are
  /// too few to tell.
  using Announcement = Expected<std::optional<std::size_t>> (*)(std::span<const std::byte> first_bytes,
                                                                const WireLimits& limits);

  /// Without an announcement, for JITServer's messages, whose size is their first field.
  explicit Framer(const WireLimits& limits = {}, Announcement announcement = nullptr)
      : limits_(limits), announcement_(announcement) {}

  /// Room for at least one byte; as much as fits without growing beyond twice what has arrived.
  std::span<std::byte> writable();
  void commit(std::size_t count) { size_ += count; }

  /// For bytes that are already elsewhere.
  void append(std::span<const std::byte> bytes);

  /// True: `message` holds the next message, size field included, at offset 0. False: it has not all arrived.
  /// An error is final: this stream of bytes cannot be understood any more, and every later call says so.
  Expected<bool> next(MessageBuffer& message);

  /// Bytes that belong to messages not yet taken out by next().
  std::size_t bufferedBytes() const { return size_ - begin_; }

  /// Gives the storage back if nothing is buffered: for connections that lie idle. The next bytes ask for
  /// new.
  void releaseStorage() {
    if (bufferedBytes() == 0) *this = Framer(limits_, announcement_);
  }
  std::size_t capacity() const { return buffer_.capacity(); }

  /// How long the message being received says that it will be; empty before that has come.
  Expected<std::optional<std::size_t>> announced() const;

 private:
  void makeRoom(std::size_t count);
  std::span<const std::byte> pending() const { return {buffer_.data() + begin_, bufferedBytes()}; }
  void takeOut(MessageBuffer& message, std::size_t size);

  static constexpr std::size_t kReadSize = 4096;

  WireLimits limits_;
  Announcement announcement_;
  MessageBuffer buffer_;  // its size is its capacity; [begin_, size_) has arrived and not been taken
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

}  // namespace jitrig
