#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "scenarios/fault/fault.h"

namespace jitrig {

/// Where a client's connection breaks: when the query with that number of that compilation arrives.
struct CutPoint {
  std::uint64_t compilation = 1;  ///< in the order of the requests on all connections, from 1
  std::uint64_t query = 1;        ///< from 1; one beyond the last is the final message
};

/// "2:25": compilation 2, query 25. The error says what was expected.
std::expected<CutPoint, std::string> parseCutPoint(std::string_view text);

/// That as a fault: the query is lost, though all of it was sent, and both sides see a reset. Once. Needs a
/// FaultSet around the client's connections.
FaultSpec faultAt(const CutPoint& point);

}  // namespace jitrig
