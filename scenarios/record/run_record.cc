#include "scenarios/record/run_record.h"

namespace jitrig {

std::string RecordedConnection::name() const {
  const auto& client = end(Direction::client);
  if (client) return client->name;
  const auto& server = end(Direction::server);
  return server ? server->name : std::string("unknown");
}

std::uint64_t RunRecord::messageCount() const {
  std::uint64_t count = 0;
  for (const RecordedConnection& connection : connections) {
    for (const auto& end : connection.ends) {
      if (end) count += end->read.frames.size();
    }
  }
  return count;
}

const RecordedEnd* RunRecord::endOf(EndReference reference) const {
  if (reference.connection >= connections.size()) return nullptr;
  const auto& end = connections[reference.connection].end(reference.local);
  return end ? &*end : nullptr;
}

}  // namespace jitrig
