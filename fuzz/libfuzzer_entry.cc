// What libFuzzer calls. A program holds one target.

#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  jitrig::fuzz::FuzzTarget::all().front()->check(std::as_bytes(std::span(data, size)));
  return 0;
}

/// Fast, for long runs: the stacks of allocations come from a second run (`./dev fuzz` does it, with
/// ASAN_OPTIONS).
extern "C" const char* __asan_default_options() {
  return "quarantine_size_mb=8:malloc_context_size=0:detect_stack_use_after_return=0";
}
