#pragma once

#include <cstdint>

namespace jitrig::bench {

/// How often this program has asked for memory so far: its operator new and malloc count.
std::uint64_t allocationCount();

}  // namespace jitrig::bench
