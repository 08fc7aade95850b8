#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/runtime/instant.h"
#include "scenarios/fault/active_faults.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {

/// Bytes that are held for faults, at most so many and one message: what grows beyond goes on.
inline constexpr std::size_t kMaxHeldBytes = std::size_t{16} << 20U;

/// What both lanes of a stream know.
struct FaultedConnection {
  std::uint64_t number = 0;
  Direction local = Direction::client;
  std::string name;                           ///< of that end: "127.0.0.1:51034 -> 127.0.0.1:38400"
  std::atomic<std::uint64_t> compilation{0};  ///< the last request's, of all; 0: none yet
};

/// What has to happen next to the bytes of a lane.
struct LaneStep {
  enum class Kind : std::uint8_t {
    pass,  ///< `count` bytes go on
    more,  ///< nothing, until there are more bytes
    drop,  ///< `count` of the offered bytes are gone: lost, or in the lane's own
    wait,  ///< nothing before `until`
    end,   ///< the connection ends in the way of `how`
  };

  Kind kind = Kind::more;
  std::size_t count = 0;
  Instant until{};
  FaultEnd how = FaultEnd::close;
};

/// One direction of a faulted stream, without I/O: it is shown bytes and says what becomes of them. Some it
/// keeps as its own: those that came while others were held, the beginning of a message whose type is not
/// known yet, what a fault made. Own bytes go before those that are offered. For one task at a time.
class FaultLane {
 public:
  FaultLane(ActiveFaults& faults, FaultUnit unit, Direction sender, FaultedConnection& connection);

  /// Nothing can happen here: bytes need not be shown.
  bool idle() const { return idle_; }

  /// Looks at the lane's own bytes, and only where there are none at the offered ones.
  LaneStep next(std::span<const std::byte> offered);
  /// What is to happen at this place even if no byte follows: `more` is nothing.
  LaneStep settle();
  /// So many of the bytes that were to go on did.
  void passed(std::size_t count);

  std::span<const std::byte> own() const { return std::span(own_).subspan(own_begin_); }
  /// Adds bytes to the lane's own, of which wanted() would be enough for another look.
  void accept(std::span<const std::byte> bytes);
  std::size_t wanted() const;
  /// Own bytes, and those of whole messages that are held.
  std::size_t heldBytes() const { return own().size() + parts_bytes_; }

  /// When held messages go on, though not all came that they are held for; kNever if none are held, or if
  /// the next has begun to come.
  Instant releaseAt() const { return phase_ == Phase::between ? release_at_ : kNever; }
  void releaseParts();
  /// No more bytes come for now: the beginning of a message goes on as it is, whatever its type may be.
  /// False: no such bytes are held.
  bool givesUpHeader();
  /// No more bytes come at all: what is held goes on as it is.
  void finish();

  /// From here on all bytes of this direction are lost.
  void swallow(const ActiveFault& by);
  bool swallows() const { return swallowed_by_ != nullptr; }

  /// The fault of the step `end`.
  const ActiveFault& endCause() const { return *end_cause_; }
  /// What has made bytes wait, or disappear, last.
  const FaultAction* waitCause() const { return wait_cause_; }
  const FaultAction* lossCause() const { return loss_cause_.load(std::memory_order_relaxed); }

 private:
  enum class Phase : std::uint8_t {
    between,  ///< the next unit's header is not known yet
    inUnit,
    gathering,  ///< the whole unit is needed
  };
  struct Point {
    std::size_t offset;
    ActiveFault* fault;
    FaultMoment moment;
  };
  /// A unit that has been changed, and what is still to happen in it.
  struct Part {
    std::vector<std::byte> bytes;
    std::vector<Point> points;
  };
  struct Order {
    const ActiveFault* fault;
    FaultOrder what;
    std::optional<Instant> until;  ///< of a stall that has begun
  };

  static void sortByOffset(std::vector<Point>& points);
  LaneStep passStep();
  bool somethingDue() const {
    return !orders_.empty() ||
           (phase_ == Phase::inUnit && next_point_ < points_.size() && points_[next_point_].offset <= at_);
  }
  std::optional<LaneStep> obey();
  std::optional<LaneStep> obeyFront();
  void reachPoint(Point& point);
  void insert(std::span<const std::byte> bytes);

  /// The next bytes of the source, behind those that were cleared; nullopt: look again.
  std::optional<LaneStep> walk(std::span<const std::byte> ahead, bool are_own);
  std::optional<LaneStep> readHeader(std::span<const std::byte> ahead);
  std::optional<LaneStep> gather(std::span<const std::byte> ahead, bool are_own);
  std::span<const std::byte> probe(std::span<const std::byte> ahead);
  bool headerIsAwaited() const;
  bool rests() const;
  bool passesWhole(std::span<const std::byte> offered);
  void evaluate(const UnitHeader& header);
  bool fires(ActiveFault& fault, const UnitHeader& header, std::size_t& offset);
  void countUnit(std::uint16_t type);
  Part changedPart(std::span<const std::byte> bytes);
  void takePart(Part part);
  void compose();
  void dropOwn(std::size_t count);
  std::optional<LaneStep> skip(std::size_t count, bool are_own);
  void lose();

  ActiveFaults& faults_;
  const FaultUnit unit_;
  const Direction sender_;
  FaultedConnection& connection_;
  const std::vector<ActiveFault*> concerned_;
  const bool counts_requests_;
  const bool idle_;

  std::vector<std::byte> own_;
  std::size_t own_begin_ = 0;
  std::size_t cleared_ = 0;  ///< bytes at the beginning of the source that have been looked at, and may pass

  // The unit being looked at.
  Phase phase_ = Phase::between;
  bool lost_ = false;  ///< these are no units, and all pass
  const MessageFormat* format() const { return faults_.dialect().format.get(); }

  std::array<std::byte, 16> header_{};
  std::size_t header_passed_ = 0;  ///< bytes of the header that passed before it was known
  bool no_header_hold_ = false;
  FaultMoment moment_;
  std::size_t size_ = 0;
  std::size_t at_ = 0;         ///< bytes of it that have been looked at
  std::vector<Point> points_;  ///< by offset
  std::size_t next_point_ = 0;
  std::vector<ActiveFault*> changes_;
  ActiveFault* hold_fault_ = nullptr;
  bool skipping_ = false;
  std::size_t slice_bytes_ = 0;  ///< 0: not sliced

  std::deque<Order> orders_;  ///< to be obeyed before anything else
  const ActiveFault* swallowed_by_ = nullptr;
  std::uint64_t pace_bytes_per_s_ = 0;
  const ActiveFault* pace_fault_ = nullptr;
  Instant paced_until_{};
  const ActiveFault* end_cause_ = nullptr;
  const FaultAction* wait_cause_ = nullptr;
  std::atomic<const FaultAction*> loss_cause_{nullptr};

  // Whole units that are held.
  std::vector<Part> parts_;
  std::size_t parts_bytes_ = 0;
  FaultHold hold_;
  Instant release_at_ = kNever;
};

}  // namespace jitrig
