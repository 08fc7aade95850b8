#include "protocol/runtime/pipe.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <fmt/format.h>
#include <span>
#include <string_view>

#include "protocol/runtime/readiness.h"

namespace jitrig {
namespace {

using Side = std::size_t;  // 0 is end a, 1 is end b

/// The bytes on their way to one side. They stay in the writer's memory.
struct Lane {
  std::span<const std::byte> offered;  ///< not yet read; the writer is inside writeSome while not empty
  bool closed = false;                 ///< nothing more will be offered
};

/// What one side knows of itself.
struct End {
  std::unique_ptr<Condition> can_read;  ///< its reader waits for bytes here
  std::unique_ptr<Condition> written;   ///< its writer waits here until its bytes are read
  Lane incoming;
  bool cancelled = false;
  bool destroyed = false;
  std::atomic<bool> ready = false;  ///< of a Selector: a read would not wait
  ReadinessObserver* observer = nullptr;
};

/// What the two ends share. All methods with a Lock in their arguments expect `mutex` held.
class PipeState {
 public:
  PipeState(Runtime& runtime, const std::string& name)
      : names_{name + "/a", name + "/b"}, mutex_(runtime.makeMutex(fmt::format("pipe {}", name))) {
    for (const Side side : {0U, 1U}) {
      ends_[side].can_read = runtime.makeCondition(fmt::format("{}: bytes to read", names_[side]));
      ends_[side].written = runtime.makeCondition(
          fmt::format("{}: {} to read what was written", names_[side], names_[1 - side]));
    }
  }

  const std::string& name(Side side) const { return names_[side]; }
  bool ready(Side side) const { return ends_[side].ready.load(); }
  NetResult<std::size_t> read(Side side, std::span<std::byte> buffer, Instant deadline);
  NetResult<std::size_t> write(Side side, std::span<const std::byte> bytes, Instant deadline);
  NetResult<void> closeWrite(Side side);
  void reset(Side side);
  void cancel(Side side);
  void destroy(Side side);
  void setObserver(Side side, ReadinessObserver* observer);

 private:
  /// Takes the rest of an offer back, also when waiting ends with an exception.
  struct Withdrawal {
    PipeState& state;
    Side reader;
    ~Withdrawal() {
      state.ends_[reader].incoming.offered = {};
      state.updateReadiness(reader);
    }
  };

  NetError error(Side side, std::string_view operation, NetErrc code, std::string_view reason) const {
    return {code, fmt::format("{} {}: {}", operation, names_[side], reason)};
  }
  /// Why `side` can neither read nor write any more, if so.
  const NetError* broken(Side side, std::string_view operation, NetError& error_out) const;
  void updateReadiness(Side side);
  void wakeEverybody();

