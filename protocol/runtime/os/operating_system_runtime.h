#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "protocol/runtime/runtime.h"

namespace jitrig {

/// What the operating system's house can be told; a default-made one is what programs want.
struct OperatingSystemOptions {
  /// The streams of random() begin here; without it, at numbers of the system's.
  std::optional<std::uint64_t> seed = {};
};

/// The Runtime on threads, TCP sockets and CLOCK_MONOTONIC.
///
/// Beyond the contract of Runtime:
/// - Any thread may call it. One that was not spawned by it has the name "main" and task locals of its own.
/// - spawn() and makeSelector() throw std::system_error if no thread or descriptor is left. A task costs one
///   descriptor (so that waiting never needs one), a Selector two, a connection one, an Acceptor two.
/// - connect() and listen() may take longer than their deadline while the system resolves a name that is no
///   address. A reset peer may still read what had arrived before it learns of the reset, as TCP has it.
class OperatingSystemRuntime final : public Runtime {
 public:
  explicit OperatingSystemRuntime(const OperatingSystemOptions& options = {});
  ~OperatingSystemRuntime() override;

  Instant now() override;
  void sleepUntil(Instant instant) override;
  std::uint64_t random(RandomPurpose purpose) override;
  std::unique_ptr<Task> spawn(std::string name, std::move_only_function<void()> body) override;
  std::unique_ptr<Mutex> makeMutex(std::string name) override;
  std::unique_ptr<Condition> makeCondition(std::string name) override;
  std::unique_ptr<Selector> makeSelector(std::string name) override;
  NetResult<std::unique_ptr<Acceptor>> listen(const Endpoint& endpoint) override;
  using Runtime::connect;
  NetResult<std::unique_ptr<Connection>> connect(const Endpoint& endpoint, Instant deadline,
                                                 Cancellation* cancellation) override;
  std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> makePipe(std::string name) override;
  void offload(std::move_only_function<void()> blocking_call) override;
  std::shared_ptr<void>& taskLocal(std::size_t slot) override;
  std::string taskName() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jitrig
