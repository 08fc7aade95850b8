#pragma once

#include <benchmark/benchmark.h>
#include <vector>

namespace jitrig::bench {

/// Times of jitrig and of bare code, taken in turns: whatever slows the machine slows both of a pair, so that
/// the ratio within a pair holds where the times themselves do not.
class PairedTimes {
 public:
  /// Pairs per benchmark: the median of their ratios is the result.
  static constexpr int kPairs = 61;

  void add(double jitrig_s, double bare_s);

  /// Counters of the benchmark: the median ratio and its quartiles, and the median times of one of
  /// `operations`, in microseconds.
  void report(benchmark::State& state, double operations) const;

 private:
  std::vector<double> ratios_;
  std::vector<double> jitrig_s_;
  std::vector<double> bare_s_;
};

/// Seconds that the call takes.
template <class Call>
double secondsOf(const Call& call);

/// Each iteration of the benchmark is a pair: jitrig's block of `operations`, then the bare one.
template <class Jitrig, class Bare>
void measurePairs(benchmark::State& state, double operations, const Jitrig& jitrig, const Bare& bare);

}  // namespace jitrig::bench

#include <chrono>

template <class Call>
double jitrig::bench::secondsOf(const Call& call) {
  const auto begin = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

template <class Jitrig, class Bare>
void jitrig::bench::measurePairs(benchmark::State& state, double operations, const Jitrig& jitrig,
                                 const Bare& bare) {
  PairedTimes times;
  jitrig();  // caches, allocations, TCP windows
  bare();
  for (auto iteration : state) {
    const double jitrig_s = secondsOf(jitrig);
    times.add(jitrig_s, secondsOf(bare));
    state.SetIterationTime(jitrig_s);
  }
  times.report(state, operations);
}
