#include "capture/tcp_reassembly.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <tuple>

namespace jitrig {

bool TcpReassembly::Tracked::isClosed() const {
  const StreamEnd first = directions[0].end().how;
  const StreamEnd second = directions[1].end().how;
  return first == StreamEnd::reset || second == StreamEnd::reset ||
         (first == StreamEnd::fin && second == StreamEnd::fin);
}

Peer TcpReassembly::senderOf(const Tracked& tracked, const TcpSegment& segment) {
  return segment.source == tracked.connection.initiator ? Peer::initiator : Peer::responder;
}

TcpReassembly::Tracked* TcpReassembly::find(const TcpSegment& segment) {
  const auto found = current_.find(std::minmax(segment.source, segment.destination));
  return found == current_.end() ? nullptr : found->second;
}

bool TcpReassembly::beginsNewConnection(Tracked& known, const TcpSegment& segment) const {
  if (known.to_itself) return segment.syn && !segment.ack && known.isClosed();
  TcpDirection& direction = known.from(senderOf(known, segment));
  if (segment.syn) {
    if (direction.synSequence() == segment.sequence) return known.isClosed() && !segment.ack;
    if (direction.synSequence()) return true;
    // The first SYN of this side: late, or the answer (a SYN/ACK, or the other half of a simultaneous open).
    const bool is_answer = known.connection.had_syn && !direction.hasData() && !known.isClosed();
    return !is_answer && !direction.acceptsLateSyn(segment.sequence);
  }
  const bool has_payload = !segment.payload.empty() || segment.missing_payload_bytes > 0;
  return has_payload && known.isClosed() && !direction.covers(segment.sequence);
}

TcpReassembly::Tracked* TcpReassembly::open(const TcpSegment& segment, PacketStamp stamp) {
  if (all_.size() >= limits_.max_connections) {
    if (left_out_packets_++ == 0) first_left_out_packet_ = stamp.packet;
    return nullptr;
  }
  auto tracked = std::make_unique<Tracked>(limits_);
  CapturedConnection& connection = tracked->connection;
  connection.index = static_cast<std::uint32_t>(all_.size());
  connection.first_packet = stamp;
  const bool from_responder = segment.syn && segment.ack;
  connection.initiator = from_responder ? segment.destination : segment.source;
  connection.responder = from_responder ? segment.source : segment.destination;
  tracked->to_itself = segment.source == segment.destination;
  all_.push_back(std::move(tracked));
  return all_.back().get();
}

TcpReassembly::Tracked* TcpReassembly::findOrOpen(const TcpSegment& segment, PacketStamp stamp) {
  Tracked* known = find(segment);
  if (known != nullptr && !beginsNewConnection(*known, segment)) return known;
  // A reset of a connection that was never seen tells nothing.
  if (known == nullptr && segment.rst) return nullptr;
  Tracked* opened = open(segment, stamp);
  if (known != nullptr) known->abandoned = !known->isClosed();
  if (opened != nullptr) current_[std::minmax(segment.source, segment.destination)] = opened;
  return opened;
}

bool TcpReassembly::add(const TcpSegment& segment, PacketStamp stamp) {
  Tracked* tracked = findOrOpen(segment, stamp);
  if (tracked == nullptr) return true;
  const Peer sender = senderOf(*tracked, segment);
  TcpDirection& sent = tracked->from(sender);
  TcpDirection& received = tracked->from(otherPeer(sender));
  if (segment.rst) sent.onReset(stamp);
  if (tracked->to_itself) return true;

  if (segment.syn) {
    tracked->connection.had_syn = true;
    sent.onSyn(segment.sequence);
    // The other side's SYN is the byte before the one acknowledged here.
    if (segment.ack) received.onSyn(segment.acknowledgement - 1);
  }
  // A reset may carry a reason as payload: no part of the stream, and its numbers may be anything.
  if (segment.rst) return true;
  if (segment.ack) received.onAcknowledgement(segment.acknowledgement);
  const std::uint32_t first_byte = segment.sequence + (segment.syn ? 1U : 0U);
  kept_bytes_ += sent.onSegment(first_byte, segment.payload, segment.missing_payload_bytes, stamp);
  if (segment.fin) {
    const std::size_t size = segment.payload.size() + segment.missing_payload_bytes;
    sent.onFin(first_byte + static_cast<std::uint32_t>(size), stamp);
  }
  return kept_bytes_ <= limits_.max_stream_bytes;
}

CapturedConnection TcpReassembly::finishConnection(Tracked& tracked) {
  CapturedConnection& connection = tracked.connection;
  for (const Peer peer : {Peer::initiator, Peer::responder}) {
    TcpDirection& direction = tracked.from(peer);
    direction.finish();
    const auto index = static_cast<std::size_t>(peer);
    connection.has_start[index] = direction.hasStart();
    connection.ends[index] = direction.end();
    std::ranges::move(direction.chunks(), std::back_inserter(connection.chunks));
    std::ranges::copy(direction.gaps(), std::back_inserter(connection.gaps));
    std::ranges::move(direction.warnings(), std::back_inserter(connection.warnings));
  }
  // One packet may complete several chunks, all of one direction.
  std::ranges::sort(connection.chunks, {},
                    [](const CapturedChunk& chunk) { return std::tuple(chunk.stamp.packet, chunk.offset); });
  if (tracked.to_itself) {
    connection.warnings.emplace_back(
        "connected to itself: its directions cannot be told apart, its data was left out");
  }
  if (tracked.abandoned) {
    connection.warnings.emplace_back(
        "a new connection of the same addresses began before this one was closed");
  }
  return std::move(connection);
}

TcpReassembly::Result TcpReassembly::finish() {
  Result result;
  for (const auto& tracked : all_) result.connections.push_back(finishConnection(*tracked));
  if (left_out_packets_ > 0) {
    result.warnings.push_back(
        fmt::format("more than max_connections ({}) connections: {} packets of later ones were left out, the "
                    "first is packet {}",
                    limits_.max_connections, left_out_packets_, first_left_out_packet_));
  }
  current_.clear();
  all_.clear();
  return result;
}

}  // namespace jitrig
