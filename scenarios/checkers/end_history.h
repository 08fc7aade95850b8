#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/stream/dialect.h"
#include "scenarios/record/run_record.h"

namespace jitrig {

/// Who asks for a compilation, as its request says: UID and sequence number.
struct RequestIdentityOnWire {
  std::uint64_t client_uid = 0;
  std::uint32_t sequence_number = 0;

  friend bool operator==(const RequestIdentityOnWire&, const RequestIdentityOnWire&) = default;
};

/// A query of the server and what the client did about it. Indices are of frames in the sender's lane.
struct Question {
  std::size_t query = 0;
  std::optional<std::size_t> reply;  ///< of the query's type
};

/// One compilation, as one end saw it.
struct Exchange {
  std::size_t request = 0;  ///< frame of the client
  std::optional<RequestIdentityOnWire> identity;
  std::vector<Question> questions;
  std::optional<std::size_t> final_message;  ///< frame of the server
  std::optional<std::size_t> interruption;   ///< frame of the client
  std::uint64_t last_order = 0;              ///< of the last message that belongs to it
  bool server_crashed = false;               ///< it told so, and was answered
  bool jit_dump = false;                     ///< of the one before it, over which the server crashed
};

/// Something that an end wrote, given what it had read until then, and may not have written. What it read is
/// not its fault.
struct Breach {
  enum class Kind : std::uint8_t { alternation, finalMessage };

  Kind kind = Kind::alternation;
  std::size_t frame = 0;  ///< in its `written` lane
  std::string text;       ///< "a query, while the one before has no answer"
};

/// What one end said and heard, put together by the protocol's grammar (wire.md, "Conversation rules"). Its
/// own dialect says what the messages mean, as it did for the persona.
struct EndHistory {
  EndReference end;
  std::vector<Exchange> exchanges;
  std::vector<Breach> breaches;
  /// Messages that were read when none was due, and never became due.
  std::size_t unasked = 0;
  /// The goodbye that was written or read: its frame in the client's lane.
  std::optional<std::size_t> goodbye;
  /// The first message that was read and must not come from such a peer; from there on anything goes.
  std::optional<std::size_t> out_of_step;
  /// The server took a first message that it does not serve (another version, another type).
  bool refused = false;
};

EndHistory readHistory(const RecordedConnection& connection, EndReference end, const Dialect& dialect,
                       bool accept_any_version);

/// Of the last critical request before this one.
std::optional<std::uint32_t> criticalNumberOf(const RecordedLane& lane, const RecordedFrame& frame);

/// From the beginning of a request; nullopt where it was not kept, or the release has no such data points.
std::optional<RequestIdentityOnWire> identityOf(const RecordedLane& lane, const RecordedFrame& frame);

/// The first data point, if it is of this wire type and its beginning was kept.
std::optional<std::uint32_t> firstUInt32(const RecordedLane& lane, const RecordedFrame& frame);
std::optional<std::uint64_t> firstUInt64(const RecordedLane& lane, const RecordedFrame& frame);
/// The size in bytes of the first data point, if it is a STRING.
std::optional<std::uint64_t> firstStringSize(const RecordedLane& lane, const RecordedFrame& frame);

}  // namespace jitrig
