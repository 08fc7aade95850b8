#include "scenarios/fault/fault_set.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "scenarios/fault/active_faults.h"
#include "scenarios/fault/fault_stream.h"
#include "scenarios/fault/fault_trigger.h"
#include "scenarios/fault/impostor.h"

namespace jitrig {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

std::string nameOf(const ByteStream& stream) {
  return stream.localName() + " -> " + stream.peerName();
}

}  // namespace

std::expected<std::unique_ptr<FaultSet>, std::string> FaultSet::make(Runtime& runtime,
                                                                     std::shared_ptr<const Dialect> dialect,
                                                                     std::vector<FaultSpec> specs) {
  auto faults = ActiveFaults::make(runtime, std::move(dialect), std::move(specs));
  if (!faults) return std::unexpected(faults.error());
  return std::unique_ptr<FaultSet>(new FaultSet(runtime, std::move(*faults)));
}

FaultSet::FaultSet(Runtime& runtime, std::unique_ptr<ActiveFaults> faults)
    : runtime_(runtime),
      faults_(std::move(faults)),
      mutex_(runtime.makeMutex("faults: their times")),
      stopping_changed_(runtime.makeCondition("the time of a fault")) {}

FaultSet::~FaultSet() {
  {
    const Lock lock(*mutex_);
    stopping_ = true;
    stopping_changed_->notifyAll();
  }
  timed_.reset();
}

std::unique_ptr<ByteStream> FaultSet::decorate(std::unique_ptr<ByteStream> stream, Direction local) {
  const FaultUnit unit = faults_->dialect().format == nullptr ? FaultUnit::message : FaultUnit::frame;
  const std::uint64_t connection = faults_->countConnection(unit, local);
  if (faults_->all().empty()) return stream;
  return std::make_unique<FaultStream>(std::move(stream), *faults_, unit, local, connection);
}

std::unique_ptr<ByteStream> FaultSet::decorateTransport(std::unique_ptr<ByteStream> stream, Direction local) {
  const std::uint64_t connection = faults_->countConnection(FaultUnit::tlsRecord, local);
  if (auto impostor = faults_->drawImpostor(local, connection, nameOf(*stream))) {
    return throughImpostor(runtime_, std::move(impostor), std::move(stream), local);
  }
  if (faults_->all().empty()) return stream;
  return std::make_unique<FaultStream>(std::move(stream), *faults_, FaultUnit::tlsRecord, local, connection);
}

void FaultSet::setPersonas(PersonaControl* personas) {
  faults_->setPersonas(personas);
  const Lock lock(*mutex_);
  if (personas == nullptr || timed_) return;
  for (const auto& fault : faults_->all()) {
    if (fault->action().layer != FaultLayer::personas || !isTimed(fault->trigger())) continue;
    timed_ = runtime_.spawn("faults: their times", [this] { runTimed(); });
    return;
  }
}

void FaultSet::runTimed() {
  std::vector<ActiveFault*> timed;
  for (const auto& fault : faults_->all()) {
    if (fault->action().layer == FaultLayer::personas && isTimed(fault->trigger()))
      timed.push_back(fault.get());
  }
  std::ranges::sort(timed, {}, [](const ActiveFault* fault) {
    return std::pair(*fault->trigger().not_before_ms, fault->index());
  });
  for (ActiveFault* fault : timed) {
    const Instant due{*fault->trigger().not_before_ms * kNsPerMs};
    {
      Lock lock(*mutex_);
      stopping_changed_->wait(lock, due, [&] { return stopping_; });
      if (stopping_) return;
    }
    const FaultMoment moment;
    FaultPoint now(*faults_, moment.sender, {});
    if (fault->matches(moment) && fault->draw(runtime_) && fault->effect().at(now))
      faults_->record(*fault, moment, "");
  }
}

void FaultSet::setImpostor(std::shared_ptr<TlsContext> impostor) {
  faults_->setImpostor(std::move(impostor));
}

void FaultSet::setEnabled(bool enabled) {
  for (const auto& fault : faults_->all()) fault->setEnabled(enabled);
}

void FaultSet::setEnabled(std::size_t fault, bool enabled) {
  faults_->all()[fault]->setEnabled(enabled);
}

std::vector<FaultFiring> FaultSet::firings() const {
  return faults_->firings();
}

std::uint64_t FaultSet::firingCount() const {
  std::uint64_t count = 0;
  for (const auto& fault : faults_->all()) count += fault->firingCount();
  return count;
}

std::uint64_t FaultSet::firingCount(std::size_t fault) const {
  return faults_->all()[fault]->firingCount();
}

const std::vector<FaultSpec>& FaultSet::specs() const {
  return faults_->specs();
}

}  // namespace jitrig
