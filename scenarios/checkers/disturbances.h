#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "scenarios/record/run_record.h"

namespace jitrig {

/// From when on something is not to be expected any more, because of what was done to it on purpose. Never:
/// kUntouched.
struct Touched {
  std::int64_t breaks_ns = kUntouched;  ///< it may end, or its bytes never come
  std::int64_t alters_ns = kUntouched;  ///< what arrives may not be what was sent
  std::int64_t delays_ns = kUntouched;  ///< it may take longer than somebody waits

  static constexpr std::int64_t kUntouched = std::numeric_limits<std::int64_t>::max();

  void add(const Touched& other);
  std::int64_t first() const;
  bool breaksBy(std::int64_t time_ns) const { return breaks_ns <= time_ns; }
  bool altersBy(std::int64_t time_ns) const { return alters_ns <= time_ns; }
};

/// What was done on purpose to whom, from which moment on: faults that fired, personas that were stopped,
/// killed or paused, personas that misbehave. The rule that checkers share (README.md).
class Disturbances {
 public:
  explicit Disturbances(const RunRecord& record);

  /// A connection: faults on it, and what happened to its two personas.
  const Touched& connection(std::size_t index) const { return connections_[index]; }
  /// A persona, and everybody it deals with: a client that is stalled occupies a thread that others wait for.
  const Touched& vm(std::size_t index) const { return vms_[index]; }
  const Touched& server(std::size_t index) const { return servers_[index]; }
  /// All of it together.
  const Touched& world() const { return world_; }

  /// The persona on the other side of this end misbehaves, or is somebody of whom nothing is known.
  bool peerMisbehaves(EndReference end) const;

 private:
  void addFaults();
  void addPersonas();
  void spread();

  const RunRecord& record_;
  std::vector<Touched> connections_;
  std::vector<Touched> vms_;
  std::vector<Touched> servers_;
  Touched everywhere_;
  Touched world_;
};

}  // namespace jitrig
