#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
/// Nobody waits for an answer to a goodbye, but what has to be written when its connection is closed takes
/// time where the peer takes nothing: TLS's last word (kLastWordPatience), and what a fault still holds,
/// which its task gets as long to write, and the rest as long again (kHeldBytesPatience). Elsewhere closing
/// takes none.
constexpr std::int64_t kLastWordMs = 500;
constexpr std::int64_t kHeldBytesMs = 1'000;

bool hasTls(const RunRecord& record) {
  return std::ranges::any_of(record.servers, &ServerRecord::tls);
}

bool hasTouchedConnection(const Judgement& judgement, std::size_t vm) {
  return std::ranges::any_of(judgement.record().connections, [&](const RecordedConnection& connection) {
    const auto& end = connection.end(Direction::client);
    return end && end->persona == vm &&
           judgement.disturbances().connection(connection.index).first() != Touched::kUntouched;
  });
}

std::int64_t closingMs(const Judgement& judgement, std::size_t vm) {
  if (hasTouchedConnection(judgement, vm)) return kHeldBytesMs;
  return hasTls(judgement.record()) ? kLastWordMs : 0;
}

/// From when on it had nothing to do but to say goodbye; nullopt: it has compiled nothing, or stood still
/// since.
std::optional<std::int64_t> beginOfFarewell(const VMRecord& vm) {
  if (vm.reports.empty()) return std::nullopt;
  std::int64_t begin_ns =
      std::ranges::max(vm.reports, {}, [](const auto& told) { return told.when.time_ns; }).when.time_ns;
  if (vm.checkpointed) begin_ns = std::max(begin_ns, vm.checkpointed->time_ns);
  const auto lasts = [&](const auto& pause) { return pause[1].time_ns >= begin_ns; };
  return std::ranges::any_of(vm.pauses, lasts) ? std::nullopt : std::optional(begin_ns);
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  if (!record.network) return;  // real time proves nothing
  for (std::size_t i = 0; i < record.vms.size(); ++i) {
    const VMRecord& vm = record.vms[i];
    if (vm.misbehaves() || !vm.ended || vm.stopped || vm.killed || vm.goodbye_timeout_ms == 0) continue;
    const auto begin_ns = beginOfFarewell(vm);
    if (!begin_ns) continue;
    const std::int64_t took_ns = vm.ended->time_ns - *begin_ns;
    const std::int64_t most_ms = vm.goodbye_timeout_ms + closingMs(judgement, i);
    if (took_ns <= most_ms * kNsPerMs) continue;
    judgement.find(fmt::format("{} ended {} ms after its last compilation, expected at most {}", vm.name,
                               took_ns / kNsPerMs, most_ms),
                   {{.vm = i}});
  }
}

}  // namespace

const Checker kFarewells{
    "farewells", "A VM has ended when the time for its goodbyes is over, whatever its server does.", check};

}  // namespace jitrig
