#include <cstdio>
#include <exception>
#include <valgrind/callgrind.h>

#include "bench/codec/operations.h"

namespace {

constexpr int kRuns = 64;

/// One dump of the counters for each operation, named "message/action/codec".
void count(const char* name, void (*run)()) {
  run();  // the first calls bring storage
  run();
  CALLGRIND_ZERO_STATS;
  CALLGRIND_TOGGLE_COLLECT;
  for (int done = 0; done < kRuns; ++done) run();
  CALLGRIND_TOGGLE_COLLECT;
  CALLGRIND_DUMP_STATS_AT(name);
}

void doNothing() {
  jitrig::bench::keep(kRuns);
}

}  // namespace

/// Under valgrind --tool=callgrind --collect-atstart=no.
int main() try {
  if (RUNNING_ON_VALGRIND == 0) {
    std::fputs("this program counts under valgrind --tool=callgrind: ./dev bench instructions\n", stderr);
    return 2;
  }
  std::printf("runs %d\n", kRuns);
  count("nothing/nothing/nothing", doNothing);
  for (const jitrig::bench::Operation& operation : jitrig::bench::allOperations()) {
    const std::string name = operation.message + "/" + operation.action + "/" + operation.codec;
    count(name.c_str(), operation.run);
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "codec_instructions: %s\n", error.what());
  return 1;
}
