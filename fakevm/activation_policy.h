#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/stream/server_states.h"

namespace jitrig {

/// How willingly a client lets its compilation threads work, by what its server says of itself (semantics.md,
/// section 6).
enum class ActivationPolicy : std::uint8_t {
  aggressive,  ///< at first, and when the server failed: threads are activated as soon as methods wait
  maintain,    ///< the server has much to do: no thread is activated
  suspend,     ///< it has far too much to do: all threads but one are suspended
  subdue,      ///< it had, and is well again: threads are activated when more methods wait
};

/// "aggressive", "maintain", "suspend", "subdue".
std::string_view toString(ActivationPolicy policy);

/// What becomes of the policy when a final message said so of its server.
ActivationPolicy policyAfter(ActivationPolicy policy, const SaidServerStates& said);

/// Whether threads may be activated at all.
bool mayActivate(ActivationPolicy policy);

/// How many methods must wait for a thread to be activated. The real client weighs its queue; for this one
/// two methods are a queue. AGGRESSIVE halves that, SUBDUE doubles it.
std::uint64_t starvationThreshold(ActivationPolicy policy);

}  // namespace jitrig
