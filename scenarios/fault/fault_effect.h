#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "capture/conversation.h"
#include "protocol/runtime/runtime.h"
#include "scenarios/fault/fault_action.h"
#include "scenarios/fault/fault_arguments.h"
#include "scenarios/fault/fault_unit.h"
#include "scenarios/fault/persona_control.h"

namespace jitrig {

class ActiveFaults;

/// How a fault ends a connection.
enum class FaultEnd : std::uint8_t {
  close,      ///< orderly, in both directions
  halfClose,  ///< orderly, in the direction of the message
  reset,
};

/// What a lane is told to do at a place before the bytes behind it go on.
struct StallOrder {
  Duration duration;
};
struct EndOrder {
  FaultEnd how;
};
struct SwallowOrder {};  ///< all that follows in this direction is taken, and lost
struct SkipOrder {};     ///< the rest of the unit is
struct PaceOrder {       ///< from here on, in this direction
  std::uint64_t bytes_per_s;
};
struct SliceOrder {  ///< up to the end of the unit, at once at most so many
  std::size_t size_bytes;
};
struct InsertOrder {
  std::vector<std::byte> bytes;  ///< among frames: messages, of which frames are made
};
using FaultOrder =
    std::variant<StallOrder, EndOrder, SwallowOrder, SkipOrder, PaceOrder, SliceOrder, InsertOrder>;

/// Random numbers for effects, below a bound; from RandomPurpose::faults.
using FaultRandom = std::function<std::uint64_t(std::uint64_t bound)>;

/// The place in a stream of bytes where a fault happens.
class FaultPoint {
 public:
  FaultPoint(ActiveFaults& faults, Direction sender, std::span<const std::byte> header)
      : faults_(faults), sender_(sender), header_(header) {}

  void order(FaultOrder order) { orders_.push_back(std::move(order)); }

  /// False, and nothing called, if nobody controls the personas.
  bool withPersonas(const std::function<void(PersonaControl&)>& call);

  std::uint64_t randomBelow(std::uint64_t bound);
  Direction sender() const { return sender_; }
  /// Of the unit that set it off; empty: a time did.
  std::span<const std::byte> header() const { return header_; }

  std::vector<FaultOrder> takeOrders() { return std::move(orders_); }

 private:
  ActiveFaults& faults_;
  Direction sender_;
  std::span<const std::byte> header_;
  std::vector<FaultOrder> orders_;
};

/// A whole message or record in the hands of a fault.
struct FaultedUnit {
  std::vector<std::byte> bytes;  ///< may become empty, or several units
  FaultUnit unit;
  const MessageFormat* format;  ///< of a frame; otherwise nullptr
  Direction sender;
  std::size_t place;  ///< the offset that the trigger's place stands for
  FaultRandom random_below;
};

/// How long units are held until others follow.
struct FaultHold {
  std::size_t units = 2;  ///< this one included
  Duration at_most{};
  bool first_goes_last = false;  ///< otherwise they go on in their order
};

/// What an action does. One object serves all connections: what belongs to one is the lane's. An effect
/// overrides the function that its use() names.
class FaultEffect {
 public:
  enum class Use : std::uint8_t {
    place,       ///< at()
    unit,        ///< change(): needs the whole message, which is held until it is there
    hold,        ///< hold()
    connection,  ///< none: FaultSet does it as the connection comes about
  };

  explicit FaultEffect(Use use) : use_(use) {}
  FaultEffect(const FaultEffect&) = delete;
  FaultEffect& operator=(const FaultEffect&) = delete;
  virtual ~FaultEffect() = default;

  Use use() const { return use_; }

  /// False: it could not happen, and is not counted.
  virtual bool at(FaultPoint& point) const {
    static_cast<void>(point);
    return false;
  }
  virtual void change(FaultedUnit& unit) const { static_cast<void>(unit); }
  virtual FaultHold hold() const { return {}; }

 private:
  const Use use_;
};

/// For FaultAction::make, where an effect's constructor takes the arguments and refuses none.
template <class Effect>
std::expected<std::unique_ptr<const FaultEffect>, std::string> makeEffect(const FaultArguments& arguments) {
  return std::make_unique<const Effect>(arguments);
}

}  // namespace jitrig
