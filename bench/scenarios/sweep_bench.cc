// The break sweep: seven places of each message of a compilation of 300.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <stdexcept>

#include "bench/scenarios/measured.h"
#include "scenarios/sweeps/sweep.h"

namespace jitrig::bench {

std::vector<Measured> measureBreakSweep(double scale) {
  constexpr std::uint64_t kMessages = 300;
  const auto conversation = SweptConversation::make(defaultDialect(), kMessages);
  SweepChoice choice;
  choice.only["action"] = "reset";
  choice.one_in = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::lround(1 / scale)));
  const double begin = cpuSeconds();
  const auto report = runSweep(*findSweep("break"), conversation, {}, choice);
  const double seconds = cpuSeconds() - begin;
  if (!report || !report->failures.empty()) throw std::runtime_error("the break sweep found something");
  const double whole = seconds * static_cast<double>(choice.one_in);
  return {{fmt::format("break_sweep_of_{}_messages_s", kMessages), whole, "< 5", whole < 5},
          {"break_sweep_messages_per_s", static_cast<double>(report->messages) / seconds, "", true}};
}

}  // namespace jitrig::bench
