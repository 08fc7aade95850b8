#include "bench/stream/paired_times.h"

#include <algorithm>
#include <cstddef>

namespace jitrig::bench {
namespace {

/// The value below which `fraction` of the others lie; 0 if there are none.
double quantile(std::vector<double> values, double fraction) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(fraction * static_cast<double>(values.size() - 1))];
}

constexpr double kMedian = 0.5;
constexpr double kMicrosecondsPerSecond = 1e6;

}  // namespace

void PairedTimes::add(double jitrig_s, double bare_s) {
  ratios_.push_back(jitrig_s / bare_s);
  jitrig_s_.push_back(jitrig_s);
  bare_s_.push_back(bare_s);
}

void PairedTimes::report(benchmark::State& state, double operations) const {
  state.counters["ratio"] = quantile(ratios_, kMedian);
  state.counters["ratio_q1"] = quantile(ratios_, 0.25);
  state.counters["ratio_q3"] = quantile(ratios_, 0.75);
  state.counters["jitrig_us"] = quantile(jitrig_s_, kMedian) * kMicrosecondsPerSecond / operations;
  state.counters["bare_us"] = quantile(bare_s_, kMedian) * kMicrosecondsPerSecond / operations;
}

}  // namespace jitrig::bench
