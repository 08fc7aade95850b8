#include "scenarios/fault/active_faults.h"

#include <fmt/format.h>

#include "protocol/runtime/random_stream.h"
#include "scenarios/fault/fault_set.h"
#include "scenarios/fault/fault_trigger.h"

namespace jitrig {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::uint64_t kMillion = 1'000'000;

bool worksOn(FaultLayer layer, FaultUnit unit) {
  if (unit == FaultUnit::tlsRecord) return layer == FaultLayer::records;
  return layer == FaultLayer::messages || layer == FaultLayer::personas;
}

}  // namespace

bool FaultPoint::withPersonas(const std::function<void(PersonaControl&)>& call) {
  return faults_.withPersonas(call);
}

std::uint64_t FaultPoint::randomBelow(std::uint64_t bound) {
  return faults_.randomBelow(bound);
}

bool ActiveFault::draw(Runtime& runtime) {
  const FaultTrigger& trigger = spec_.trigger;
  if (trigger.not_before_ms || trigger.not_after_ms) {
    const std::int64_t now_ms = runtime.now().ns / kNsPerMs;
    if (trigger.not_before_ms && now_ms < *trigger.not_before_ms) return false;
    if (trigger.not_after_ms && now_ms > *trigger.not_after_ms) return false;
  }
  if (trigger.probability_ppm < kMillion) {
    RandomStream stream(runtime.random(RandomPurpose::faults));
    if (!stream.chance(trigger.probability_ppm, kMillion)) return false;
  }
  if (!trigger.count) return true;
  return drawn_.fetch_add(1) < *trigger.count;
}

ActiveFaults::ActiveFaults(Runtime& runtime, std::shared_ptr<const Dialect> dialect,
                           std::vector<FaultSpec> specs)
    : runtime_(runtime),
      dialect_(std::move(dialect)),
      specs_(std::move(specs)),
      personas_mutex_(runtime.makeMutex("faults: personas")),
      mutex_(runtime.makeMutex("faults")) {}

std::expected<std::unique_ptr<ActiveFaults>, std::string> ActiveFaults::make(
    Runtime& runtime, std::shared_ptr<const Dialect> dialect, std::vector<FaultSpec> specs) {
  std::unique_ptr<ActiveFaults> made(new ActiveFaults(runtime, std::move(dialect), std::move(specs)));
  for (std::size_t index = 0; index < made->specs_.size(); ++index) {
    const FaultSpec& spec = made->specs_[index];
    auto effect = [&]() -> std::expected<std::unique_ptr<const FaultEffect>, std::string> {
      if (auto checked = checkFault(spec, made->dialect()); !checked) return std::unexpected(checked.error());
      const FaultAction& action = *findFaultAction(spec.action);
      return action.make(*FaultArguments::make(action.parameters, spec.parameters, made->dialect()));
    }();
    if (!effect) {
      return std::unexpected(fmt::format("fault {} ({}): {}", index + 1, spec.action, effect.error()));
    }
    made->faults_.push_back(
        std::make_unique<ActiveFault>(index, spec, *findFaultAction(spec.action), std::move(*effect)));
    made->counts_compilations_ |= worksOn(made->faults_.back()->action().layer, FaultUnit::message);
  }
  return made;
}

std::vector<ActiveFault*> ActiveFaults::concerning(FaultUnit unit, Direction sender,
                                                   std::uint64_t connection) const {
  std::vector<ActiveFault*> concerned;
  for (const auto& fault : faults_) {
    if (!worksOn(fault->action().layer, unit) || !fault->concerns(sender, connection)) continue;
    // That is FaultSet's own to set off.
    if (fault->action().layer == FaultLayer::personas && isTimed(fault->trigger())) continue;
    concerned.push_back(fault.get());
  }
  return concerned;
}

std::uint64_t ActiveFaults::countConnection(FaultUnit unit, Direction local) {
  return connections_[static_cast<std::size_t>(unit)][static_cast<std::size_t>(local)].fetch_add(1) + 1;
}

void ActiveFaults::record(ActiveFault& fault, const FaultMoment& moment, const std::string& stream) {
  fault.countFiring();
  const Instant now = runtime_.now();
  const Lock lock(*mutex_);
  if (firings_.size() >= FaultSet::kMaxFirings) return;
  firings_.push_back({.fault = fault.index(),
                      .action = std::string(fault.action().name),
                      .time = now,
                      .connection = moment.connection,
                      .stream = stream,
                      .local = moment.local,
                      .sender = moment.sender,
                      .message = moment.message,
                      .type = moment.type,
                      .compilation = moment.compilation});
}

std::vector<FaultFiring> ActiveFaults::firings() const {
  const Lock lock(*mutex_);
  return firings_;
}

std::uint64_t ActiveFaults::randomBelow(std::uint64_t bound) {
  return RandomStream(runtime_.random(RandomPurpose::faults)).below(bound);
}

bool ActiveFaults::withPersonas(const std::function<void(PersonaControl&)>& call) {
  const Lock lock(*personas_mutex_);
  if (personas_ == nullptr) return false;
  call(*personas_);
  return true;
}

void ActiveFaults::setPersonas(PersonaControl* personas) {
  const Lock lock(*personas_mutex_);
  personas_ = personas;
}

void ActiveFaults::setImpostor(std::shared_ptr<TlsContext> impostor) {
  const Lock lock(*mutex_);
  impostor_ = std::move(impostor);
}

std::shared_ptr<TlsContext> ActiveFaults::drawImpostor(Direction local, std::uint64_t connection,
                                                       const std::string& stream) {
  for (const auto& fault : faults_) {
    if (fault->action().layer != FaultLayer::connections) continue;
    const FaultMoment moment{.connection = connection, .local = local};
    const auto impostor = [&] {
      const Lock lock(*mutex_);
      return impostor_;
    }();
    if (!impostor || !fault->concerns(moment.sender, connection) || !fault->matches(moment) ||
        !fault->draw(runtime_)) {
      continue;
    }
    record(*fault, moment, stream);
    return impostor;
  }
  return nullptr;
}

}  // namespace jitrig
