// What libFuzzer calls. A program holds one target; of one that holds several, the first argument is the
// name.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "fuzz/fuzz_target.h"

namespace {

const jitrig::fuzz::FuzzTarget* target = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  const auto& all = jitrig::fuzz::FuzzTarget::all();
  if (all.size() == 1) {
    target = all.front();
    return 0;
  }
  for (const jitrig::fuzz::FuzzTarget* each : all) {
    if (*count > 1 && each->name() == (*arguments)[1]) target = each;
  }
  if (target == nullptr) {
    std::fprintf(stderr, "expected the name of a target as the first argument\n");
    std::exit(2);
  }
  (*arguments)[1] = (*arguments)[0];
  ++*arguments;
  --*count;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target->check(std::as_bytes(std::span(data, size)));
  return 0;
}

/// Fast, for long runs: the stacks of allocations come from a second run (`./dev fuzz` does it, with
/// ASAN_OPTIONS), new storage is filled at its beginning only, and the quarantine holds what some runs free,
/// but stays in the processor's caches.
extern "C" const char* __asan_default_options() {
  return "quarantine_size_mb=1:thread_local_quarantine_size_kb=64:malloc_context_size=0:max_malloc_fill_size="
         "64:detect_stack_use_after_return=0";
}
