#pragma once

#include <memory>
#include <vector>

#include "capture/conversation.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/tls/tls_context.h"
#include "scenarios/fault/fault_set.h"
#include "scenarios/file/scenario.h"

namespace jitrig {

/// The faults of a run: one FaultSet for all connections, or none, so that a run without faults pays for
/// none.
class RunFaults {
 public:
  RunFaults() = default;
  RunFaults(const RunFaults&) = delete;
  RunFaults& operator=(const RunFaults&) = delete;

  /// In the main task. Throws std::invalid_argument for faults that make no sense. `impostor` may be null.
  void begin(Runtime& runtime, const Scenario& scenario, const std::shared_ptr<TlsContext>& impostor);

  bool any() const { return set_ != nullptr; }
  std::unique_ptr<ByteStream> decorate(std::unique_ptr<ByteStream> stream, Direction local);
  std::unique_ptr<ByteStream> decorateTransport(std::unique_ptr<ByteStream> stream, Direction local);

  /// As FaultSet has them.
  void setPersonas(PersonaControl* personas);
  void switchOff();
  std::vector<FaultFiring> firings() const;

 private:
  std::unique_ptr<FaultSet> set_;
};

}  // namespace jitrig
