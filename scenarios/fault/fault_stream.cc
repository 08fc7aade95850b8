#include "scenarios/fault/fault_stream.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "scenarios/fault/injected_error.h"

namespace jitrig {
namespace {

/// What is read at once behind bytes that are held.
constexpr std::size_t kReadBytes = 4096;

}  // namespace

FaultStream::FaultStream(std::unique_ptr<ByteStream> inner, ActiveFaults& faults, FaultUnit unit,
                         Direction local, std::uint64_t connection)
    : ByteStreamDecorator(std::move(inner)),
      runtime_(faults.runtime()),
      connection_{.number = connection,
                  .local = local,
                  .name = fmt::format("{} -> {}", this->inner().localName(), this->inner().peerName())},
      outgoing_(faults, unit, local, connection_),
      incoming_(faults, unit, otherDirection(local), connection_),
      writing_(runtime_.makeMutex("faults: writing")),
      mutex_(runtime_.makeMutex("faults of a stream")),
      changed_(runtime_.makeCondition("the end of a fault")) {}

FaultStream::~FaultStream() {
  try {
    stopPump();
    if (!ended(false)) {
      outgoing_.finish();
      writeHeld(runtime_.now() + kHeldBytesPatience);
    }
    // A destructor must not throw. What comes here is the end of a simulated world, which throws again at the
    // task's next call.
  } catch (...) {  // NOLINT(bugprone-empty-catch)
  }
}

std::size_t FaultStream::buffered() const {
  // An end that nobody below knows of has to be read, too.
  const std::size_t end = has_ended_ && ended(true) ? 1 : 0;
  return inner().buffered() + incoming_.heldBytes() + end;
}

std::optional<NetError> FaultStream::endOf(bool reading) const {
  if (cancelled_) {
    return NetError{NetErrc::cancelled, fmt::format("{} {} -> {}: cancelled", reading ? "read" : "write",
                                                    localName(), peerName())};
  }
  if (!has_ended_) return std::nullopt;
  const Lock lock(*mutex_);
  return reading ? read_end_ : write_end_;
}

std::optional<NetError> FaultStream::waitIn(const FaultLane& lane, Instant until, Instant deadline) {
  const bool reading = &lane == &incoming_;
  {
    Lock lock(*mutex_);
    const Instant end = std::min(until, deadline);
    const auto over = [&] { return cancelled_ || (reading ? read_end_ : write_end_); };
    changed_->wait(lock, end, over);
  }
  if (auto error = ended(reading)) return error;
  if (runtime_.now() >= until) return std::nullopt;
  const FaultAction* cause = lane.waitCause();
  return injectedError(NetErrc::timedOut, cause == nullptr ? "wait" : cause->name, "the deadline passed");
}

/// Says that a wait was in vain because of a fault.
NetError FaultStream::explained(NetError error) const {
  if (error.code != NetErrc::timedOut || isInjected(error)) return error;
  const FaultAction* cause = incoming_.lossCause() != nullptr ? incoming_.lossCause() : outgoing_.lossCause();
  return cause == nullptr ? error : injectedError(error.code, cause->name, "the deadline passed");
}

void FaultStream::perform(FaultEnd how, const FaultAction& action, FaultLane& lane) {
  const bool reading = &lane == &incoming_;
  {
    const Lock lock(*mutex_);
    if (how == FaultEnd::reset) {
      read_end_ = write_end_ = injectedError(NetErrc::reset, action.name, "connection reset");
    } else if (how == FaultEnd::close || reading) {
      read_end_ = injectedError(NetErrc::endOfFile, action.name, "end of file");
      if (how == FaultEnd::close) {
        write_end_ = injectedError(NetErrc::reset, action.name, "the connection was closed");
      }
    }
    has_ended_ = true;
    changed_->notifyAll();
  }
  if (how == FaultEnd::reset) return inner().reset();
  if (how == FaultEnd::halfClose && reading) return;
  [[maybe_unused]] const auto closed = inner().closeWrite();  // its failure is an end, too
  // Who waits in the stream, or watches it, learns of the end.
  if (how == FaultEnd::close) inner().cancel();
}

void FaultStream::settle(FaultLane& lane) {
  const LaneStep step = lane.settle();
  if (step.kind != LaneStep::Kind::end) return;
  const ActiveFault& by = lane.endCause();
  if (step.how == FaultEnd::halfClose) lane.swallow(by);
  perform(step.how, by.action(), lane);
}

// Reading.

NetResult<std::size_t> FaultStream::readSome(std::span<std::byte> buffer, Instant deadline) {
  if (auto error = ended(true)) return std::unexpected(*error);
  if (incoming_.idle() || buffer.empty()) {
    auto count = inner().readSome(buffer, deadline);
    if (count) return count;
    if (auto error = ended(true)) return std::unexpected(*error);
    return std::unexpected(explained(count.error()));
  }
  return readFaulted(buffer, deadline);
}

NetResult<std::size_t> FaultStream::readFaulted(std::span<std::byte> buffer, Instant deadline) {
  while (true) {
    if (auto error = ended(true)) return std::unexpected(*error);
    const LaneStep step = incoming_.next({});
    if (step.kind != LaneStep::Kind::more) {
      if (auto result = deliver(step, buffer, deadline)) return *result;
    } else if (incoming_.heldBytes() == 0) {
      if (auto result = readFirst(buffer, deadline)) return *result;
    } else if (auto error = readMore(deadline)) {
      return std::unexpected(explained(*error));
    }
  }
}

std::optional<FaultStream::Result> FaultStream::deliver(const LaneStep& step, std::span<std::byte> buffer,
                                                        Instant deadline) {
  switch (step.kind) {
    case LaneStep::Kind::pass: {
      const std::size_t count = std::min(step.count, buffer.size());
      std::ranges::copy(incoming_.own().first(count), buffer.begin());
      incoming_.passed(count);
      settle(incoming_);
      return count;
    }
    case LaneStep::Kind::wait:
      if (auto error = waitIn(incoming_, step.until, deadline)) return std::unexpected(*error);
      return std::nullopt;
    case LaneStep::Kind::end: {
      const ActiveFault& by = incoming_.endCause();
      incoming_.swallow(by);
      perform(step.how, by.action(), incoming_);
      return std::nullopt;
    }
    case LaneStep::Kind::drop:
    case LaneStep::Kind::more: break;
  }
  return std::nullopt;
}

/// Bytes that nothing happens to stay where they were read.
std::optional<FaultStream::Result> FaultStream::readFirst(std::span<std::byte> buffer, Instant deadline) {
  const auto count = inner().readSome(buffer, deadline);
  if (!count) {
    if (auto error = absorb(count.error(), deadline, deadline)) return std::unexpected(explained(*error));
    return std::nullopt;
  }
  const std::span<const std::byte> bytes = buffer.first(*count);
  const LaneStep step = incoming_.next(bytes);
  if (step.kind == LaneStep::Kind::drop) {
    incoming_.accept(bytes.subspan(step.count));
    return std::nullopt;
  }
  const bool before_others = !incoming_.own().empty();  // the step is about what was inserted
  if (step.kind != LaneStep::Kind::pass || before_others) {
    incoming_.accept(bytes);
    if (step.kind == LaneStep::Kind::end) return deliver(step, buffer, deadline);
    return std::nullopt;
  }
  incoming_.passed(step.count);
  incoming_.accept(bytes.subspan(step.count));
  settle(incoming_);
  return step.count;
}

std::optional<NetError> FaultStream::readMore(Instant deadline) {
  std::array<std::byte, kReadBytes>
      bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init) the read fills it
  const Instant until = std::min(deadline, incoming_.releaseAt());
  const auto count = inner().readSome(bytes, until);
  if (!count) return absorb(count.error(), deadline, until);
  incoming_.accept(std::span(bytes).first(*count));
  return std::nullopt;
}

