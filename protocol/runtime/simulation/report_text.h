#pragma once

#include <fmt/core.h>
#include <string>

#include "protocol/runtime/instant.h"

namespace jitrig::simulation {

/// "1.000000250 s": all digits, so that equal texts are equal moments.
inline std::string inSeconds(Instant instant) {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  return fmt::format("{}.{:09} s", instant.ns / kNsPerSecond, instant.ns % kNsPerSecond);
}

}  // namespace jitrig::simulation
