#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fakevm/activation_policy.h"
#include "fakevm/client_life.h"
#include "fakevm/remote_choice.h"
#include "fakevm/remote_compilation.h"
#include "fakevm/retry_rules.h"
#include "fakevm/server_event.h"

namespace jitrig {

/// How a VM lives: whether an attempt is remote, what its end means for the next ones. Writes into the
/// reports when and in which order that was decided. Of a VM with ClientLife::oneTry every attempt is remote,
/// and the only one. Not thread-safe; the VM has a lock.
class VMLife {
 public:
  VMLife(const ClientLifeOptions& options, const Dialect& dialect);

  bool asReal() const { return options_.life == ClientLife::asReal; }

  /// An attempt begins. `after_crash`: the one before crashed the server.
  RemoteDecision begin(CompilationReport& report, bool after_crash, Instant now);
  /// It got a connection of its own.
  void connected(CompilationReport& report, Instant now);
  /// A server told its UID.
  std::optional<ServerEvent> met(std::uint64_t server_uid, Instant now);
  /// An attempt that was decided so is over: sets CompilationReport::tried_again. The event, if there is one.
  std::optional<ServerEvent> end(CompilationReport& report, RemoteDecision decision, Instant now);

  /// Whether this end is the end of the VM, too.
  bool isFatal(const CompilationReport& report) const;
  /// How willingly threads work, by what the server said, and whether it failed.
  ActivationPolicy policy() const { return policy_; }
  LifeMoment moment(Instant now) { return {.step = ++step_, .when = now}; }

  /// Whether a goodbye would find somebody.
  bool serverAvailable() const { return choice_.server().available(); }

 private:
  void learnOfServer(CompilationReport& report);

  ClientLifeOptions options_;
  RetryRules rules_;
  RemoteChoice choice_;
  KnownServer known_;
  ActivationPolicy policy_ = ActivationPolicy::aggressive;
  std::uint64_t step_ = 0;
};

}  // namespace jitrig
