#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace jitrig {

/// A fork of this process that answers numbers with texts, one at a time; the parent's end of it.
class WorkerProcess {
 public:
  using Clock = std::chrono::steady_clock;

  /// `inherited`: descriptors of other workers, which the child must not keep open. Throws std::system_error.
  WorkerProcess(const std::function<std::string(std::uint64_t)>& work, const std::vector<int>& inherited);
  /// Kills the child if it is still at work, and waits for its end.
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  /// Readable when there is something for receive().
  int descriptor() const { return descriptor_; }

  /// Only while it is idle. False: the child is no more.
  bool send(std::uint64_t number);
  bool isIdle() const { return !number_; }
  std::uint64_t number() const { return *number_; }  ///< while it is at work
  Clock::time_point since() const { return since_; }

  /// Takes what has come. The answer, when it is complete: then the child is idle.
  std::optional<std::string> receive();

  /// The child has ended, or the connection to it has.
  bool hasEnded() const { return ended_; }

  /// Waits for its end, and says in words what it was.
  std::string end();
  void kill();

 private:
  std::string waitForEnd();

  pid_t process_ = -1;
  int descriptor_ = -1;
  bool ended_ = false;
  std::optional<std::uint64_t> number_;
  Clock::time_point since_;
  std::string received_;
};

}  // namespace jitrig
