#include "fakevm/activation_policy.h"

namespace jitrig {

std::string_view toString(ActivationPolicy policy) {
  switch (policy) {
    case ActivationPolicy::aggressive: return "aggressive";
    case ActivationPolicy::maintain: return "maintain";
    case ActivationPolicy::suspend: return "suspend";
    case ActivationPolicy::subdue: break;
  }
  return "subdue";
}

ActivationPolicy policyAfter(ActivationPolicy policy, const SaidServerStates& said) {
  if (!said.memory && !said.threads) return policy;  // what says nothing changes nothing
  const auto memory = said.memory.value_or(ServerMemoryState::normal);
  const auto threads = said.threads.value_or(ServerActiveThreadsState::normal);
  if (memory == ServerMemoryState::veryLow || threads == ServerActiveThreadsState::veryHigh)
    return ActivationPolicy::suspend;
  if (memory == ServerMemoryState::low || threads == ServerActiveThreadsState::high)
    return ActivationPolicy::maintain;
  return policy == ActivationPolicy::aggressive ? policy : ActivationPolicy::subdue;
}

bool mayActivate(ActivationPolicy policy) {
  return policy == ActivationPolicy::aggressive || policy == ActivationPolicy::subdue;
}

std::uint64_t starvationThreshold(ActivationPolicy policy) {
  constexpr std::uint64_t kStarving = 2;
  if (policy == ActivationPolicy::aggressive) return kStarving / 2;
  return policy == ActivationPolicy::subdue ? 2 * kStarving : kStarving;
}

}  // namespace jitrig
