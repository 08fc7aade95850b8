#include "capture/capture_log.h"

#include <fmt/format.h>

namespace jitrig {

PacketStamp CaptureLog::nextStamp(std::int64_t time_ns) {
  return {time_ns, ++file_.packets};
}

CapturedConnection* CaptureLog::find(std::uint32_t connection) {
  const auto found = index_by_connection_.find(connection);
  return found == index_by_connection_.end() ? nullptr : &file_.connections[found->second];
}

TrafficSink::Result CaptureLog::open(std::uint32_t connection, const TcpAddress& initiator,
                                     const TcpAddress& responder, std::int64_t time_ns) {
  CapturedConnection opened;
  opened.index = static_cast<std::uint32_t>(file_.connections.size());
  opened.initiator = initiator;
  opened.responder = responder;
  opened.first_packet = nextStamp(time_ns);
  opened.had_syn = true;
  opened.has_start = {true, true};
  index_by_connection_[connection] = opened.index;
  file_.connections.push_back(std::move(opened));
  return {};
}

TrafficSink::Result CaptureLog::data(std::uint32_t connection, Peer sender, std::span<const std::byte> bytes,
                                     std::int64_t time_ns) {
  CapturedConnection* known = find(connection);
  if (known == nullptr) return std::unexpected(fmt::format("connection {} was not opened", connection));
  std::uint64_t& sent = sent_bytes_[known->index][static_cast<std::size_t>(sender)];
  known->chunks.push_back({.sender = sender,
                           .offset = sent,
                           .lost_before = 0,
                           .stamp = nextStamp(time_ns),
                           .bytes = std::vector<std::byte>(bytes.begin(), bytes.end())});
  sent += bytes.size();
  return {};
}

TrafficSink::Result CaptureLog::close(std::uint32_t connection, Peer sender, StreamEnd how,
                                      std::int64_t time_ns) {
  CapturedConnection* known = find(connection);
  if (known == nullptr) return std::unexpected(fmt::format("connection {} was not opened", connection));
  CapturedEnd& end = known->ends[static_cast<std::size_t>(sender)];
  if (end.how == StreamEnd::open) end = {how, nextStamp(time_ns)};
  return {};
}

}  // namespace jitrig
