#pragma once

#include <cstddef>

#include "scenarios/file/scenario.h"

namespace jitrig {

/// One life of a compile server of the scenario: our persona, or somebody else's program. Killed and started
/// again it is another one. Used by the main task.
class ServerProcess {
 public:
  ServerProcess() = default;
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  virtual ~ServerProcess() = default;

  /// Returns when it listens, or cannot, which is a finding.
  virtual void start() = 0;

  /// Told to end, in order; join() waits for it. With `at_rest` it is first given the time to notice that all
  /// its clients have gone.
  virtual void stop(bool at_rest) = 0;
  /// It ends without a word.
  virtual void kill() = 0;
  virtual void join() = 0;

  virtual void pause() = 0;
  virtual void resume() = 0;
  virtual void refuseConnections(bool refuse) = 0;
  /// Where there is no network to do it, nothing happens.
  virtual void cutOff(bool cut_off) { static_cast<void>(cut_off); }

  /// It listens, and nobody told it to end.
  virtual bool lives() const = 0;
  virtual const ScenarioServer& server() const = 0;
  /// Its index in RunRecord::servers.
  virtual std::size_t recordIndex() const = 0;
};

}  // namespace jitrig
