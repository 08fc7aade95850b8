#pragma once

#include <cstddef>

// For the tests of this room only. This binary's operator new counts (not under ThreadSanitizer).
namespace jitrig::testing {

/// Notes the largest single allocation, and the sum of all, of its life time. One at a time; not for threads.
class AllocationWatch {
 public:
  AllocationWatch();

  std::size_t largestBytes() const;
  std::size_t totalBytes() const;
};

}  // namespace jitrig::testing
