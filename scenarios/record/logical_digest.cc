#include <span>

#include "scenarios/record/run_record.h"
#include "scenarios/record/stream_hash.h"

namespace jitrig {
namespace {

void addText(StreamHash& hash, const std::string& text) {
  hash.add(text.size());
  hash.add(std::as_bytes(std::span(text)));
}

void addLane(StreamHash& hash, const RecordedLane& lane) {
  hash.add(lane.bytes);
  for (const RecordedFrame& frame : lane.frames) {
    hash.add(frame.hash);
    hash.add(std::uint64_t{frame.size_bytes} << 16U | frame.type);
  }
}

/// Who is on the other side of a connection, and when, is left out: ports and clocks are not what was said.
std::uint64_t digestOf(const RecordedConnection& connection) {
  StreamHash hash;
  for (const auto& end : connection.ends) {
    hash.add(end.has_value() ? 1U : 0U);
    if (!end) continue;
    addLane(hash, end->written);
    addLane(hash, end->read);
  }
  for (const Delivery& delivery : connection.deliveries) {
    if (delivery.difference) hash.add(delivery.difference->offset << 8U | delivery.difference->received);
  }
  return hash.value();
}

std::uint64_t digestOf(const VMRecord& vm, const CompilationReport& report) {
  StreamHash hash;
  addText(hash, vm.name);
  hash.add(report.number);
  addText(hash, report.method);
  hash.add(static_cast<std::uint64_t>(report.result));
  hash.add(report.queries);
  hash.add(report.status.value_or(~0U));
  hash.add(report.code_size_bytes);
  if (report.attempt != 1 || report.tried_again) hash.add(report.attempt);
  return hash.value();
}

std::uint64_t digestOf(const ServerRecord& server, const ServerCompilationReport& report) {
  StreamHash hash;
  addText(hash, server.name);
  hash.add(report.client_uid);
  addText(hash, report.script);
  hash.add(static_cast<std::uint64_t>(report.outcome));
  hash.add(report.queries);
  hash.add(report.as_asked ? 1U : 0U);
  return hash.value();
}

}  // namespace

/// Sums: the operating system decides in which order connections and compilations come about.
std::uint64_t RunRecord::logicalDigest() const {
  std::uint64_t messages = 0;
  std::uint64_t results = 0;
  for (const RecordedConnection& connection : connections) messages += digestOf(connection);
  for (const VMRecord& vm : vms) {
    for (const auto& told : vm.reports) results += digestOf(vm, told.report);
  }
  for (const ServerRecord& server : servers) {
    for (const auto& told : server.reports) results += digestOf(server, told.report);
  }
  StreamHash hash;
  hash.add(static_cast<std::uint64_t>(outcome));
  hash.add(messages);
  hash.add(results);
  return hash.value();
}

}  // namespace jitrig
