#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "fakevm/activation_policy.h"
#include "fakevm/remote_compilation.h"

namespace jitrig {

/// What a VM that lives as the real client does about its compilation threads.
struct ActivationEvent {
  /// What there is to tell.
  enum class Kind : std::uint8_t {
    policy,     ///< it is another one
    activated,  ///< a thread
    suspended,  ///< a thread
  };

  Kind kind = Kind::policy;
  ActivationPolicy policy = ActivationPolicy::aggressive;  ///< in force from now on
  std::size_t thread = 0;                                  ///< not of `policy`
  std::size_t active = 0;                                  ///< threads, from now on
  LifeMoment moment = {};
};

/// "activation policy: suspend, 7 active", "compilation thread 3 is suspended, 2 active".
std::string toString(const ActivationEvent& event);

}  // namespace jitrig
