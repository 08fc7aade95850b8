#include "scenarios/record/record_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocol/catalogue/message_text.h"
#include "protocol/stream/dialect.h"

namespace jitrig {
namespace {

const PersonaRecord* personaOf(const RunRecord& record, const RecordedEnd& end) {
  if (end.local == Direction::client) {
    return end.persona < record.vms.size() ? &record.vms[end.persona] : nullptr;
  }
  return end.persona < record.servers.size() ? &record.servers[end.persona] : nullptr;
}

/// Something that happened, as a line.
struct Line {
  std::uint64_t order = 0;
  std::string text;
  bool is_fault = false;
};

std::string timeText(std::int64_t time_ns) {
  constexpr std::int64_t kNsPerUs = 1'000;
  constexpr std::int64_t kUsPerMs = 1'000;
  const std::int64_t time_us = time_ns / kNsPerUs;
  return fmt::format("{:>9}.{:03} ms", time_us / kUsPerMs, time_us % kUsPerMs);
}

std::string headText(const RecordedFrame& frame, const Dialect* dialect) {
  std::string text = dialect != nullptr ? dialect->typeName(frame.type) : fmt::format("#{}", frame.type);
  if (frame.version != 0 || frame.config != 0) {
    text += fmt::format("[version 0x{:08x}, config 0x{:x}]", frame.version, frame.config);
  }
  return text;
}

void addLane(const RunRecord& record, EndReference reference, Direction sender, std::vector<Line>& lines) {
  const RecordedEnd& end = *record.endOf(reference);
  const RecordedLane& lane = end.lane(sender);
  const char* verb = sender == end.local ? "writes" : "reads ";
  for (std::size_t i = 0; i < lane.frames.size(); ++i) {
    lines.push_back({lane.frames[i].order,
                     fmt::format("{}  {} {} message {}: {}", timeText(lane.frames[i].time_ns), verb,
                                 arrowText(sender), i + 1, frameText(record, reference, sender, i))});
  }
  if (lane.error) {
    lines.push_back(
        {lane.error->order,
         fmt::format("{}  {} nothing more after {} bytes ({} of them of no whole message): {} ({})",
                     timeText(lane.error->time_ns), verb, lane.bytes, lane.rest(), lane.error->detail,
                     toString(lane.error->code))});
  }
}

void addDoings(const RecordedEnd& end, std::vector<Line>& lines) {
  const auto add = [&](std::uint64_t order, const std::string& what) {
    if (order != 0) lines.push_back({order, fmt::format("{:>16}  {}", "", what)});
  };
  lines.push_back({end.opened_order, timeText(end.opened_ns) + "  the connection came about"});
  add(end.write_closed_order, "closes its writing side");
  add(end.reset_order, "resets the connection");
  add(end.cancelled_order, "is cancelled");
  add(end.closed_order, "is gone");
}

void addReports(const RunRecord& record, EndReference reference, std::vector<Line>& lines) {
  for (const ServerRecord& server : record.servers) {
    for (const auto& told : server.reports) {
      if (told.end != reference) continue;
      lines.push_back(
          {told.when.order, fmt::format("{}  {} reports compilation {}: {}{}{}", timeText(told.when.time_ns),
                                        server.name, told.report.number, toString(told.report.outcome),
                                        told.report.detail.empty() ? "" : ": ", told.report.detail)});
    }
    for (const auto& told : server.stream_ends) {
      if (told.end != reference) continue;
      lines.push_back(
          {told.when.order, fmt::format("{}  {} reports the stream's end: {}", timeText(told.when.time_ns),
                                        server.name, told.report.detail)});
    }
  }
  for (const RecordedFault& fault : record.faults) {
    if (!fault.end || fault.end->connection != reference.connection) continue;
    // Faults have a time and no order: they stand before what was recorded later than that.
    const RecordedEnd& end = *record.endOf(reference);
    std::uint64_t order = end.opened_order;
    for (const RecordedLane* lane : {&end.written, &end.read}) {
      for (const RecordedFrame& frame : lane->frames) {
        if (frame.time_ns < fault.firing.time.ns) order = std::max(order, frame.order);
      }
    }
    lines.push_back(
        {order, fmt::format("{}  fault: {}", timeText(fault.firing.time.ns), toString(fault.firing)), true});
  }
}

std::vector<Line> linesOf(const RunRecord& record, EndReference reference) {
  std::vector<Line> lines;
  addDoings(*record.endOf(reference), lines);
  addLane(record, reference, Direction::client, lines);
  addLane(record, reference, Direction::server, lines);
  addReports(record, reference, lines);
  // Only faults share an order with something, and stand behind it.
  std::ranges::sort(lines, [](const Line& left, const Line& right) {
    return std::tie(left.order, left.is_fault, left.text) < std::tie(right.order, right.is_fault, right.text);
  });
  return lines;
}

void addPersona(const PersonaRecord& persona, std::string_view kind, std::string& text) {
  text += fmt::format("{} \"{}\"", kind, persona.name);
  for (const std::string& misbehaviour : persona.misbehaviours) text += ", " + misbehaviour;
  if (persona.killed) text += ", killed at" + timeText(persona.killed->time_ns);
  if (persona.stopped) text += ", stopped at" + timeText(persona.stopped->time_ns);
  text += '\n';
}

}  // namespace

std::string connectionText(const RunRecord& record, std::size_t connection) {
  return fmt::format("connection {} ({})", connection + 1, record.connections[connection].name());
}

std::string endText(const RunRecord& record, EndReference end) {
  const RecordedEnd* recorded = record.endOf(end);
  const PersonaRecord* persona = recorded != nullptr ? personaOf(record, *recorded) : nullptr;
  return fmt::format("{}'s end of {}", persona != nullptr ? persona->name : std::string(toString(end.local)),
                     connectionText(record, end.connection));
}

std::string frameText(const RunRecord& record, EndReference end, Direction sender, std::size_t frame) {
  const RecordedEnd& recorded = *record.endOf(end);
  const RecordedLane& lane = recorded.lane(sender);
  const PersonaRecord* persona = personaOf(record, recorded);
  const Dialect* dialect = persona != nullptr ? persona->dialect.get() : nullptr;
  const RecordedFrame& header = lane.frames[frame];
  if (dialect != nullptr && header.kept_bytes == header.size_bytes) {
    const auto message = Message::parse(lane.keptOf(header), {.limits = {}, .bodyless = dialect->bodyless});
    if (message) return toText(*message, *dialect->table);
  }
  return fmt::format("{}({} data points, {} bytes)", headText(header, dialect), header.data_points,
                     header.size_bytes);
}

std::string eventsText(const RunRecord& record, EndReference end, std::uint64_t order, std::size_t count) {
  if (record.endOf(end) == nullptr) return {};
  constexpr std::size_t kAfterwards = 3;
  const std::vector<Line> lines = linesOf(record, end);
  const auto here = order == 0 ? lines.end() : std::ranges::upper_bound(lines, order, {}, &Line::order);
  const auto behind = lines.end() - here > static_cast<std::ptrdiff_t>(kAfterwards)
                          ? here + static_cast<std::ptrdiff_t>(kAfterwards)
                          : lines.end();
  const auto first = here - lines.begin() > static_cast<std::ptrdiff_t>(count)
                         ? here - static_cast<std::ptrdiff_t>(count)
                         : lines.begin();
  std::string text = endText(record, end) + ":\n";
  if (first != lines.begin()) text += fmt::format("  … {} earlier\n", first - lines.begin());
  for (auto line = first; line != behind; ++line) text += fmt::format("  {}\n", line->text);
  if (behind != lines.end()) text += fmt::format("  … {} later\n", lines.end() - behind);
  return text;
}

std::string recordText(const RunRecord& record, std::size_t count) {
  std::string text;
  for (const VMRecord& vm : record.vms) addPersona(vm, "VM", text);
  for (const ServerRecord& server : record.servers) addPersona(server, "server", text);
  for (const RecordedFault& fault : record.faults) text += "fault: " + toString(fault.firing) + '\n';
  for (const VMRecord& vm : record.vms) {
    for (const auto& told : vm.reports) {
      text += fmt::format(
          "{}  {} reports compilation {}{}: {}{}{}\n", timeText(told.when.time_ns), vm.name,
          told.report.number, told.report.attempt > 1 ? fmt::format(", attempt {}", told.report.attempt) : "",
          toString(told.report.result), told.report.detail.empty() ? "" : ": ", told.report.detail);
    }
  }
  for (const RecordedConnection& connection : record.connections) {
    for (const Direction local : {Direction::client, Direction::server}) {
      text += eventsText(record, {.connection = connection.index, .local = local}, 0, count);
    }
  }
  return text;
}

}  // namespace jitrig
