#include "fakevm/activation_event.h"

#include <fmt/format.h>

namespace jitrig {

std::string toString(const ActivationEvent& event) {
  if (event.kind == ActivationEvent::Kind::policy)
    return fmt::format("activation policy: {}, {} active", toString(event.policy), event.active);
  return fmt::format("compilation thread {} is {}, {} active", event.thread,
                     event.kind == ActivationEvent::Kind::activated ? "activated" : "suspended",
                     event.active);
}

}  // namespace jitrig
