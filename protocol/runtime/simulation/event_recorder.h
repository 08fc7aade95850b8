#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocol/runtime/simulation/simulation_events.h"

namespace jitrig::simulation {

/// Keeps the latest events of a world. With room for none it does nothing.
class EventRecorder {
 public:
  explicit EventRecorder(std::size_t capacity) : capacity_(capacity) {}

  bool isOn() const { return capacity_ != 0; }

  void record(Instant time, SimulationEvent::Kind kind, std::uint64_t subject, std::uint64_t value = 0) {
    if (isOn()) keep({.kind = kind, .subject = subject, .value = value, .hash = 0, .time = time});
  }
  void recordBytes(Instant time, std::uint64_t link, std::span<const std::byte> bytes);
  void recordNote(Instant time, std::uint64_t task, std::string_view text);

  // Names, only where they are wanted.
  void nameTask(std::uint64_t number, std::string_view name, std::string_view host);
  void nameLink(std::uint64_t number, std::string_view from, std::string_view to);

  /// Leaves nothing behind.
  SimulationEvents take();

 private:
  void keep(const SimulationEvent& event);

  const std::size_t capacity_;
  std::size_t oldest_ = 0;  // the ring's first, once it is full
  SimulationEvents events_;
};

}  // namespace jitrig::simulation
