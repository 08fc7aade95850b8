#include "protocol/wire/allocation_watch.h"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

std::size_t largest_bytes = 0;
std::size_t total_bytes = 0;

[[maybe_unused]] void* allocate(std::size_t size) {
  largest_bytes = std::max(largest_bytes, size);
  total_bytes += size;
  if (void* memory = std::malloc(std::max<std::size_t>(size, 1))) return memory;
  throw std::bad_alloc();
}

}  // namespace

// ThreadSanitizer brings its own, which cannot be replaced: there the watch sees nothing, and the tests that
// use it assert upper bounds, which other builds check.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define JITRIG_OWN_NEW_IS_TAKEN
#endif
#endif

#ifndef JITRIG_OWN_NEW_IS_TAKEN
// Replaced in full, so that each delete meets its own new.
void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif

namespace jitrig::testing {

AllocationWatch::AllocationWatch() {
  largest_bytes = 0;
  total_bytes = 0;
}

std::size_t AllocationWatch::largestBytes() const {
  return largest_bytes;
}
std::size_t AllocationWatch::totalBytes() const {
  return total_bytes;
}

}  // namespace jitrig::testing
