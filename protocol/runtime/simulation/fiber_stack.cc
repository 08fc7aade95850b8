#include "protocol/runtime/simulation/fiber_stack.h"

#include <cerrno>
#include <fmt/core.h>
#include <stdexcept>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

#include "protocol/runtime/simulation/sanitizers.h"

#ifdef JITRIG_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace jitrig::simulation {

namespace {

// Larger than the frame of any function that might step over it without touching it.
constexpr std::size_t kGuardBytes = std::size_t{64} * 1024;

}  // namespace

FiberStackPool::FiberStackPool(std::size_t size_bytes) {
  const auto page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  size_bytes_ = (size_bytes + page_bytes - 1) / page_bytes * page_bytes;
}

FiberStackPool::~FiberStackPool() {
  for (const FiberStack& stack : free_) munmap(stack.mapping, kGuardBytes + stack.size_bytes);
}

FiberStack FiberStackPool::take() {
  if (!free_.empty()) {
    const FiberStack stack = free_.back();
    free_.pop_back();
    return stack;
  }
  void* mapping = mmap(nullptr, kGuardBytes + size_bytes_, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapping == MAP_FAILED || mprotect(mapping, kGuardBytes, PROT_NONE) != 0) {
    const int error = errno;
    if (mapping != MAP_FAILED) munmap(mapping, kGuardBytes + size_bytes_);
    throw std::runtime_error(fmt::format("no stack of {} bytes for a simulated task: {}", size_bytes_,
                                         std::generic_category().message(error)));
  }
  auto* begin = static_cast<std::byte*>(mapping);
  return FiberStack{.mapping = begin, .lowest = begin + kGuardBytes, .size_bytes = size_bytes_};
}

void FiberStackPool::giveBack(FiberStack stack) {
#ifdef JITRIG_ADDRESS_SANITIZER
  // The last frames never returned, so their red zones still stand.
  __asan_unpoison_memory_region(stack.lowest, stack.size_bytes);
#endif
  free_.push_back(stack);
}

}  // namespace jitrig::simulation
