#include "protocol/runtime/simulation/event_recorder.h"

#include <algorithm>
#include <fmt/core.h>
#include <utility>

#include "protocol/runtime/simulation/schedule_digest.h"

namespace jitrig::simulation {

namespace {

void setAt(std::vector<std::string>& names, std::uint64_t number, std::string name) {
  if (names.size() <= number) names.resize(number + 1);
  names[number] = std::move(name);
}

}  // namespace

void EventRecorder::recordBytes(Instant time, std::uint64_t link, std::span<const std::byte> bytes) {
  if (!isOn()) return;
  ScheduleDigest hash;
  hash.mix(bytes);
  keep({.kind = SimulationEvent::Kind::sent,
        .subject = link,
        .value = bytes.size(),
        .hash = hash.value(),
        .time = time});
}

void EventRecorder::recordNote(Instant time, std::uint64_t task, std::string_view text) {
  if (!isOn()) return;
  // Bounded as the events are: a note that cannot be kept any more is an event all the same.
  const std::uint64_t number = events_.notes.size();
  if (number < capacity_) events_.notes.emplace_back(text);
  ScheduleDigest hash;
  hash.mix(std::as_bytes(std::span(text)));
  keep({.kind = SimulationEvent::Kind::noted,
        .subject = task,
        .value = number,
        .hash = hash.value(),
        .time = time});
}

void EventRecorder::nameTask(std::uint64_t number, std::string_view name, std::string_view host) {
  if (!isOn()) return;
  std::string text = fmt::format("task \"{}\"", name);
  if (!host.empty()) text += fmt::format(" on host \"{}\"", host);
  setAt(events_.tasks, number, std::move(text));
}

void EventRecorder::nameLink(std::uint64_t number, std::string_view from, std::string_view to) {
  if (isOn()) setAt(events_.links, number, fmt::format("{} -> {}", from, to));
}

void EventRecorder::keep(const SimulationEvent& event) {
  if (events_.kept.size() < capacity_) {
    events_.kept.push_back(event);
    return;
  }
  events_.kept[oldest_] = event;
  oldest_ = (oldest_ + 1) % capacity_;
  ++events_.forgotten;
}

SimulationEvents EventRecorder::take() {
  std::rotate(events_.kept.begin(), events_.kept.begin() + static_cast<std::ptrdiff_t>(oldest_),
              events_.kept.end());
  oldest_ = 0;
  return std::exchange(events_, {});
}

}  // namespace jitrig::simulation
