#include "protocol/jitaas/jitaas_message_types.h"

#include <algorithm>

namespace jitrig {

std::string JitaasMessageTypes::nameOf(std::int32_t number) const {
  const auto found = std::ranges::lower_bound(types, number, {}, &JitaasMessageType::number);
  if (found == types.end() || found->number != number) return '#' + std::to_string(number);
  return std::string(found->name);
}

std::optional<std::int32_t> JitaasMessageTypes::numberOf(std::string_view name) const {
  const auto found = std::ranges::find(types, name, &JitaasMessageType::name);
  if (found == types.end()) return std::nullopt;
  return found->number;
}

const JitaasMessageTypes* findJitaasRelease(std::string_view release) {
  const auto found = std::ranges::find(jitaasReleases(), release, &JitaasMessageTypes::release);
  return found == jitaasReleases().end() ? nullptr : &*found;
}

}  // namespace jitrig
