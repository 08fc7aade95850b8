#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "protocol/runtime/simulation/simulation_observer.h"

namespace jitrig {

/// Collects what the tasks of a simulated world do, and writes it down: for Chrome's tracing page and
/// Perfetto as JSON with one track per task, or as text.
class TraceRecorder final : public SimulationObserver {
 public:
  void taskBegins(const ObservedTask& task, Instant now) override;
  void taskEnds(const ObservedTask& task, Instant now) override;
  void taskWaited(const ObservedTask& task, std::string_view doing, std::string_view thing, Instant since,
                  Instant now) override;
  void hostChanged(std::string_view host, std::string_view what, Instant now) override;
  void noted(const ObservedTask& task, std::string_view text, Instant now) override;

  /// The trace event format: a JSON object that both viewers open. Virtual time, in microseconds.
  std::string json() const;

  /// One line per event, in their order: `0.000421000 s  compilation thread 2: reads from … since
  /// 0.000020000`.
  std::string text() const;

 private:
  enum class Kind : std::uint8_t { began, ended, waited, noted, hostChanged };
  struct Event {
    Kind kind;
    std::uint64_t task;
    Instant since;
    Instant now;
    std::string text;
  };
  struct Track {
    std::string name;
    std::string host;
    std::uint64_t process;  ///< number of the host, from 1
  };

  void add(Kind kind, const ObservedTask& task, std::string text, Instant since, Instant now);
  std::uint64_t processOf(std::string_view host);

  std::map<std::uint64_t, Track> tracks_;
  std::map<std::string, std::uint64_t, std::less<>> processes_;
  std::vector<Event> events_;
};

}  // namespace jitrig
