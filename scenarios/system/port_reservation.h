#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "protocol/runtime/os/descriptor.h"

namespace jitrig {

/// A TCP port that is free and stays so until somebody binds it on purpose: for a program that has to be told
/// its port before it listens, and for servers that come back on theirs. It lies outside of the range from
/// which the system takes the ports of outgoing connections, and no other reservation of this machine has it.
class PortReservation {
 public:
  static std::expected<PortReservation, std::string> make();

  std::uint16_t port() const { return port_; }

 private:
  PortReservation(std::uint16_t port, Descriptor mark) : port_(port), mark_(std::move(mark)) {}

  std::uint16_t port_;
  Descriptor mark_;  ///< an abstract socket whose name holds the port: only one process can have it
};

}  // namespace jitrig
