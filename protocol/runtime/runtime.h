#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "protocol/runtime/cancellation.h"
#include "protocol/runtime/connection.h"
#include "protocol/runtime/instant.h"
#include "protocol/runtime/net_error.h"
#include "protocol/runtime/random_stream.h"

namespace jitrig {

/// A lock with a name. Usable with std::unique_lock<Mutex> and std::lock_guard<Mutex>. Not recursive.
class Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  virtual ~Mutex() = default;

  /// As std::mutex has it. try_lock() never waits. unlock() by the task that locked it.
  virtual void lock() = 0;
  virtual bool try_lock() = 0;
  virtual void unlock() = 0;
};

/// What a Condition waits with.
using Lock = std::unique_lock<Mutex>;

/// Made by, and used only with, mutexes of the same Runtime.
class Condition {
 public:
  Condition() = default;
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;
  virtual ~Condition() = default;

  /// Wakes up spuriously, in the simulation by seed: always call it in a loop, or use the predicate form.
  /// False if the deadline passed. The lock is held again on return, and on every exception.
  virtual bool wait(Lock& lock, Instant deadline) = 0;
  virtual void notifyOne() = 0;
  virtual void notifyAll() = 0;

  /// The predicate is looked at before the deadline; returns its last value.
  template <class Predicate>
  bool wait(Lock& lock, Instant deadline, Predicate predicate) {
    while (!predicate()) {
      if (!wait(lock, deadline)) return predicate();
    }
    return true;
  }
};

/// Waits for many Waitables at once, so that an idle connection costs no task. One task waits at a time;
/// add, remove and wake may come from any task.
class Selector {
 public:
  Selector() = default;
  Selector(const Selector&) = delete;
  Selector& operator=(const Selector&) = delete;
  virtual ~Selector() = default;

  /// One-shot: reported once, then no longer watched until it is added again. Adding a watched one again
  /// changes nothing. The Waitable must outlive its being watched.
  virtual void add(Waitable& waitable) = 0;

  /// Nothing happens if it is not watched. Afterwards no wait() reports it any more.
  virtual void remove(Waitable& waitable) = 0;

  /// Those that are ready, in a stable order; empty when the deadline has passed or wake() was called.
  virtual std::vector<Waitable*> wait(Instant deadline) = 0;

  /// Ends the present wait(), or the next one if nobody waits.
  virtual void wake() = 0;
};

/// A task runs beside the others. The destructor joins (and drops an exception that nobody asked for).
class Task {
 public:
  Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual ~Task() = default;

  /// Waits for the end of the body; rethrows what it threw. Once.
  virtual void join() = 0;
};

/// Where to listen or connect to. An IPv6 host is written without brackets; names are resolved.
struct Endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
};

/// "127.0.0.1:38400", "[::1]:38400".
std::string toString(const Endpoint& endpoint);

/// Everything that code above may wait on, draw or read the time from. Two houses: the operating system
/// (threads, sockets) and the simulation (fibers, virtual clock, links; the same seed gives the same run).
/// All methods may be called from any task of this Runtime. Everything it made must be gone before it.
class Runtime {
 public:
  Runtime() = default;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  virtual ~Runtime() = default;

  /// The time: the system's monotonic clock, or the virtual one, which moves only when all tasks wait.
  virtual Instant now() = 0;
  /// Returns when the time has come, at once if it has passed. No task should wait for another this way.
  virtual void sleepUntil(Instant instant) = 0;

  /// A number from the purpose's stream; thread-safe. One draw per expression: compilers differ in the order
  /// in which they evaluate two.
  virtual std::uint64_t random(RandomPurpose purpose) = 0;

  /// The names are what a deadlock report consists of: say who waits ("compilation thread 2"), and for what.
  virtual std::unique_ptr<Task> spawn(std::string name, std::move_only_function<void()> body) = 0;
  virtual std::unique_ptr<Mutex> makeMutex(std::string name) = 0;
  virtual std::unique_ptr<Condition> makeCondition(std::string name) = 0;
  virtual std::unique_ptr<Selector> makeSelector(std::string name) = 0;

  /// Binds and listens. Port 0 takes a free one.
  virtual NetResult<std::unique_ptr<Acceptor>> listen(const Endpoint& endpoint) = 0;

  /// Resolves, then tries each address in turn until one answers or the deadline passes. A connection to
  /// itself (TCP allows it on loopback when nobody listens) is recognised and refused.
  /// NetErrc::cancelled if `cancellation`, which may be null, was or is cancelled meanwhile.
  virtual NetResult<std::unique_ptr<Connection>> connect(const Endpoint& endpoint, Instant deadline,
                                                         Cancellation* cancellation) = 0;
  NetResult<std::unique_ptr<Connection>> connect(const Endpoint& endpoint, Instant deadline) {
    return connect(endpoint, deadline, nullptr);
  }

  /// Two ends of an in-process connection without a buffer: a write ends when the other side has read the
  /// bytes, so a test over it has no timing of its own.
  virtual std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> makePipe(std::string name) = 0;

  /// Runs a call that blocks outside the Runtime's knowledge (reading a file, resolving a name). In the
  /// simulation it takes no virtual time.
  virtual void offload(std::move_only_function<void()> blocking_call) = 0;

  /// A pointer that belongs to the calling task, kept under `slot`; empty at first, freed with the task.
  virtual std::shared_ptr<void>& taskLocal(std::size_t slot) = 0;

  /// The name given to spawn; "main" for the task that began.
  virtual std::string taskName() = 0;
};

/// `slot` of Runtime::taskLocal is below this.
inline constexpr std::size_t kTaskLocalSlots = 8;

}  // namespace jitrig
