#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "protocol/wire/wire_limits.h"

namespace jitrig {

/// What the text form and the JSON form of a Value demand alike. A rule that is broken is told in words; an
/// empty string is none.
using BrokenRule = std::string;

/// An integer without fraction or exponent, no '+', no leading zeros, between the two.
BrokenRule parseIntegerBetween(std::string_view number, std::int64_t min, std::uint64_t max,
                               std::uint64_t& bits);

/// parseIntegerBetween() with the bounds of T. `value` means nothing if a rule is broken.
template <class T>
BrokenRule parseInteger(std::string_view number, T& value) {
  std::uint64_t bits = 0;
  BrokenRule broken = parseIntegerBetween(number, std::numeric_limits<T>::min(),
                                          static_cast<std::uint64_t>(std::numeric_limits<T>::max()), bits);
  value = static_cast<T>(bits);
  return broken;
}

/// "an integer between 0 and 255", for errors.
template <class T>
std::string describeInteger() {
  return "an integer between " + std::to_string(std::numeric_limits<T>::min()) + " and " +
         std::to_string(std::numeric_limits<T>::max());
}

/// How much a reader may still read: depth, number and bytes as on the wire, so that no text becomes a tree
/// that no message can hold. Counts down; one per text.
class ValueBudget {
 public:
  /// One level deeper; leaveContainer() comes back. Broken beyond WireLimits::max_nesting.
  BrokenRule enterContainer();
  void leaveContainer() { --depth_; }

  /// One more data point with this payload.
  BrokenRule spend(std::size_t payload_bytes);

  /// `count` data points stand at the top level.
  static BrokenRule checkTopLevel(std::size_t count);
  BrokenRule checkVectorLength(std::size_t count) const;
  BrokenRule checkSimpleVector(std::size_t element_size, std::size_t bytes) const;

 private:
  WireLimits limits_;
  std::size_t depth_ = 0;
  std::size_t spent_bytes_ = 16;  // a message's header
};

}  // namespace jitrig
