#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

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

  FrameCounter(RecordedLane& lane, Limits limits) : lane_(lane), limits_(limits) {}

  /// `clock` has time() and order(), which are asked only where a message begins or ends.
  template <class Clock>
  void add(std::span<const std::byte> bytes, const Clock& clock) {
    lane_.bytes += bytes.size();
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
  RecordedFrame frame_;  ///< in progress
  StreamHash hash_;
  std::array<std::byte, kHeaderSize> header_{};
  std::size_t seen_ = 0;  ///< bytes of `frame_`
};

}  // namespace jitrig
