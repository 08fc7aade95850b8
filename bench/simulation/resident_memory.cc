#include "bench/simulation/resident_memory.h"

#include <cstdint>
#include <fstream>
#include <unistd.h>

namespace jitrig::bench {

double residentMib() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t all_pages = 0;
  std::int64_t resident_pages = 0;
  statm >> all_pages >> resident_pages;
  constexpr double kBytesPerMib = 1024.0 * 1024.0;
  return static_cast<double>(resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE)) / kBytesPerMib;
}

}  // namespace jitrig::bench
