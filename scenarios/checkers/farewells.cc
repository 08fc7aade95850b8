#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
/// Two connections are closed, one after the other, and each may take half a second: what a fault still holds
/// is written then, as TLS writes its last word.
constexpr std::int64_t kClosingMs = 1'000;

/// nullopt: it has compiled nothing, or stood still since.
std::optional<std::int64_t> endOfLastCompilation(const VMRecord& vm) {
  if (vm.reports.empty()) return std::nullopt;
  const std::int64_t last_ns =
      std::ranges::max(vm.reports, {}, [](const auto& told) { return told.when.time_ns; }).when.time_ns;
  const auto lasts = [&](const auto& pause) { return pause[1].time_ns >= last_ns; };
  return std::ranges::any_of(vm.pauses, lasts) ? std::nullopt : std::optional(last_ns);
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  if (!record.network) return;  // real time proves nothing
  for (std::size_t i = 0; i < record.vms.size(); ++i) {
    const VMRecord& vm = record.vms[i];
    if (vm.misbehaves() || !vm.ended || vm.stopped || vm.killed || vm.goodbye_timeout_ms == 0) continue;
    const auto last_ns = endOfLastCompilation(vm);
    if (!last_ns) continue;
    const std::int64_t took_ns = vm.ended->time_ns - *last_ns;
    if (took_ns <= (vm.goodbye_timeout_ms + kClosingMs) * kNsPerMs) continue;
    judgement.find(fmt::format("{} ended {} ms after its last compilation, expected at most {}", vm.name,
                               took_ns / kNsPerMs, vm.goodbye_timeout_ms),
                   {{.vm = i}});
  }
}

}  // namespace

const Checker kFarewells{
    "farewells", "A VM has ended when the time for its goodbyes is over, whatever its server does.", check};

}  // namespace jitrig
