#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/stream/direction.h"
#include "protocol/stream/message_format.h"
#include "scenarios/record/recorded_stream.h"
#include "scenarios/record/stream_hash.h"

namespace jitrig {

/// Cuts one direction's bytes into messages by their size fields, and writes them down. It copies no message:
/// a header, and as many bytes of the beginning as are to be kept.
class FrameCounter {
 public:
  /// Of each message, and of all messages together.
  struct Limits {
    std::size_t kept_bytes_per_message = 0;
    std::size_t kept_bytes_per_lane = 0;
    bool hash = true;
    bool form = false;  ///< look at the form of messages, too
  };

  /// `format` is that of the messages, nullptr for JITServer's own; `sender` writes them.
  FrameCounter(RecordedLane& lane, Limits limits, const MessageFormat* format = nullptr,
               Direction sender = Direction::client)
      : lane_(lane),
        limits_(limits),
        format_(format),
        sender_(sender),
        framer_({}, format == nullptr ? nullptr : format->announcement()) {}

  /// `clock` has time() and order(), which are asked only where a message begins or ends.
  template <class Clock>
  void add(std::span<const std::byte> bytes, const Clock& clock) {
    lane_.bytes += bytes.size();
    if (format_ != nullptr) return addFormatted(bytes, clock);
    if (seen_ == 0 && !lane_.lost && isWholeFrame(bytes)) {
      frame_.begin_ns = frame_.time_ns = clock.time();
      frame_.order = clock.order();
      return addWhole(bytes);
    }
    while (!bytes.empty() && !lane_.lost) {
      if (seen_ == 0) {
        frame_.begin_ns = clock.time();
        if (limits_.form) lookAtForm(bytes);
      }
      const std::size_t taken = take(bytes);
      bytes = bytes.subspan(taken);
      if (seen_ < kHeaderSize || seen_ < frame_.size_bytes) continue;
      frame_.time_ns = clock.time();
      frame_.order = clock.order();
      finishFrame();
    }
  }

 private:
  static constexpr std::size_t kHeaderSize = 16;

  /// What is written down of a frame of another format is the message that it is, but for its size.
  template <class Clock>
  void addFormatted(std::span<const std::byte> bytes, const Clock& clock) {
    if (framer_.bufferedBytes() == 0) begin_ns_ = clock.time();
    framer_.append(bytes);
    while (!lane_.lost && takeFormatted()) {
      frame_.begin_ns = begin_ns_;
      frame_.time_ns = clock.time();
      frame_.order = clock.order();
      begin_ns_ = frame_.time_ns;
      addWhole(decoded_.serialize());
    }
  }
  /// False if there is no whole frame.
  bool takeFormatted();

  /// As most come: one message, in one piece.
  static bool isWholeFrame(std::span<const std::byte> bytes);
  void addWhole(std::span<const std::byte> frame);

  std::size_t take(std::span<const std::byte> bytes);
  void readHeader(const std::byte* header);
  void keep(std::span<const std::byte> bytes);
  void finishFrame();
  void lookAtForm(std::span<const std::byte> bytes);

  RecordedLane& lane_;
  Limits limits_;
  const MessageFormat* format_;
  Direction sender_;
  Framer framer_;               ///< with a format: cuts the bytes
  Message decoded_;             ///< with a format: the frame in progress …
  std::size_t frame_size_ = 0;  ///< … and how many bytes it had
  std::int64_t begin_ns_ = 0;
  RecordedFrame frame_;  ///< in progress
  StreamHash hash_;
  std::array<std::byte, kHeaderSize> header_{};
  std::size_t seen_ = 0;  ///< bytes of `frame_`
};

}  // namespace jitrig
