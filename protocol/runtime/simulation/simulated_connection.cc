#include "protocol/runtime/simulation/simulated_connection.h"

#include <algorithm>
#include <fmt/core.h>
#include <stdexcept>
#include <utility>

#include "protocol/runtime/reached.h"
#include "protocol/runtime/simulation/race_annotations.h"

namespace jitrig::simulation {

SimulatedConnection::SimulatedConnection(Scheduler& scheduler, std::shared_ptr<LinkPair> links,
                                         std::size_t side, std::string local_name, std::string peer_name)
    : scheduler_(scheduler),
      links_(std::move(links)),
      outgoing_(links_->links[side]),
      incoming_(links_->links[1 - side]),
      local_name_(std::move(local_name)),
      peer_name_(std::move(peer_name)),
      name_(fmt::format("{} -> {}", local_name_, peer_name_)) {
  outgoing_.setSender(this);
  incoming_.setReceiver(this);
}

SimulatedConnection::~SimulatedConnection() {
  const SimulatorSection section;
  if (!severed_) leave();
  links_.reset();  // inside the section
}

void SimulatedConnection::leave() {
  outgoing_.setSender(nullptr);
  if (incoming_.available() > 0) {
    if (!reset_here_) JITRIG_REACHED("simulation: a connection with unread bytes is closed");
    outgoing_.sendReset();
  } else if (!write_closed_ && !reset_here_) {
    outgoing_.sendEndOfFile();
  }
  incoming_.receiverLeaves();
}

void SimulatedConnection::hostCrashed(HostCrash how) {
  severed_ = true;
  if (how == HostCrash::vanishes) {
    outgoing_.setSender(nullptr);
    incoming_.receiverVanishes();
  } else {
    if (how == HostCrash::resets) outgoing_.sendReset();
    leave();
  }
  wakeEverybody();
}

NetResult<std::size_t> SimulatedConnection::readSome(std::span<std::byte> buffer, Instant deadline) {
  const SimulatorSection section;
  scheduler_.begin(Call::blocking, "Connection::readSome");
  if (buffer.empty()) return std::unexpected(error("read", NetErrc::other, "the buffer has size 0"));
  if (!readers_.empty()) throw std::logic_error(fmt::format("two tasks read from connection \"{}\"", name_));
  const WaitPlace place{.doing = "reads from connection", .name = &name_};
  for (WakeUp woken_by = WakeUp::notified;;) {
    acquireFrom(&incoming_);
    if (isBroken()) return std::unexpected(*broken("read"));
    if (incoming_.available() > 0) {
      if (woken_by == WakeUp::deadline) JITRIG_REACHED("simulation: data and the deadline at one instant");
      return incoming_.receive(buffer.first(portionOf(std::min(buffer.size(), incoming_.available()))));
    }
    if (incoming_.endOfFileArrived()) {
      return std::unexpected(error("read", NetErrc::endOfFile, "end of file"));
    }
    if (woken_by == WakeUp::deadline) {
      return std::unexpected(error("read", NetErrc::timedOut, "the deadline passed"));
    }
    if (woken_by == WakeUp::worldEnded) {
      return std::unexpected(error("read", NetErrc::cancelled, "the simulated world has ended"));
    }
    woken_by = readers_.wait(scheduler_, place, deadline, AtWorldEnd::throws);
  }
}

NetResult<std::size_t> SimulatedConnection::writeSome(std::span<const std::byte> bytes, Instant deadline) {
  const SimulatorSection section;
  scheduler_.begin(Call::blocking, "Connection::writeSome");
  if (!writers_.empty()) throw std::logic_error(fmt::format("two tasks write to connection \"{}\"", name_));
  const WaitPlace place{.doing = "writes to connection", .name = &name_};
  for (WakeUp woken_by = WakeUp::notified;;) {
    if (isBroken()) return std::unexpected(*broken("write"));
    if (write_closed_) return std::unexpected(error("write", NetErrc::other, "after closeWrite"));
    if (bytes.empty()) return 0;
    if (outgoing_.free() > 0) {
      const std::size_t portion = portionOf(std::min(bytes.size(), outgoing_.free()));
      releaseTo(&outgoing_);
      outgoing_.send(bytes.first(portion));
      return portion;
    }
    if (woken_by == WakeUp::deadline) {
      return std::unexpected(error("write", NetErrc::timedOut, "the deadline passed"));
    }
    if (woken_by == WakeUp::worldEnded) {
      return std::unexpected(error("write", NetErrc::cancelled, "the simulated world has ended"));
    }
    JITRIG_REACHED("simulation: a writer waits at a full buffer");
    woken_by = writers_.wait(scheduler_, place, deadline, AtWorldEnd::throws);
  }
}

NetResult<void> SimulatedConnection::closeWrite() {
  const SimulatorSection section;
  scheduler_.begin(Call::noexcept_, "Connection::closeWrite");
  if (isBroken()) return std::unexpected(*broken("closeWrite"));
  if (std::exchange(write_closed_, true)) return {};
  releaseTo(&outgoing_);
  outgoing_.sendEndOfFile();
  writers_.notifyAll(scheduler_);
  return {};
}

void SimulatedConnection::reset() {
  const SimulatorSection section;
  if (scheduler_.isOver()) return;
  scheduler_.begin(Call::noexcept_, "Connection::reset");
  if (severed_ || std::exchange(reset_here_, true)) return;
  releaseTo(&outgoing_);
  outgoing_.sendReset();
  incoming_.receiverLeaves();
  wakeEverybody();
}

void SimulatedConnection::cancel() {
  const SimulatorSection section;
  if (scheduler_.isOver()) return;
  scheduler_.begin(Call::noexcept_, "Connection::cancel");
  cancelled_ = true;
  wakeEverybody();
}

bool SimulatedConnection::readyNow() const {
  const SimulatorSection section;
  return cancelled_ || reset_here_ || severed_ || incoming_.resetArrived() || incoming_.available() > 0 ||
         incoming_.endOfFileArrived();
}

void SimulatedConnection::somethingArrived() {
  if (incoming_.resetArrived()) return wakeEverybody();
  readers_.notifyAll(scheduler_);
  if (observer_ != nullptr) observer_->readinessChanged();
}

void SimulatedConnection::spaceAppeared() {
  writers_.notifyAll(scheduler_);
}

void SimulatedConnection::wakeEverybody() {
  readers_.notifyAll(scheduler_);
  writers_.notifyAll(scheduler_);
  if (observer_ != nullptr) observer_->readinessChanged();
}

std::optional<NetError> SimulatedConnection::broken(std::string_view operation) const {
  if (cancelled_) return error(operation, NetErrc::cancelled, "cancelled");
  if (severed_) return error(operation, NetErrc::reset, "the host of this end has crashed");
  if (reset_here_) return error(operation, NetErrc::reset, "reset by this side");
  if (incoming_.resetArrived()) return error(operation, NetErrc::reset, "connection reset by peer");
  return std::nullopt;
}

NetError SimulatedConnection::error(std::string_view operation, NetErrc code, std::string_view reason) const {
  return {code, fmt::format("{} {}: {}", operation, name_, reason)};
}

std::size_t SimulatedConnection::portionOf(std::size_t size) {
  if (!outgoing_.path().profile->segmentation || size <= 1) return size;
  constexpr std::size_t kFewBytes = 16;
  RandomStream& network = scheduler_.stream(RandomPurpose::network);
  const std::uint64_t kind = network.below(8);
  if (kind < 4) return size;
  if (kind < 6) return 1 + network.below(size);
  if (kind < 7) return 1 + network.below(std::min(size, kFewBytes));
  return 1;
}

}  // namespace jitrig::simulation
