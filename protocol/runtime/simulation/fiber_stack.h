#pragma once

#include <cstddef>
#include <vector>

namespace jitrig::simulation {

/// Memory for the stack of one fiber, with an inaccessible guard below it.
struct FiberStack {
  std::byte* mapping = nullptr;  ///< begin of the guard
  std::byte* lowest = nullptr;   ///< lowest usable address
  std::size_t size_bytes = 0;    ///< usable bytes

  std::byte* top() const { return lowest + size_bytes; }
};

/// Keeps the stacks of ended fibers for the next ones; a few outlive it, for the next world of the thread.
/// Used from one thread only.
class FiberStackPool {
 public:
  /// `size_bytes` is rounded up to whole pages.
  explicit FiberStackPool(std::size_t size_bytes);
  ~FiberStackPool();
  FiberStackPool(const FiberStackPool&) = delete;
  FiberStackPool& operator=(const FiberStackPool&) = delete;

  /// Throws std::runtime_error if the system has no memory or no mappings left.
  FiberStack take();

  /// `lowest_used`: the stack pointer, when its fiber ended.
  void giveBack(FiberStack stack, const void* lowest_used);

 private:
  std::size_t size_bytes_;
  std::vector<FiberStack> free_;
};

}  // namespace jitrig::simulation
