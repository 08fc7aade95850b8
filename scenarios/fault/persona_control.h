#pragma once

#include <cstdint>
#include <optional>

#include "capture/conversation.h"
#include "protocol/runtime/instant.h"

namespace jitrig {

/// What faults can do to the personas themselves; implemented by who runs them (scenarios/run). Called from
/// any task, from inside a read or write of a stream: must neither wait nor call that stream. What a runtime
/// cannot do, it does not do.
class PersonaControl {
 public:
  virtual ~PersonaControl() = default;

  /// The persona stands still, as a process does after SIGSTOP: its tasks do not run, the network still takes
  /// bytes for it. It goes on by itself.
  virtual void pause(Direction persona, Duration duration) = 0;

  /// It ends without a word, as a process does by SIGKILL. With `back_after`, another one takes its place
  /// after that time; without, nobody does.
  virtual void kill(Direction persona, std::optional<Duration> back_after) = 0;

  /// Nobody listens at the server's port for so long; connections that exist go on.
  virtual void refuseConnections(Duration duration) = 0;

  /// For so long nothing comes from the server's host, and nothing arrives there; nobody answers who
  /// connects.
  virtual void cutOffServer(Duration duration) { static_cast<void>(duration); }

  /// So many signals, so far apart, to the persona's process: blocking calls are interrupted by them.
  virtual void signalStorm(Direction persona, std::uint64_t signals, Duration interval) = 0;
};

}  // namespace jitrig
