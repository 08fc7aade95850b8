#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/dialect.h"
#include "protocol/stream/tls/tls_context.h"
#include "scenarios/fault/fault.h"
#include "scenarios/fault/fault_firing.h"
#include "scenarios/fault/persona_control.h"

namespace jitrig {

class ActiveFaults;

/// Faults, and the streams that they happen to. The same object wraps simulated, TLS and real connections.
/// Thread-safe; it must outlive its streams.
class FaultSet {
 public:
  /// The error is checkFault()'s, with the fault's index and action before it.
  static std::expected<std::unique_ptr<FaultSet>, std::string> make(Runtime& runtime,
                                                                    std::shared_ptr<const Dialect> dialect,
                                                                    std::vector<FaultSpec> specs);
  ~FaultSet();
  FaultSet(const FaultSet&) = delete;
  FaultSet& operator=(const FaultSet&) = delete;

  /// To be put around one end of each connection; `local` says whose end it is. Faults work on both
  /// directions. Sees messages, so it belongs above TLS.
  std::unique_ptr<ByteStream> decorate(std::unique_ptr<ByteStream> stream, Direction local);
  /// The same below TLS, for the tls_* actions.
  std::unique_ptr<ByteStream> decorateTransport(std::unique_ptr<ByteStream> stream, Direction local);

  /// Who can pause, kill, refuse and signal. Without, those actions do nothing, and do not fire. Those that
  /// are set off by a time alone begin to be from here on. Must outlive this, or be taken off (nullptr)
  /// before it ends; then nobody is inside any more.
  void setPersonas(PersonaControl* personas);
  /// The server that tls_wrong_certificate shows instead of the right one; without, it does not fire.
  void setImpostor(std::shared_ptr<TlsContext> impostor);

  /// On and off while it runs. What has happened stays so; what has not fired does not fire.
  void setEnabled(bool enabled);
  void setEnabled(std::size_t fault, bool enabled);

  /// What happened so far, in order; the first kMaxFirings.
  std::vector<FaultFiring> firings() const;
  /// How often a fault fired, all together or one.
  std::uint64_t firingCount() const;
  std::uint64_t firingCount(std::size_t fault) const;

  const std::vector<FaultSpec>& specs() const;

  static constexpr std::size_t kMaxFirings = 10'000;

 private:
  FaultSet(Runtime& runtime, std::unique_ptr<ActiveFaults> faults);

  void runTimed();

  Runtime& runtime_;
  std::unique_ptr<ActiveFaults> faults_;
  std::unique_ptr<Mutex> mutex_;  ///< guards what follows
  std::unique_ptr<Condition> stopping_changed_;
  bool stopping_ = false;
  std::unique_ptr<Task> timed_;  ///< sets off what waits for a time alone
};

}  // namespace jitrig
