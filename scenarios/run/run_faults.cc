#include "scenarios/run/run_faults.h"

#include <stdexcept>
#include <utility>

namespace jitrig {

void RunFaults::begin(Runtime& runtime, const Scenario& scenario,
                      const std::shared_ptr<TlsContext>& impostor) {
  if (scenario.faults.empty()) return;
  // Types of messages are meant as the first client numbers them.
  auto made = FaultSet::make(runtime, scenario.vms.front().dialect, scenario.faults);
  if (!made) throw std::invalid_argument(made.error());
  set_ = std::move(*made);
  if (impostor) set_->setImpostor(impostor);
}

std::unique_ptr<ByteStream> RunFaults::decorate(std::unique_ptr<ByteStream> stream, Direction local) {
  return set_ ? set_->decorate(std::move(stream), local) : std::move(stream);
}

std::unique_ptr<ByteStream> RunFaults::decorateTransport(std::unique_ptr<ByteStream> stream,
                                                         Direction local) {
  return set_ ? set_->decorateTransport(std::move(stream), local) : std::move(stream);
}

void RunFaults::setPersonas(PersonaControl* personas) {
  if (set_) set_->setPersonas(personas);
}

void RunFaults::switchOff() {
  if (set_) set_->setEnabled(false);
}

std::vector<FaultFiring> RunFaults::firings() const {
  return set_ ? set_->firings() : std::vector<FaultFiring>{};
}

}  // namespace jitrig
