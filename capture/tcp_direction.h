#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capture/capture_limits.h"
#include "capture/captured_connection.h"

namespace jitrig {

/// One direction of a TCP connection: segments in, in any order, the stream's bytes out.
///
/// A hole is waited for as long as the capture lasts or max_buffered_out_of_order_bytes allows: a file can
/// wait, and captures of busy machines hold acknowledgements before the data that they acknowledge. What a
/// later packet then completes carries that packet's stamp.
///
/// Where two segments overlap the first copy wins, as most receivers do it; a differing second copy is warned
/// of. Without a SYN the stream begins at the lowest of the first segments (max_held_start_bytes of them).
class TcpDirection {
 public:
  TcpDirection(Peer sender, const CaptureLimits& limits) : sender_(sender), limits_(&limits) {}

  /// The sender's SYN had this number: its stream begins one behind, and what lies before is left out.
  /// Ignored once the stream has begun.
  void onSyn(std::uint32_t sequence);

  /// Returns how many bytes it kept. `missing_bytes` of the segment's end were not captured.
  std::size_t onSegment(std::uint32_t sequence, std::span<const std::byte> payload, std::size_t missing_bytes,
                        PacketStamp stamp);

  /// The other side has everything below this number.
  void onAcknowledgement(std::uint32_t acknowledgement);

  /// A FIN behind the last payload byte.
  void onFin(std::uint32_t sequence, PacketStamp stamp);
  void onReset(PacketStamp stamp);

  /// The capture is over: declares the remaining holes lost and hands out everything behind them.
  void finish();

  bool hasStart() const { return syn_sequence_.has_value(); }
  bool hasData() const { return highest_end_ > start_ || !pending_.empty(); }
  std::optional<std::uint32_t> synSequence() const { return syn_sequence_; }
  const CapturedEnd& end() const { return end_; }

  /// Whether a segment with this number may belong to this stream although it was closed already: it does not
  /// begin before its start or behind its FIN.
  bool covers(std::uint32_t sequence) const;

  /// Whether a SYN with this number may be the late one of a stream that began without it.
  bool acceptsLateSyn(std::uint32_t sequence) const;

  // After finish().
  /// For taking: the caller may move them out.
  std::vector<CapturedChunk>& chunks() { return chunks_; }
  const std::vector<CapturedGap>& gaps() const { return gaps_; }
  std::vector<std::string> warnings() const;

 private:
  // A position is a sequence number without wrap-around, counted from the first one that was seen; one that
  // is seen later may be smaller, so it has a sign. A chunk's offset is its position minus start_.
  using Position = std::int64_t;

  struct Piece {
    PacketStamp stamp;
    std::vector<std::byte> bytes;
  };

  Position positionOf(std::uint32_t sequence) const;
  void refer(std::uint32_t sequence);
  void begin(Position start);
  void dropBeforeStart();
  void compareDelivered(Position position, std::span<const std::byte> bytes);
  void comparePending(Position position, std::span<const std::byte> bytes, const Piece& piece,
                      Position piece_position);
  std::size_t keep(Position position, std::span<const std::byte> bytes, PacketStamp stamp);
  std::size_t insert(Position position, std::span<const std::byte> bytes, PacketStamp stamp);
  void noteDifference(Position position);
  void deliverReady();
  void deliverFirst();
  void skipHole();
  void addGap(Position from, Position to);

  Peer sender_;
  const CaptureLimits* limits_;

  bool has_reference_ = false;
  std::uint32_t reference_sequence_ = 0;
  Position reference_position_ = 0;
  bool begun_ = false;
  Position start_ = 0;
  Position next_ = 0;          ///< where the next chunk has to begin, once begun_
  Position highest_end_ = 0;   ///< behind the last byte seen, captured or not
  Position acknowledged_ = 0;  ///< the highest seen
  std::optional<std::uint32_t> syn_sequence_;
  std::optional<Position> fin_position_;
  CapturedEnd end_;

  std::map<Position, Piece> pending_;  ///< do not overlap, begin at or behind next_
  std::size_t pending_bytes_ = 0;      ///< with what keeping a piece costs
  std::uint64_t lost_before_next_ = 0;
  PacketStamp last_stamp_;
  std::vector<CapturedChunk> chunks_;
  std::vector<CapturedGap> gaps_;

  std::uint64_t differing_overlaps_ = 0;
  Position first_difference_ = 0;
  std::uint64_t segments_out_of_range_ = 0;
  std::uint64_t bytes_before_start_ = 0;
  std::uint64_t segments_behind_fin_ = 0;
  bool overflowed_ = false;
};

}  // namespace jitrig
