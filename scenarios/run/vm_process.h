#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fakevm/vm_image.h"
#include "scenarios/file/scenario.h"

namespace jitrig {

/// Where a VM stands in the run, beyond what the scenario says.
struct VMPlace {
  std::string name;  ///< "vm", "vm 2", "vm 2 (life 2)"
  std::string host;
  std::uint16_t server_port = 0;  ///< ScenarioServer::port
  /// Came at the end, with all faults off, for this one of RunRecord::servers.
  std::optional<std::size_t> fresh_for = std::nullopt;
  /// Restored from a checkpoint: the image, and which of RunRecord::vms it was.
  std::optional<VMImage> image = std::nullopt;
  std::size_t restored_from = 0;
};

/// One life of a client JVM of the scenario: our persona, or somebody else's program. Used by the main task.
class VMProcess {
 public:
  VMProcess() = default;
  VMProcess(const VMProcess&) = delete;
  VMProcess& operator=(const VMProcess&) = delete;
  virtual ~VMProcess() = default;

  virtual void start() = 0;
  /// It ends without a word, and without a goodbye.
  virtual void kill() = 0;
  /// It ends with an image, when what is in progress is over.
  virtual void checkpoint() = 0;
  /// After join(); nullopt: it did not come to a checkpoint, being killed for instance.
  virtual std::optional<VMImage> image() const = 0;
  /// It is given up: breaks what is in progress and ends.
  virtual void giveUp() = 0;
  virtual void join() = 0;

  virtual void pause() = 0;
  virtual void resume() = 0;

  virtual bool hasEnded() const = 0;
  virtual const ScenarioVM& vm() const = 0;
  virtual const VMPlace& place() const = 0;
  /// Its index in RunRecord::vms.
  virtual std::size_t recordIndex() const = 0;
};

}  // namespace jitrig