/// What an error of the inner stream means for what is held; nullopt: go on.
std::optional<NetError> FaultStream::absorb(const NetError& error, Instant deadline, Instant asked_until) {
  if (auto end = ended(true)) return end;
  if (incoming_.swallows()) {
    // Nothing is delivered, not even the end.
    if (error.code != NetErrc::timedOut) return waitIn(incoming_, kNever, deadline);
    return error;
  }
  if (error.code == NetErrc::timedOut) {
    if (asked_until < deadline) {
      incoming_.releaseParts();
      return std::nullopt;
    }
    if (!incoming_.givesUpHeader()) return error;
    return std::nullopt;
  }
  if (incoming_.heldBytes() == 0) return error;
  incoming_.finish();
  return std::nullopt;
}

// Writing.

NetResult<std::size_t> FaultStream::writeSome(std::span<const std::byte> bytes, Instant deadline) {
  if (auto error = ended(false)) return std::unexpected(*error);
  if (outgoing_.idle()) {
    auto count = inner().writeSome(bytes, deadline);
    if (count) return count;
    if (auto error = ended(false)) return std::unexpected(*error);
    return count;
  }
  const Lock writing = pumping_ ? Lock(*writing_) : Lock();
  auto count = writeFaulted(bytes, deadline);
  if (outgoing_.releaseAt() != kNever) schedulePump(outgoing_.releaseAt());
  if (std::exchange(has_stuck_, false)) schedulePump(runtime_.now());
  return count;
}

