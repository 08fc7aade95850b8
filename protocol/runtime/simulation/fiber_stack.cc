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

// Stacks are large powers of two apart. If all of them ended there, what the tasks touch most would lie in
// the same few sets of the processor's caches and drive each other out; so they end at places of their own.
constexpr std::size_t kPlaces = 16;
constexpr std::size_t kPlaceBytes =
    4096 + 256;  // spreads over the first cache and, in pages, over the second
constexpr std::size_t kOverheadBytes = kGuardBytes + kPlaces * kPlaceBytes;

void unmap(const FiberStack& stack) {
  munmap(stack.mapping, kOverheadBytes + stack.size_bytes);
}

std::size_t nextPlace() {
  static thread_local std::size_t next = 0;
  return next++ % kPlaces;
}

/// Mapping a stack and touching it for the first time takes longer than a small world.
class StacksOfThread {
 public:
  StacksOfThread() = default;
  ~StacksOfThread() {
    for (const FiberStack& stack : kept_) unmap(stack);
  }
  StacksOfThread(const StacksOfThread&) = delete;
  StacksOfThread& operator=(const StacksOfThread&) = delete;

  std::vector<FiberStack> takeAll(std::size_t size_bytes) {
    std::vector<FiberStack> fitting;
    fitting.reserve(kept_.size());
    std::erase_if(kept_, [&](const FiberStack& stack) {
      if (stack.size_bytes != size_bytes) return false;
      fitting.push_back(stack);
      return true;
    });
    return fitting;
  }

  void keep(const FiberStack& stack) {
    if (kept_.size() < kMaxKept) {
      kept_.push_back(stack);
    } else {
      unmap(stack);
    }
  }

 private:
  static constexpr std::size_t kMaxKept = 128;

  std::vector<FiberStack> kept_;
};

StacksOfThread& stacksOfThread() {
  static thread_local StacksOfThread stacks;
  return stacks;
}

}  // namespace

FiberStackPool::FiberStackPool(std::size_t size_bytes) {
  const auto page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  size_bytes_ = (size_bytes + page_bytes - 1) / page_bytes * page_bytes;
  free_ = stacksOfThread().takeAll(size_bytes_);
}

FiberStackPool::~FiberStackPool() {
  for (const FiberStack& stack : free_) stacksOfThread().keep(stack);
}

FiberStack FiberStackPool::take() {
  if (!free_.empty()) {
    const FiberStack stack = free_.back();
    free_.pop_back();
    return stack;
  }
  void* mapping = mmap(nullptr, kOverheadBytes + size_bytes_, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapping == MAP_FAILED || mprotect(mapping, kGuardBytes, PROT_NONE) != 0) {
    const int error = errno;
    if (mapping != MAP_FAILED) munmap(mapping, kOverheadBytes + size_bytes_);
    throw std::runtime_error(fmt::format("no stack of {} bytes for a simulated task: {}", size_bytes_,
                                         std::generic_category().message(error)));
  }
  auto* begin = static_cast<std::byte*>(mapping);
  std::byte* lowest = begin + kGuardBytes + nextPlace() * kPlaceBytes;
  return FiberStack{.mapping = begin, .lowest = lowest, .size_bytes = size_bytes_};
}

void FiberStackPool::giveBack(FiberStack stack, [[maybe_unused]] const void* lowest_used) {
#ifdef JITRIG_ADDRESS_SANITIZER
  // The last frames never returned, so their red zones still stand. Those below were taken down when they
  // returned, or by what threw past them; to wipe the whole stack's shadow, 32 KB, took longer than most
  // tasks.
  const auto* used = static_cast<const std::byte*>(lowest_used);
  __asan_unpoison_memory_region(used, static_cast<std::size_t>(stack.top() - used));
#endif
#ifdef JITRIG_THREAD_SANITIZER
  // To use it again would either be a race in its eyes, or order what two tasks did that have nothing else to
  // do with each other.
  unmap(stack);
#else
  free_.push_back(stack);
#endif
}

}  // namespace jitrig::simulation
