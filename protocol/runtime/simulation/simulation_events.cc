#include "protocol/runtime/simulation/simulation_events.h"

#include <algorithm>
#include <array>
#include <fmt/core.h>
#include <string_view>

#include "protocol/runtime/random_stream.h"
#include "protocol/runtime/simulation/report_text.h"

namespace jitrig {

namespace {

constexpr std::array<std::string_view, kRandomPurposes> kPurposes{"schedule", "network", "faults", "workload",
                                                                  "tls"};

template <class Names>
std::string_view nameIn(const Names& names, std::uint64_t number) {
  return number < names.size() ? std::string_view(names[number]) : "(unknown)";
}

std::string whatHappened(const SimulationEvents& events, const SimulationEvent& event) {
  using Kind = SimulationEvent::Kind;
  const std::string_view task = nameIn(events.tasks, event.subject);
  const std::string_view link = nameIn(events.links, event.subject);
  switch (event.kind) {
    case Kind::taskSpawned: return fmt::format("{} is spawned", task);
    case Kind::taskRuns: return fmt::format("{} runs (of {} that could)", task, event.value);
    case Kind::taskEnded: return fmt::format("{} ends", task);
    case Kind::timePasses: return "time passes";
    case Kind::drew: return fmt::format("{} is drawn for {}", event.value, nameIn(kPurposes, event.subject));
    case Kind::sent:
      return fmt::format("{}: {} bytes are sent (hash {:016x})", link, event.value, event.hash);
    case Kind::received: return fmt::format("{}: {} bytes are read", link, event.value);
    case Kind::endOfFile: return fmt::format("{}: the end of file is sent", link);
    case Kind::reset: return fmt::format("{}: a reset is sent", link);
    case Kind::noted: return fmt::format("{}: {}", task, nameIn(events.notes, event.value));
  }
  return "unknown";
}

}  // namespace

std::string describe(const SimulationEvents& events, const SimulationEvent& event) {
  return fmt::format("{}: {}", simulation::inSeconds(event.time), whatHappened(events, event));
}

std::optional<std::string> firstDifference(const SimulationEvents& a, const SimulationEvents& b) {
  const auto has = [](const SimulationEvents& events, std::uint64_t number) {
    return number < events.forgotten + events.kept.size();
  };
  const auto textOf = [&](const SimulationEvents& events, std::uint64_t number) -> std::string {
    if (!has(events, number)) return "nothing: the run has ended";
    return describe(events, events.kept[number - events.forgotten]);
  };
  const std::uint64_t first = std::max(a.forgotten, b.forgotten);
  for (std::uint64_t number = first; has(a, number) || has(b, number); ++number) {
    const bool both = has(a, number) && has(b, number);
    if (both && a.kept[number - a.forgotten] == b.kept[number - b.forgotten]) continue;
    std::string text =
        fmt::format("event {} differs:\n  {}\n  {}", number, textOf(a, number), textOf(b, number));
    if (number == first && first > 0) {
      text +=
          "\n  (earlier events were forgotten and may differ, too: keep more with "
          "SimulationOptions::keep_events)";
    }
    return text;
  }
  return std::nullopt;
}

}  // namespace jitrig
