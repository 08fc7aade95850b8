#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "capture/conversation.h"
#include "protocol/runtime/instant.h"

namespace jitrig {

/// That a fault happened.
struct FaultFiring {
  std::size_t fault = 0;  ///< its index in the FaultSet
  std::string action;
  Instant time;
  std::uint64_t connection = 0;  ///< the n-th, from 1; 0: at a time, on none
  /// The decorated end's name, "127.0.0.1:51034 -> 127.0.0.1:38400": checkers find the connection by it.
  /// Empty where `connection` is 0.
  std::string stream;
  Direction local = Direction::client;   ///< whose end was decorated
  Direction sender = Direction::client;  ///< of the message that set it off
  std::uint64_t message = 0;             ///< the n-th of its direction on its connection, from 1
  std::uint16_t type = 0;                ///< of the message; below TLS the record's content type
  std::uint64_t compilation = 0;         ///< the n-th of all, from 1; 0: none yet
};

/// "reset on connection 2, client→server message 3 (type 8), compilation 1, at 12.500 ms".
std::string toString(const FaultFiring& firing);

}  // namespace jitrig