  std::array<std::string, 2> names_;
  std::unique_ptr<Mutex> mutex_;
  std::array<End, 2> ends_;
  bool reset_ = false;
  Side reset_by_ = 0;
};

const NetError* PipeState::broken(Side side, std::string_view operation, NetError& error_out) const {
  if (ends_[side].cancelled) {
    error_out = error(side, operation, NetErrc::cancelled, "cancelled");
  } else if (reset_) {
    error_out = error(side, operation, NetErrc::reset,
                      reset_by_ == side ? "reset by this side" : "connection reset by peer");
  } else {
    return nullptr;
  }
  return &error_out;
}

void PipeState::updateReadiness(Side side) {
  End& end = ends_[side];
  const bool ready = !end.incoming.offered.empty() || end.incoming.closed || end.cancelled || reset_;
  const bool was_ready = end.ready.exchange(ready);
  if (ready && !was_ready && end.observer != nullptr) end.observer->readinessChanged();
}

void PipeState::wakeEverybody() {
  for (const Side side : {0U, 1U}) {
    updateReadiness(side);
    ends_[side].can_read->notifyAll();
    ends_[side].written->notifyAll();
  }
}

NetResult<std::size_t> PipeState::read(Side side, std::span<std::byte> buffer, Instant deadline) {
  Lock lock(*mutex_);
  End& end = ends_[side];
  std::span<const std::byte>& offered = end.incoming.offered;
  NetError problem;
  if (buffer.empty()) return std::unexpected(error(side, "read", NetErrc::other, "the buffer has size 0"));
  const bool in_time = end.can_read->wait(lock, deadline, [&] {
    return broken(side, "read", problem) != nullptr || !offered.empty() || end.incoming.closed;
  });
  if (broken(side, "read", problem) != nullptr) return std::unexpected(problem);
  if (offered.empty()) {
    return std::unexpected(in_time ? error(side, "read", NetErrc::endOfFile, "end of file")
                                   : error(side, "read", NetErrc::timedOut, "the deadline passed"));
  }
  const std::size_t size = std::min(buffer.size(), offered.size());
  std::memcpy(buffer.data(), offered.data(), size);
  offered = offered.subspan(size);
  if (offered.empty()) ends_[1 - side].written->notifyAll();
  updateReadiness(side);
  return size;
}

NetResult<std::size_t> PipeState::write(Side side, std::span<const std::byte> bytes, Instant deadline) {
  Lock lock(*mutex_);
  const Side reader = 1 - side;
  std::span<const std::byte>& offered = ends_[reader].incoming.offered;
  NetError problem;
  if (broken(side, "write", problem) != nullptr) return std::unexpected(problem);
  if (ends_[reader].incoming.closed) {
    return std::unexpected(error(side, "write", NetErrc::other, "after closeWrite"));
  }
  if (ends_[reader].destroyed) {
    return std::unexpected(error(side, "write", NetErrc::reset, "the other end is gone"));
  }
  if (bytes.empty()) return 0;

  offered = bytes;
  const Withdrawal withdrawal{*this, reader};
  updateReadiness(reader);
  ends_[reader].can_read->notifyAll();
  ends_[side].written->wait(lock, deadline, [&] {
    return broken(side, "write", problem) != nullptr || offered.empty() || ends_[reader].destroyed;
  });
  const std::size_t taken = bytes.size() - offered.size();
  if (ends_[side].cancelled) return std::unexpected(problem);
  if (taken > 0) return taken;
  if (reset_) return std::unexpected(problem);
  if (ends_[reader].destroyed) {
    return std::unexpected(error(side, "write", NetErrc::reset, "the other end is gone"));
  }
  return std::unexpected(error(side, "write", NetErrc::timedOut, "the deadline passed, nothing was read"));
}

NetResult<void> PipeState::closeWrite(Side side) {
  const Lock lock(*mutex_);
  NetError problem;
  if (broken(side, "closeWrite", problem) != nullptr) return std::unexpected(problem);
  ends_[1 - side].incoming.closed = true;
  wakeEverybody();
  return {};
}

void PipeState::reset(Side side) {
  const Lock lock(*mutex_);
  if (reset_) return;
  reset_ = true;
  reset_by_ = side;
  wakeEverybody();
}

void PipeState::cancel(Side side) {
  const Lock lock(*mutex_);
  ends_[side].cancelled = true;
  wakeEverybody();
}

void PipeState::destroy(Side side) {
  const Lock lock(*mutex_);
  ends_[side].destroyed = true;
  ends_[1 - side].incoming.closed = true;
  wakeEverybody();
}

void PipeState::setObserver(Side side, ReadinessObserver* observer) {
  const Lock lock(*mutex_);
  ends_[side].observer = observer;
}

class PipeEnd final : public Connection, public ReadinessSource {
 public:
  PipeEnd(std::shared_ptr<PipeState> state, Side side) : state_(std::move(state)), side_(side) {}
  ~PipeEnd() override { state_->destroy(side_); }

  const std::string& name() const override { return state_->name(side_); }
  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    return state_->read(side_, buffer, deadline);
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    return state_->write(side_, bytes, deadline);
  }
  NetResult<void> closeWrite() override { return state_->closeWrite(side_); }
  void reset() override { state_->reset(side_); }
  void cancel() override { state_->cancel(side_); }
  std::string localName() const override { return state_->name(side_); }
  std::string peerName() const override { return state_->name(1 - side_); }

  bool readyNow() const override { return state_->ready(side_); }
  void setObserver(ReadinessObserver* observer) override { state_->setObserver(side_, observer); }

 private:
  std::shared_ptr<PipeState> state_;
  Side side_;
};

}  // namespace

std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> makePipe(Runtime& runtime,
                                                                             const std::string& name) {
  auto state = std::make_shared<PipeState>(runtime, name);
  auto end_a = std::make_unique<PipeEnd>(state, 0);
  auto end_b = std::make_unique<PipeEnd>(state, 1);
  return {std::move(end_a), std::move(end_b)};
}

}  // namespace jitrig
