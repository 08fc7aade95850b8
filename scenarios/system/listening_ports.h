#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/runtime/runtime.h"

namespace jitrig {

/// Whether some process listens on that TCP port of this machine, from the system's table: nobody is
/// connected to for it.
bool isListening(std::uint16_t port);

/// The endpoint of "listening on HOST:PORT", whatever stands before and behind it; an address that means all
/// of the machine's becomes the loopback's. nullopt: the line says no such thing.
std::optional<Endpoint> listeningEndpoint(std::string_view line);

}  // namespace jitrig
