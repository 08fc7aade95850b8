// What a simulated world costs: messages, timeouts, worlds, TLS. bench/README.md says what is asked.

#include <benchmark/benchmark.h>

BENCHMARK_MAIN();
