#include "capture/tcp_direction.h"

#include <algorithm>
#include <fmt/format.h>

namespace jitrig {
namespace {

/// What a waiting piece costs beside its bytes, so that many tiny segments cannot get round the limit.
constexpr std::size_t kPieceCost = 64;
constexpr std::size_t kGapsNamed = 5;

}  // namespace

TcpDirection::Position TcpDirection::positionOf(std::uint32_t sequence) const {
  // The nearest position with that number: 2 GiB to either side of where the stream is now.
  return reference_position_ + static_cast<std::int32_t>(sequence - reference_sequence_);
}

void TcpDirection::refer(std::uint32_t sequence) {
  if (has_reference_) return;
  has_reference_ = true;
  reference_sequence_ = sequence;
}

void TcpDirection::begin(Position start) {
  begun_ = true;
  start_ = next_ = start;
  highest_end_ = std::max(highest_end_, start);
  acknowledged_ = std::max(acknowledged_, start);
}

void TcpDirection::onSyn(std::uint32_t sequence) {
  if (syn_sequence_ || begun_) return;
  syn_sequence_ = sequence;
  refer(sequence + 1);
  begin(positionOf(sequence + 1));
  dropBeforeStart();
  deliverReady();
}

void TcpDirection::dropBeforeStart() {
  while (!pending_.empty() && pending_.begin()->first < start_) {
    auto node = pending_.extract(pending_.begin());
    std::vector<std::byte>& bytes = node.mapped().bytes;
    const auto before = static_cast<std::size_t>(start_ - node.key());
    bytes_before_start_ += std::min(before, bytes.size());
    pending_bytes_ -= bytes.size() + kPieceCost;
    if (before >= bytes.size()) continue;
    keep(start_, std::span(bytes).subspan(before), node.mapped().stamp);
  }
}

bool TcpDirection::acceptsLateSyn(std::uint32_t sequence) const {
  if (begun_ || !has_reference_) return false;
  const Position start = positionOf(sequence + 1);
  const Position lowest = pending_.empty() ? Position{0} : pending_.begin()->first;
  return start <= lowest && lowest - start <= static_cast<Position>(limits_->max_held_start_bytes);
}

bool TcpDirection::covers(std::uint32_t sequence) const {
  if (!has_reference_) return true;
  const Position position = positionOf(sequence);
  const Position lowest = begun_ ? start_ : -static_cast<Position>(limits_->max_held_start_bytes);
  return position >= lowest - 1 && (!fin_position_ || position <= *fin_position_);
}

void TcpDirection::onAcknowledgement(std::uint32_t acknowledgement) {
  refer(acknowledgement);
  acknowledged_ = std::max(acknowledged_, positionOf(acknowledgement));
}

void TcpDirection::onFin(std::uint32_t sequence, PacketStamp stamp) {
  refer(sequence);
  if (!fin_position_) fin_position_ = positionOf(sequence);
  if (end_.how == StreamEnd::open) end_ = {StreamEnd::fin, stamp};
}

void TcpDirection::onReset(PacketStamp stamp) {
  if (end_.how == StreamEnd::open) end_ = {StreamEnd::reset, stamp};
}

std::size_t TcpDirection::onSegment(std::uint32_t sequence, std::span<const std::byte> payload,
                                    std::size_t missing_bytes, PacketStamp stamp) {
  const std::size_t size_on_wire = payload.size() + missing_bytes;
  const bool first_seen = !has_reference_;
  refer(sequence);
  if (size_on_wire == 0) return 0;
  const Position position = positionOf(sequence);
  Position end = position + static_cast<Position>(size_on_wire);
  // A keep-alive probe: one byte before the next new one, of any value.
  if (size_on_wire == 1 && !first_seen && end == highest_end_) return 0;
  if (fin_position_ && end > *fin_position_) {
    ++segments_behind_fin_;
    if (position >= *fin_position_) return 0;
    end = *fin_position_;
    payload = payload.first(std::min(payload.size(), static_cast<std::size_t>(end - position)));
  }
  if (!begun_ && position < -static_cast<Position>(limits_->max_held_start_bytes)) {
    ++segments_out_of_range_;
    return 0;
  }
  highest_end_ = std::max(highest_end_, end);
  const std::size_t kept = payload.empty() ? 0 : insert(position, payload, stamp);
  if (begun_) {
    deliverReady();
  } else if (pending_bytes_ > limits_->max_held_start_bytes) {
    begin(pending_.begin()->first);
    deliverReady();
  }
  return kept;
}

std::size_t TcpDirection::insert(Position position, std::span<const std::byte> bytes, PacketStamp stamp) {
  if (begun_ && position < next_) {
    const std::size_t old = std::min(bytes.size(), static_cast<std::size_t>(next_ - position));
    compareDelivered(position, bytes.first(old));
    position += static_cast<Position>(old);
    bytes = bytes.subspan(old);
  }
  std::size_t kept = 0;
  auto piece = pending_.upper_bound(position);
  if (piece != pending_.begin()) --piece;
  while (!bytes.empty()) {
    // Skip pieces that end at or before the rest.
    while (piece != pending_.end() &&
           piece->first + static_cast<Position>(piece->second.bytes.size()) <= position) {
      ++piece;
    }
    std::size_t fresh = bytes.size();
    if (piece != pending_.end()) {
      if (piece->first <= position) {
        const auto inside = static_cast<std::size_t>(position - piece->first);
        const std::size_t shared = std::min(bytes.size(), piece->second.bytes.size() - inside);
        comparePending(position, bytes.first(shared), piece->second, piece->first);
        position += static_cast<Position>(shared);
        bytes = bytes.subspan(shared);
        continue;
      }
      fresh = std::min(fresh, static_cast<std::size_t>(piece->first - position));
    }
    kept += keep(position, bytes.first(fresh), stamp);
    position += static_cast<Position>(fresh);
    bytes = bytes.subspan(fresh);
  }
  return kept;
}

std::size_t TcpDirection::keep(Position position, std::span<const std::byte> bytes, PacketStamp stamp) {
  pending_.emplace(position, Piece{stamp, std::vector<std::byte>(bytes.begin(), bytes.end())});
  pending_bytes_ += bytes.size() + kPieceCost;
  return bytes.size();
}

void TcpDirection::compareDelivered(Position position, std::span<const std::byte> bytes) {
  if (position < start_) {
    const std::size_t before = std::min(bytes.size(), static_cast<std::size_t>(start_ - position));
    position += static_cast<Position>(before);
    bytes = bytes.subspan(before);
  }
  const auto position_of = [this](const CapturedChunk& chunk) {
    return start_ + static_cast<Position>(chunk.offset);
  };
  auto chunk = std::upper_bound(
      chunks_.begin(), chunks_.end(), position,
      [&](Position wanted, const CapturedChunk& candidate) { return wanted < position_of(candidate); });
  if (chunk != chunks_.begin()) --chunk;
  const Position end = position + static_cast<Position>(bytes.size());
  for (; chunk != chunks_.end() && position_of(*chunk) < end; ++chunk) {
    const Position from = std::max(position, position_of(*chunk));
    const Position to = std::min(end, position_of(*chunk) + static_cast<Position>(chunk->bytes.size()));
    if (from >= to) continue;
    const auto ours =
        bytes.subspan(static_cast<std::size_t>(from - position), static_cast<std::size_t>(to - from));
    const auto theirs = chunk->bytes.begin() + (from - position_of(*chunk));
    if (!std::equal(ours.begin(), ours.end(), theirs)) return noteDifference(from);
  }
}

void TcpDirection::comparePending(Position position, std::span<const std::byte> bytes, const Piece& piece,
                                  Position piece_position) {
  if (!std::equal(bytes.begin(), bytes.end(), piece.bytes.begin() + (position - piece_position))) {
    noteDifference(position);
  }
}

void TcpDirection::noteDifference(Position position) {
  if (differing_overlaps_++ == 0) first_difference_ = position;
}

void TcpDirection::deliverReady() {
  while (!pending_.empty()) {
    if (pending_.begin()->first == next_) {
      deliverFirst();
    } else if (pending_bytes_ > limits_->max_buffered_out_of_order_bytes) {
      overflowed_ = true;
      skipHole();
    } else {
      return;
    }
  }
}

void TcpDirection::deliverFirst() {
  auto node = pending_.extract(pending_.begin());
  Piece& piece = node.mapped();
  pending_bytes_ -= piece.bytes.size() + kPieceCost;
  if (piece.stamp.packet > last_stamp_.packet) last_stamp_ = piece.stamp;
  next_ += static_cast<Position>(piece.bytes.size());
  reference_sequence_ += static_cast<std::uint32_t>(next_ - reference_position_);
  reference_position_ = next_;
  chunks_.push_back({.sender = sender_,
                     .offset = static_cast<std::uint64_t>(node.key() - start_),
                     .lost_before = lost_before_next_,
                     .stamp = last_stamp_,
                     .bytes = std::move(piece.bytes)});
  lost_before_next_ = 0;
}

void TcpDirection::skipHole() {
  const Position to = pending_.begin()->first;
  addGap(next_, to);
  lost_before_next_ = static_cast<std::uint64_t>(to - next_);
  next_ = to;
}

void TcpDirection::addGap(Position from, Position to) {
  gaps_.push_back({.sender = sender_,
                   .offset = static_cast<std::uint64_t>(from - start_),
                   .size_bytes = static_cast<std::uint64_t>(to - from),
                   .acknowledged = acknowledged_ >= to});
}

void TcpDirection::finish() {
  if (!begun_) begin(pending_.empty() ? Position{0} : pending_.begin()->first);
  while (!pending_.empty()) {
    if (pending_.begin()->first != next_) skipHole();
    deliverFirst();
  }
  if (fin_position_ && *fin_position_ > next_) {
    addGap(next_, *fin_position_);
  } else if (!fin_position_) {
    // An acknowledged FIN that the capture does not hold looks like one lost byte.
    const Position end = std::max(highest_end_, acknowledged_);
    if (end > next_ + 1 || highest_end_ > next_) addGap(next_, end);
  }
}

std::vector<std::string> TcpDirection::warnings() const {
  std::vector<std::string> result;
  const std::string_view direction = directionText(sender_);
  for (std::size_t i = 0; i < std::min(gaps_.size(), kGapsNamed); ++i) {
    const CapturedGap& gap = gaps_[i];
    result.push_back(fmt::format(
        "{}: {} bytes lost at offset {} ({})", direction, gap.size_bytes, gap.offset,
        gap.acknowledged ? "the receiver acknowledged them: the capture lost them" : "never acknowledged"));
  }
  if (gaps_.size() > kGapsNamed) {
    result.push_back(fmt::format("{}: {} more losses", direction, gaps_.size() - kGapsNamed));
  }
  if (overflowed_) {
    result.push_back(
        fmt::format("{}: more than max_buffered_out_of_order_bytes ({}) waited for a missing segment",
                    direction, limits_->max_buffered_out_of_order_bytes));
  }
  if (differing_overlaps_ > 0) {
    result.push_back(
        fmt::format("{}: {} segments repeat earlier bytes with other contents, first at offset {}; the "
                    "first copy was taken",
                    direction, differing_overlaps_, first_difference_ - start_));
  }
  if (segments_out_of_range_ > 0) {
    result.push_back(
        fmt::format("{}: {} segments left out that lie more than max_held_start_bytes ({}) before the "
                    "first one seen",
                    direction, segments_out_of_range_, limits_->max_held_start_bytes));
  }
  if (bytes_before_start_ > 0) {
    result.push_back(fmt::format("{}: {} bytes lie before the first one by the SYN, and were left out",
                                 direction, bytes_before_start_));
  }
  if (segments_behind_fin_ > 0) {
    result.push_back(fmt::format("{}: {} segments with data behind the FIN; that data was left out",
                                 direction, segments_behind_fin_));
  }
  return result;
}

}  // namespace jitrig
