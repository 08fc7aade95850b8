#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/runtime/instant.h"

namespace jitrig {

/// Something that a world did.
struct SimulationEvent {
  enum class Kind : std::uint8_t {
    taskSpawned,  ///< subject: the new task
    taskRuns,     ///< subject: the task that was chosen; value: among how many
    taskEnded,    ///< subject: the task
    timePasses,   ///< the clock moved
    drew,         ///< Runtime::random; subject: the purpose; value: the number
    sent,         ///< subject: the link; value: how many bytes; hash: of them
    received,     ///< subject: the link; value: how many bytes
    endOfFile,    ///< sent; subject: the link
    reset,        ///< sent; subject: the link
    noted         ///< value: of the text in SimulationEvents::notes, if it is kept
  };
  Kind kind = Kind::timePasses;
  std::uint64_t subject = 0;
  std::uint64_t value = 0;
  std::uint64_t hash = 0;
  Instant time;

  friend bool operator==(const SimulationEvent&, const SimulationEvent&) = default;
};

/// The latest events of a world, for who looks for what two runs did differently.
struct SimulationEvents {
  std::uint64_t forgotten = 0;  ///< events before the first one kept
  std::vector<SimulationEvent> kept;

  std::vector<std::string> tasks;  ///< names by number; with the host, if it has one
  std::vector<std::string> links;  ///< names by number: "client:49152 -> server:38400"
  std::vector<std::string> notes;
};

/// One line: `0.000020000 s: task "server" runs (of 3)`.
std::string describe(const SimulationEvents& events, const SimulationEvent& event);

/// The first event that two runs do not share, as each of them has it, with its number; nullopt if there is
/// none among those kept.
std::optional<std::string> firstDifference(const SimulationEvents& a, const SimulationEvents& b);

}  // namespace jitrig
