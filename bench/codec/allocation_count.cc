#include "bench/codec/allocation_count.h"

#include <atomic>
#include <cstddef>

// msgpack asks malloc directly, and operator new asks malloc, too: so malloc counts. glibc lets a program
// bring its own, and these are the ones behind it.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
}

namespace {
std::atomic<std::uint64_t> allocations{0};

void count() {
  // One thread measures; others may exist.
  allocations.store(allocations.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}
}  // namespace

extern "C" {
void* malloc(std::size_t size) {
  count();
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) {
  count();
  return __libc_calloc(number, size);
}
void* realloc(void* memory, std::size_t size) {
  count();
  return __libc_realloc(memory, size);
}
}

namespace jitrig::bench {

std::uint64_t allocationCount() {
  return allocations.load(std::memory_order_relaxed);
}

}  // namespace jitrig::bench
