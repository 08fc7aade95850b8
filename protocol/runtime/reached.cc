#include "protocol/runtime/reached.h"

#include <map>

namespace jitrig {
namespace {

// A list without an owner: probes register before main(), in any order, and never go.
constinit std::atomic<ReachedProbe*> latest{nullptr};

}  // namespace

ReachedProbe::ReachedProbe(std::string_view name) : name_(name) {
  ReachedProbe* before = latest.load(std::memory_order_relaxed);
  do {
    next_ = before;
  } while (!latest.compare_exchange_weak(before, this, std::memory_order_release, std::memory_order_relaxed));
}

std::vector<ReachedCount> reachedProbes() {
  std::map<std::string_view, std::uint64_t> counts;
  for (ReachedProbe* probe = latest.load(std::memory_order_acquire); probe != nullptr; probe = probe->next_) {
    counts[probe->name_] += probe->count_.load(std::memory_order_relaxed);
  }
  std::vector<ReachedCount> result;
  result.reserve(counts.size());
  for (const auto& [name, count] : counts) result.push_back({.name = std::string(name), .count = count});
  return result;
}

void resetReachedProbes() {
  for (ReachedProbe* probe = latest.load(std::memory_order_acquire); probe != nullptr; probe = probe->next_) {
    probe->count_.store(0, std::memory_order_relaxed);
  }
}

}  // namespace jitrig
