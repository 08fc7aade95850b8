#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/runtime/runtime.h"

namespace jitrig {

/// How a host stops, as those see it who are connected with it.
enum class HostCrash : std::uint8_t {
  closes,   ///< its process is killed: connections end as if closed (with a reset where bytes were unread)
  resets,   ///< every connection is reset at once
  vanishes  ///< the machine is gone: nothing is answered any more, until it comes back
};

/// What becomes of packets between a host and the others. Its connections to itself do not care.
enum class Reachability : std::uint8_t {
  reachable,
  refusing,  ///< new connections to it are refused; those there are go on
  held,      ///< packets wait, and arrive when it is reachable again; connecting waits, too
  lost       ///< packets are lost: what they belonged to never goes on; connecting waits
};

/// "closes", "resets", "vanishes".
std::string_view toString(HostCrash crash);
/// In words of a report: "reachable", "refusing connections", "cut off: packets are held", ...
std::string_view toString(Reachability reachability);

/// A machine of a simulated world, on which one process runs at a time. Tasks belong to the host through
/// whose runtime() they were spawned, or on which the spawning task runs; ports and connections to the host
/// whose runtime() made them.
///
/// Others reach it by its name: `connect({.host = "server1", .port = 38400})`. It listens at its name, at
/// "0.0.0.0", "::" or "" for everybody, at "127.0.0.1" and "localhost" for itself alone.
///
/// Code outside of the simulation is not meant to use this: it is for who directs a world. Only tasks of the
/// world may call it, except name() and runtime().
class SimulatedHost {
 public:
  SimulatedHost() = default;
  SimulatedHost(const SimulatedHost&) = delete;
  SimulatedHost& operator=(const SimulatedHost&) = delete;
  virtual ~SimulatedHost() = default;

  virtual const std::string& name() const = 0;

  /// The Runtime as a persona on this host sees it. Lives as long as the SimulatedRuntime.
  virtual Runtime& runtime() = 0;

  /// As SIGSTOP: its tasks do not run until resume(), and deadlines that pass meanwhile are found passed
  /// then. Its kernel goes on: connections are accepted into the queue, bytes into buffers, until they are
  /// full. A task that holds a Mutex stops when it has unlocked it, so that what hosts share is not locked
  /// for ever.
  virtual void pause() = 0;
  virtual void resume() = 0;
  virtual bool isPaused() const = 0;

  /// Ends its process. Its ports are free and its connections are ended when this returns, without a word
  /// from what runs there. Its tasks are unwound by WorldEnded, as at the end of a world: each goes to its
  /// end as soon as it calls the Runtime; joining them from elsewhere waits for that. A task of this host
  /// that calls it does not return. Afterwards another process may be started on it, except that a host that
  /// vanished has to come back first.
  virtual void crash(HostCrash how) = 0;

  /// After HostCrash::vanishes: the machine is there again, with nobody listening; who sends on an old
  /// connection, or has sent since, gets a reset.
  virtual void comeBack() = 0;

  /// From now on. Packets that were held arrive after one more latency.
  virtual void setReachability(Reachability reachability) = 0;
};

}  // namespace jitrig
