#include "fakevm/vm_life.h"

namespace jitrig {

VMLife::VMLife(const ClientLifeOptions& options, const Dialect& dialect)
    : options_(options), rules_(dialect), choice_(options) {}

RemoteDecision VMLife::begin(CompilationReport& report, bool after_crash, Instant now) {
  if (!asReal()) return RemoteDecision::remote;
  report.began = moment(now);
  return after_crash ? RemoteDecision::localAfterCrash : choice_.decide(now);
}

void VMLife::connected(CompilationReport& report, Instant now) {
  report.connected = moment(now);
  choice_.connected();
}

std::optional<ServerEvent> VMLife::met(std::uint64_t server_uid, Instant now) {
  return known_.met(server_uid, now);
}

std::optional<ServerEvent> VMLife::end(CompilationReport& report, RemoteDecision decision, Instant now) {
  if (!asReal()) return std::nullopt;
  report.ended = moment(now);
  report.tried_again = report.attempt < kMaxCompileAttempts && rules_.triesAgain(report);
  learnOfServer(report);
  choice_.attemptEnded(decision, report.answered);
  if (rules_.refusesVersion(report)) choice_.incompatible(now);
  if (!report.stream_loss) return std::nullopt;
  const Duration wait = choice_.failed(*report.stream_loss, now);
  if (!report.stream_loss->noConnection()) return std::nullopt;
  return known_.notReached(now, wait);
}

/// A server that failed may come back as another one; until then all threads are needed.
void VMLife::learnOfServer(CompilationReport& report) {
  policy_ = report.stream_loss ? ActivationPolicy::aggressive : policyAfter(policy_, report.server_states);
  report.policy = policy_;
}

bool VMLife::isFatal(const CompilationReport& report) const {
  return asReal() && options_.require_server && report.stream_loss.has_value();
}

}  // namespace jitrig
