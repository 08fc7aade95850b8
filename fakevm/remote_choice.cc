#include "fakevm/remote_choice.h"

#include <optional>

namespace jitrig {
namespace {

std::optional<Duration> maxWait(const ClientLifeOptions& options) {
  if (!options.max_reconnect_wait_ms) return std::nullopt;
  return std::chrono::milliseconds(*options.max_reconnect_wait_ms);
}

}  // namespace

bool isRemote(RemoteDecision decision) {
  return decision == RemoteDecision::remote || decision == RemoteDecision::probe;
}

std::string_view reasonOf(RemoteDecision decision) {
  switch (decision) {
    case RemoteDecision::remote:
    case RemoteDecision::probe: return "";
    case RemoteDecision::localWaiting: return "the server failed, and the next attempt has to wait";
    case RemoteDecision::localOthersProbe: return "another thread finds out whether the server is back";
    case RemoteDecision::localAfterCrash: return "the server crashed over this method";
    case RemoteDecision::localIncompatible: return "the server called this version incompatible";
    case RemoteDecision::localSuppressed: return "remote compilation is switched off";
  }
  return "unknown";
}

RemoteChoice::RemoteChoice(const ClientLifeOptions& options)
    : suppressed_(options.suppress_remote),
      server_(std::chrono::milliseconds(options.reconnect_wait_ms), maxWait(options)),
      incompatible_(std::chrono::milliseconds(options.incompatible_pause_ms)) {}

RemoteDecision RemoteChoice::decide(Instant now) {
  if (suppressed_) return RemoteDecision::localSuppressed;
  if (incompatible_.paused(now)) return RemoteDecision::localIncompatible;
  if (server_.available() && !read_errors_.tooMany()) return RemoteDecision::remote;
  if (!server_.retryTimeReached(now)) return RemoteDecision::localWaiting;
  // The real client lets through every thread that comes before the first one has failed.
  if (probing_) return RemoteDecision::localOthersProbe;
  probing_ = true;
  return RemoteDecision::probe;
}

Duration RemoteChoice::failed(const StreamLoss& loss, Instant now) {
  read_errors_.failed(loss);
  return server_.failed(loss, now);
}

void RemoteChoice::attemptEnded(RemoteDecision decision, bool answered) {
  if (answered) read_errors_.messageRead();
  if (decision == RemoteDecision::probe) probing_ = false;
}

}  // namespace jitrig
