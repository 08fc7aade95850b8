#include "scenarios/simulate/trace_recorder.h"

#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace jitrig {
namespace {

/// As a JSON string, without quotes. Names and errors are ASCII; other bytes become '?'.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      out += c >= ' ' && c <= '~' ? c : '?';
    }
  }
  return out;
}

/// Microseconds with three places, without going through floating point.
std::string microseconds(std::int64_t ns) {
  return fmt::format("{}.{:03}", ns / 1'000, ns % 1'000);
}

std::string seconds(Instant instant) {
  return fmt::format("{}.{:09} s", instant.ns / 1'000'000'000, instant.ns % 1'000'000'000);
}

}  // namespace

std::uint64_t TraceRecorder::processOf(std::string_view host) {
  const auto found = processes_.find(host);
  if (found != processes_.end()) return found->second;
  return processes_.emplace(host, processes_.size() + 1).first->second;
}

void TraceRecorder::add(Kind kind, const ObservedTask& task, std::string text, Instant since, Instant now) {
  if (!tracks_.contains(task.number)) {
    tracks_[task.number] = {std::string(task.name), std::string(task.host), processOf(task.host)};
  }
  events_.push_back({kind, task.number, since, now, std::move(text)});
}

void TraceRecorder::taskBegins(const ObservedTask& task, Instant now) {
  add(Kind::began, task, "begins", now, now);
}

void TraceRecorder::taskEnds(const ObservedTask& task, Instant now) {
  add(Kind::ended, task, "ends", now, now);
}

void TraceRecorder::taskWaited(const ObservedTask& task, std::string_view doing, std::string_view thing,
                               Instant since, Instant now) {
  add(Kind::waited, task, thing.empty() ? std::string(doing) : fmt::format("{} {}", doing, thing), since,
      now);
}

void TraceRecorder::hostChanged(std::string_view host, std::string_view what, Instant now) {
  const std::string name = fmt::format("host {}", host);
  // No task has this number.
  add(Kind::hostChanged, {~std::uint64_t{0} - processOf(host), name, host}, std::string(what), now, now);
}

void TraceRecorder::noted(const ObservedTask& task, std::string_view text, Instant now) {
  add(Kind::noted, task, std::string(text), now, now);
}

std::string TraceRecorder::json() const {
  std::string out = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  const auto put = std::back_inserter(out);
  for (const auto& [host, process] : processes_) {
    fmt::format_to(put,
                   "\n{{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":{},\"args\":{{\"name\":\"{}\"}}}},",
                   process, escaped(host.empty() ? "world" : host));
  }
  std::map<std::uint64_t, std::uint64_t> numbers;  // viewers want small ones
  for (const auto& [task, track] : tracks_) {
    const std::uint64_t number = numbers.emplace(task, numbers.size()).first->second;
    fmt::format_to(put,
                   "\n{{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":{},\"tid\":{},\"args\":{{\"name\":"
                   "\"{}\"}}}},",
                   track.process, number, escaped(track.name));
  }
  for (const Event& event : events_) {
    const std::uint64_t process = tracks_.at(event.task).process;
    fmt::format_to(put, "\n{{\"name\":\"{}\",\"pid\":{},\"tid\":{},\"ts\":{}", escaped(event.text), process,
                   numbers.at(event.task), microseconds(event.since.ns));
    if (event.kind == Kind::waited) {
      fmt::format_to(put, ",\"ph\":\"X\",\"dur\":{}}},", microseconds(event.now.ns - event.since.ns));
    } else {
      out += ",\"ph\":\"i\",\"s\":\"t\"},";
    }
  }
  if (out.back() == ',') out.pop_back();
  out += "\n]}\n";
  return out;
}

std::string TraceRecorder::text() const {
  std::string out;
  for (const Event& event : events_) {
    const Track& track = tracks_.at(event.task);
    fmt::format_to(std::back_inserter(out), "{}  {}{}{}: {}", seconds(event.now), track.host,
                   track.host.empty() ? "" : ": ", track.name, event.text);
    if (event.kind == Kind::waited)
      fmt::format_to(std::back_inserter(out), " since {}", seconds(event.since));
    out += '\n';
  }
  return out;
}

}  // namespace jitrig
