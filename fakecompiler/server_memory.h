#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/runtime/instant.h"
#include "protocol/stream/server_states.h"

namespace jitrig {

/// From that time on there is so much free memory, but for what the server itself uses.
struct FreeMemoryStep {
  std::int64_t at_ms = 0;  ///< after the server's start
  std::uint64_t free_bytes = 0;
  friend bool operator==(const FreeMemoryStep&, const FreeMemoryStep&) = default;
};

/// In that time the memory's state is this one, whatever is free.
struct MemoryStateSpan {
  std::int64_t from_ms = 0;  ///< after the server's start
  std::int64_t to_ms = 0;    ///< exclusive
  ServerMemoryState state = ServerMemoryState::low;
  bool fails = false;  ///< and compilations end with compilationLowPhysicalMemory
  friend bool operator==(const MemoryStateSpan&, const MemoryStateSpan&) = default;
};

/// What a server without a compiler takes for its machine's memory.
struct ServerMemoryOptions {
  std::uint64_t free_at_start_bytes = std::uint64_t{8} << 30U;
  std::vector<FreeMemoryStep> steps = {};  ///< by time
  /// Least memory that a compilation gets for its scratch space: the unit of the thresholds.
  std::uint64_t scratch_space_bytes = std::uint64_t{16} << 20U;
  std::uint64_t session_bytes = 0;      ///< that each client session uses
  std::uint64_t compilation_bytes = 0;  ///< that each compilation uses while it lasts
  std::vector<MemoryStateSpan> spans = {};
  friend bool operator==(const ServerMemoryOptions&, const ServerMemoryOptions&) = default;
};

/// What uses memory.
struct MemoryUsers {
  std::size_t sessions = 0;
  std::size_t compilations = 0;
};

/// The memory of a machine that is not there, and the state that a server derives from it (semantics.md,
/// section 6): thresholds by the number of clients, and a look at what is free only so often. Not
/// thread-safe.
class ServerMemory {
 public:
  /// `start`: of the server.
  ServerMemory(ServerMemoryOptions options, Instant start);

  /// As a final message says it. Looks at what is free if it is time to.
  ServerMemoryState state(MemoryUsers users, Instant now);

  /// Whether a compilation finds none.
  bool fails(Instant now) const;

  std::uint64_t usedBytes(MemoryUsers users) const;               ///< by sessions and compilations
  std::uint64_t freeBytes(MemoryUsers users, Instant now) const;  ///< what these leave

  /// What is kept back: 32 MiB, or 1/64 of what was free at the start.
  std::uint64_t reserveBytes() const;
  /// Below this the memory is low, or very low.
  std::uint64_t lowBytes(std::size_t sessions) const;
  std::uint64_t veryLowBytes() const;

  /// Nothing can change its state, which is normal: who knows need not ask.
  bool isAlwaysNormal() const { return always_normal_; }

 private:
  const MemoryStateSpan* spanAt(Instant now) const;
  ServerMemoryState classify(std::size_t sessions) const;

  const ServerMemoryOptions options_;
  const Instant start_;
  const bool always_normal_;
  std::uint64_t sampled_bytes_;
  Instant next_sample_;
};

}  // namespace jitrig
