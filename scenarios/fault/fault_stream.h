#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream_decorator.h"
#include "scenarios/fault/active_faults.h"
#include "scenarios/fault/fault_lane.h"

namespace jitrig {

/// How long bytes that are held may take on their way to the peer when the stream ends. Then they are lost.
inline constexpr Duration kHeldBytesPatience = std::chrono::milliseconds(500);

/// The decorator: does with the bytes of both directions what their lanes say, and all the waiting. A write
/// lasts as long as what holds its bytes up, as over a slow network; only messages that are held for others
/// are written by a task of their own when their time is over, and what a write has left at its deadline.
class FaultStream final : public ByteStreamDecorator {
 public:
  FaultStream(std::unique_ptr<ByteStream> inner, ActiveFaults& faults, FaultUnit unit, Direction local,
              std::uint64_t connection);
  ~FaultStream() override;

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override;
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override;
  NetResult<void> closeWrite() override;
  void reset() override;
  void cancel() override;
  std::size_t buffered() const override;

 private:
  using Result = NetResult<std::size_t>;

  Result readFaulted(std::span<std::byte> buffer, Instant deadline);
  std::optional<Result> deliver(const LaneStep& step, std::span<std::byte> buffer, Instant deadline);
  std::optional<Result> readFirst(std::span<std::byte> buffer, Instant deadline);
  std::optional<NetError> readMore(Instant deadline);
  std::optional<NetError> absorb(const NetError& error, Instant deadline, Instant asked_until);

  Result writeFaulted(std::span<const std::byte> bytes, Instant deadline);
  Result takenOr(std::size_t taken, NetError error);
  NetResult<std::size_t> writeStep(const LaneStep& step, std::span<const std::byte> offered,
                                   Instant deadline);

  /// An error when the deadline came first, or when the stream was cancelled or ended.
  std::optional<NetError> waitIn(const FaultLane& lane, Instant until, Instant deadline);
  void settle(FaultLane& lane);
  void perform(FaultEnd how, const FaultAction& action, FaultLane& lane);
  std::optional<NetError> ended(bool reading) const {
    if (!cancelled_ && !has_ended_) [[likely]]
      return std::nullopt;
    return endOf(reading);
  }
  std::optional<NetError> endOf(bool reading) const;
  NetError explained(NetError error) const;

  void schedulePump(Instant at);
  void pump();
  void writeHeld(Instant deadline);
  void stopPump();

  Runtime& runtime_;
  FaultedConnection connection_;
  FaultLane outgoing_;
  FaultLane incoming_;

  bool has_stuck_ = false;  ///< bytes of a write that came to its deadline are left to the pump

  std::unique_ptr<Mutex> writing_;  ///< for the right to use outgoing_, as soon as there is a pump
  std::unique_ptr<Mutex> mutex_;    ///< guards what follows
  std::unique_ptr<Condition> changed_;
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> has_ended_{false};
  std::optional<NetError> read_end_;
  std::optional<NetError> write_end_;
  Instant pump_at_ = kNever;
  bool stopping_ = false;
  bool pump_done_ = false;
  std::atomic<bool> pumping_{false};
  std::unique_ptr<Task> pump_;
};

}  // namespace jitrig
