#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

namespace jitrig::bench {

/// One line of the table: what came out beside what was asked.
struct Measured {
  std::string name;  ///< "simulated_messages_per_s"
  double value = 0;
  std::string asked;  ///< ">= 1000000"; empty: nothing was
  bool met = true;
};

/// Seconds of this process's CPU time: what the machine does beside does not count.
inline double cpuSeconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// The memory of this process that lies in RAM, in kB.
std::uint64_t residentKilobytes();

// Each measures one thing. `scale` 1 is what the README's figures are from.
std::vector<Measured> measureRuns(double scale);
std::vector<Measured> measureMemory(double scale);
std::vector<Measured> measureRecording();
std::vector<Measured> measureBreakSweep(double scale);

}  // namespace jitrig::bench