NetResult<std::size_t> FaultStream::writeFaulted(std::span<const std::byte> bytes, Instant deadline) {
  std::size_t taken = 0;
  while (true) {
    if (auto error = ended(false)) return takenOr(taken, *error);
    const auto offered = bytes.subspan(taken);
    const LaneStep step = outgoing_.next(offered);
    const bool has_own = !outgoing_.own().empty();
    if (step.kind == LaneStep::Kind::more) {
      if (offered.empty()) return taken;
      const std::size_t count = std::min(offered.size(), outgoing_.wanted());
      outgoing_.accept(offered.first(count));
      taken += count;
      continue;
    }
    // What is due behind the last byte is the next call's to wait for.
    if (step.kind == LaneStep::Kind::wait && offered.empty() && !has_own) return taken;
    const auto done = writeStep(step, offered, deadline);
    if (!done) return takenOr(taken, done.error());
    taken += *done;
    if (taken == bytes.size() && outgoing_.own().empty()) {
      settle(outgoing_);
      if (outgoing_.own().empty()) return taken;
    }
  }
}

/// Bytes that were taken are told before the error is, as a socket does: it comes again with the next call.
FaultStream::Result FaultStream::takenOr(std::size_t taken, NetError error) {
  if (taken == 0) return std::unexpected(std::move(error));
  has_stuck_ = !outgoing_.own().empty();
  return taken;
}

/// How many of the offered bytes were taken by that.
NetResult<std::size_t> FaultStream::writeStep(const LaneStep& step, std::span<const std::byte> offered,
                                              Instant deadline) {
  switch (step.kind) {
    case LaneStep::Kind::pass: {
      const bool are_own = !outgoing_.own().empty();
      const auto bytes = are_own ? outgoing_.own() : offered;
      const auto count = inner().writeSome(bytes.first(step.count), deadline);
      if (!count) {
        if (auto error = ended(false)) return std::unexpected(*error);
        return count;
      }
      outgoing_.passed(*count);
      return are_own ? 0 : *count;
    }
    case LaneStep::Kind::wait:
      if (auto error = waitIn(outgoing_, step.until, deadline)) return std::unexpected(*error);
      return 0;
    case LaneStep::Kind::end: {
      const ActiveFault& by = outgoing_.endCause();
      outgoing_.swallow(by);
      perform(step.how, by.action(), outgoing_);
      return 0;
    }
    case LaneStep::Kind::drop: return step.count;
    case LaneStep::Kind::more: break;
  }
  return 0;
}

NetResult<void> FaultStream::closeWrite() {
  if (auto error = ended(false)) return std::unexpected(*error);
  if (!outgoing_.idle()) {
    const Lock writing = pumping_ ? Lock(*writing_) : Lock();
    outgoing_.finish();
    writeHeld(runtime_.now() + kHeldBytesPatience);
    if (outgoing_.swallows()) return {};
  }
  return inner().closeWrite();
}

void FaultStream::reset() {
  inner().reset();
  const Lock lock(*mutex_);
  if (!read_end_) read_end_ = NetError{NetErrc::reset, fmt::format("{}: reset by this side", localName())};
  if (!write_end_) write_end_ = read_end_;
  has_ended_ = true;
  changed_->notifyAll();
}

void FaultStream::cancel() {
  {
    const Lock lock(*mutex_);
    cancelled_ = true;
    changed_->notifyAll();
  }
  inner().cancel();
}

// Messages that are held for others, and written when their time is over.

void FaultStream::writeHeld(Instant deadline) {
  while (!ended(false)) {
    const LaneStep step = outgoing_.next({});
    if (step.kind == LaneStep::Kind::more || !writeStep(step, {}, deadline)) return;
  }
}

void FaultStream::schedulePump(Instant at) {
  const Lock lock(*mutex_);
  pump_at_ = at;
  changed_->notifyAll();
  if (pump_) return;
  pumping_ = true;
  pump_ = runtime_.spawn("faults: held messages of " + localName(), [this] { pump(); });
}

void FaultStream::pump() {
  while (true) {
    {
      Lock lock(*mutex_);
      const auto due = [&] { return stopping_ || runtime_.now() >= pump_at_; };
      while (!due()) changed_->wait(lock, pump_at_);
      if (stopping_) break;
      pump_at_ = kNever;
    }
    const Lock writing(*writing_);
    if (outgoing_.releaseAt() <= runtime_.now()) outgoing_.releaseParts();
    writeHeld(kNever);
  }
  const Lock lock(*mutex_);
  pump_done_ = true;
  changed_->notifyAll();
}

void FaultStream::stopPump() {
  if (!pump_) return;
  {
    Lock lock(*mutex_);
    stopping_ = true;
    changed_->notifyAll();
    changed_->wait(lock, runtime_.now() + kHeldBytesPatience, [&] { return pump_done_; });
    if (!pump_done_) cancelled_ = true;
    changed_->notifyAll();
  }
  if (cancelled_) inner().cancel();
  pump_.reset();
}

}  // namespace jitrig
