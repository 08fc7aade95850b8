#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/catalogue/wire_type.h"
#include "protocol/wire/value.h"

namespace jitrig {

/// The first place where data points are not what a message type says.
struct Misfit {
  /// The index of the data point, then of the element in it, and so on. Empty: their number is wrong.
  std::vector<std::size_t> path;
  std::string expected;
  std::string found;
};

/// "data point 2[5][0]: expected object(96), found object(104)".
std::string toString(const Misfit& misfit);

/// Whether the data points of a request or reply have the types that the catalogue gives it. An empty vector
/// fits every vector. Where a real peer sends a SIMPLE_VECTOR, a VECTOR of such elements fits too.
std::optional<Misfit> checkDataPoints(std::span<const Value> values, const std::vector<WireType>& types);
/// The same without making values, but of the first data point that does not fit: for every message of a
/// conversation, and for those of a peer who means to fill our memory.
std::optional<Misfit> checkDataPoints(MessageView message, const std::vector<WireType>& types);

/// Zero, false, the empty string or vector, object(N) of zero bytes, a tuple of such.
Value defaultValue(const WireType& type);
std::vector<Value> defaultValues(const std::vector<WireType>& types);

}  // namespace jitrig
