#pragma once

#include <string>
#include <string_view>

#include "fuzz/fuzz_target.h"

namespace jitrig::fuzz {

/// The bytes of a target that reads text.
inline std::string_view textOf(InputBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What was read, written, read and written again is the same text.
inline void requireSameText(std::string_view again, std::string_view written) {
  if (again != written)
    failed("what was written is written again\n" + std::string(again) + "\n" + std::string(written));
}

}  // namespace jitrig::fuzz
