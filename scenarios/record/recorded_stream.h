#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capture/conversation.h"
#include "protocol/runtime/net_error.h"
#include "scenarios/record/wire_form.h"

namespace jitrig {

/// One message, as one end wrote or read it.
struct RecordedFrame {
  std::uint64_t order = 0;    ///< counts all that is recorded in a run, so that equal times have an order
  std::int64_t begin_ns = 0;  ///< when its first bytes had passed …
  std::int64_t time_ns = 0;   ///< … and its last
  std::uint64_t hash = 0;  ///< of all its bytes; of one that was read 0: Delivery says whether it is the same
  std::uint32_t size_bytes = 0;
  std::uint32_t version = 0;
  std::uint32_t config = 0;
  std::uint16_t type = 0;
  std::uint16_t data_points = 0;
  std::uint32_t kept_offset = 0;  ///< in RecordedLane::kept
  std::uint32_t kept_bytes = 0;   ///< of its beginning
};

/// The error that a call at one end ended with: the first of its direction.
struct RecordedError {
  std::uint64_t order = 0;
  std::int64_t time_ns = 0;
  NetErrc code = NetErrc::other;
  std::string detail;
};

/// The first message of a direction that has not the form it should have.
struct RecordedMisform {
  std::size_t frame = 0;  ///< its index in RecordedLane::frames
  FormProblem problem;
};

/// What one end wrote, or what it read.
struct RecordedLane {
  std::vector<RecordedFrame> frames;  ///< whole ones
  std::vector<std::byte> kept;        ///< beginnings of messages, one behind the other
  std::uint64_t bytes = 0;            ///< all, also of a message that did not become whole
  std::uint64_t framed_bytes = 0;     ///< of `frames`
  /// The size field of what follows the last whole message is none (below 16): from here on there are bytes,
  /// but no frames.
  bool lost = false;
  std::optional<RecordedMisform> misform;  ///< of what was written, as far as messages passed in one piece
  std::optional<RecordedError> error;

  /// The beginning of a message, as far as it was kept.
  std::span<const std::byte> keptOf(const RecordedFrame& frame) const {
    return std::span(kept).subspan(frame.kept_offset, frame.kept_bytes);
  }
  /// Of a message that did not become whole.
  std::uint64_t rest() const { return bytes - framed_bytes; }
};

/// One end of a connection, seen from the persona that has it: inside of all faults.
struct RecordedEnd {
  std::string name;  ///< CommunicationStream::name(): "127.0.0.1:38400 -> 127.0.0.1:51034"
  Direction local = Direction::client;
  std::size_t persona = 0;  ///< index in RunRecord::vms or ::servers, as `local` says
  std::uint64_t opened_order = 0;
  std::int64_t opened_ns = 0;
  RecordedLane written;
  RecordedLane read;
  /// When its persona did so; 0: never.
  std::uint64_t write_closed_order = 0;
  std::uint64_t reset_order = 0;
  std::uint64_t cancelled_order = 0;
  std::uint64_t closed_order = 0;  ///< destroyed
  std::int64_t closed_ns = 0;      ///< the latest time that was recorded then: closing asks no clock

  bool isOpen() const { return closed_order == 0; }
  const RecordedLane& lane(Direction sender) const { return sender == local ? written : read; }
};

/// Where the bytes read at one end first differ from those written at the other.
struct ByteDifference {
  std::uint64_t offset = 0;  ///< in the stream of bytes
  std::uint8_t sent = 0;
  std::uint8_t received = 0;
  std::int64_t time_ns = 0;  ///< when the second of both was seen
};

/// What became of the bytes of one direction.
struct Delivery {
  std::uint64_t compared_bytes = 0;  ///< equal up to here
  std::optional<ByteDifference> difference;
  bool compared = true;  ///< false: more was on its way than is kept for comparing
};

/// One end of a connection of the record.
struct EndReference {
  std::size_t connection = 0;  ///< index in RunRecord::connections
  Direction local = Direction::client;

  friend bool operator==(const EndReference&, const EndReference&) = default;
};

/// Both ends of a connection, as far as both were recorded.
struct RecordedConnection {
  std::size_t index = 0;                           ///< in RunRecord::connections
  std::array<std::optional<RecordedEnd>, 2> ends;  ///< by Direction: whose end
  std::array<Delivery, 2> deliveries;              ///< by Direction: who sent
  /// Ports are used again, and an end that nobody recorded may have been among several of these names: that
  /// the two ends belong together is not sure.
  bool ambiguous = false;

  const std::optional<RecordedEnd>& end(Direction local) const {
    return ends[static_cast<std::size_t>(local)];
  }
  const Delivery& delivery(Direction sender) const { return deliveries[static_cast<std::size_t>(sender)]; }
  bool hasBothEnds() const { return ends[0].has_value() && ends[1].has_value(); }
  /// The end that accepted has the names the other way round.
  std::string name() const;
};

}  // namespace jitrig
