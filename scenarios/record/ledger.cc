#include "scenarios/record/ledger.h"

#include <algorithm>
#include <cstring>

namespace jitrig {

bool Ledger::add(Side side, std::span<const std::byte> bytes) {
  const SpinGuard guard(lock_);
  if (over_) return false;
  if (side != who_is_ahead_ && begin_ != ahead_.size()) {
    bytes = bytes.subspan(compare(side, bytes));
    if (over_) return true;
  }
  if (bytes.empty()) return false;
  who_is_ahead_ = side;
  if (ahead_.size() - begin_ + bytes.size() > max_bytes_) {
    delivery_.compared = false;
    giveUp();
    return false;
  }
  ahead_.insert(ahead_.end(), bytes.begin(), bytes.end());
  return false;
}

void Ledger::differedAt(std::int64_t time_ns) {
  const SpinGuard guard(lock_);
  delivery_.difference->time_ns = time_ns;
}

/// How many of the bytes the other side had seen.
std::size_t Ledger::compare(Side side, std::span<const std::byte> bytes) {
  const std::size_t size = std::min(bytes.size(), ahead_.size() - begin_);
  const std::byte* theirs = ahead_.data() + begin_;
  if (std::memcmp(bytes.data(), theirs, size) != 0) {
    const auto [ours_at, theirs_at] = std::mismatch(bytes.data(), bytes.data() + size, theirs);
    const auto ours = static_cast<std::uint8_t>(*ours_at);
    const auto other = static_cast<std::uint8_t>(*theirs_at);
    delivery_.compared_bytes += static_cast<std::uint64_t>(ours_at - bytes.data());
    delivery_.difference = ByteDifference{.offset = delivery_.compared_bytes,
                                          .sent = side == Side::writer ? ours : other,
                                          .received = side == Side::writer ? other : ours,
                                          .time_ns = 0};
    giveUp();
    return size;
  }
  delivery_.compared_bytes += size;
  begin_ += size;
  if (begin_ == ahead_.size()) {
    ahead_.clear();
    begin_ = 0;
  }
  return size;
}

void Ledger::giveUp() {
  over_ = true;
  ahead_ = {};
  begin_ = 0;
}

}  // namespace jitrig
