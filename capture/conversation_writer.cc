#include "capture/conversation_writer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace jitrig {
namespace {

/// One thing that happens on a connection. `order_ns` places it; of those in the same place, openings come
/// first and ends last, and otherwise it is their own order.
struct Event {
  enum class Kind : std::uint8_t { open, message, close };

  std::int64_t order_ns;
  std::int64_t time_ns;
  Kind kind;
  const ConversationConnection* connection;
  Direction sender = Direction::client;
  const Message* message = nullptr;
  std::size_t sequence = 0;
};

Peer peerOf(Direction sender) {
  return sender == Direction::client ? Peer::initiator : Peer::responder;
}

/// The places of a connection's messages: its opening stands before all of them, an end behind them.
struct Span {
  std::int64_t first_ns = std::numeric_limits<std::int64_t>::max();
  std::array<std::int64_t, 2> last_ns{std::numeric_limits<std::int64_t>::min(),
                                      std::numeric_limits<std::int64_t>::min()};
};

/// Makes the events of one conversation.
class EventList {
 public:
  explicit EventList(const Conversation& conversation) {
    for (const ConversationConnection& connection : conversation.connections) {
      if (connection.kind == ConnectionKind::jitserver) connections_[connection.index] = &connection;
    }
    for (const ConversationMessage& each : conversation.messages) addMessage(each);
    for (const auto& [index, connection] : connections_) addOpeningAndEnds(*connection, spans_[index]);
    for (std::size_t i = 0; i < events_.size(); ++i) events_[i].sequence = i;
    std::ranges::sort(events_, {}, [](const Event& event) {
      return std::tuple(event.order_ns, event.kind, event.sequence);
    });
  }

  const std::vector<Event>& events() const { return events_; }

 private:
  void addMessage(const ConversationMessage& each) {
    const auto connection = connections_.find(each.connection);
    if (connection == connections_.end()) return;
    // The messages keep their order even where a capture's clock stepped back, as between processors.
    latest_ns_ = std::max(latest_ns_, each.time_ns);
    Span& span = spans_[each.connection];
    span.first_ns = std::min(span.first_ns, latest_ns_);
    span.last_ns[static_cast<std::size_t>(each.direction)] = latest_ns_;
    events_.push_back(
        {latest_ns_, each.time_ns, Event::Kind::message, connection->second, each.direction, &each.message});
  }

  void addOpeningAndEnds(const ConversationConnection& connection, const Span& span) {
    const std::int64_t opened_ns = connection.opened_time_ns;
    events_.push_back({std::min(opened_ns, span.first_ns), opened_ns, Event::Kind::open, &connection});
    std::vector<Event> ends;
    for (const Direction sender : {Direction::client, Direction::server}) {
      const ConversationEnd& end = connection.end(sender);
      if (end.how == StreamEnd::open) continue;
      std::int64_t order_ns = std::max(end.time_ns, span.last_ns[static_cast<std::size_t>(sender)]);
      if (end.how == StreamEnd::reset) {  // it ends the other side's stream as well
        order_ns = std::max(order_ns, span.last_ns[static_cast<std::size_t>(otherDirection(sender))]);
      }
      ends.push_back({std::max(order_ns, opened_ns), end.time_ns, Event::Kind::close, &connection, sender});
    }
    if (ends.size() == 2 && ends[1].order_ns < ends[0].order_ns) std::swap(ends[0], ends[1]);
    for (const Event& end : ends) {
      events_.push_back(end);
      if (connection.end(end.sender).how == StreamEnd::reset) break;  // nothing can follow
    }
  }

  std::map<std::uint32_t, const ConversationConnection*> connections_;
  std::map<std::uint32_t, Span> spans_;
  std::int64_t latest_ns_ = std::numeric_limits<std::int64_t>::min();
  std::vector<Event> events_;
};

TrafficSink::Result sayMessage(TrafficSink& sink, const Event& event, const MessageFormat* format) {
  const std::uint32_t connection = event.connection->index;
  if (format == nullptr)
    return sink.data(connection, peerOf(event.sender), event.message->serialize(), event.time_ns);
  return sink.data(connection, peerOf(event.sender), format->encode(*event.message, event.sender),
                   event.time_ns);
}

}  // namespace

TrafficSink::Result playConversation(const Conversation& conversation, TrafficSink& sink,
                                     const MessageFormat* format) {
  const EventList list(conversation);
  for (const Event& event : list.events()) {
    const ConversationConnection& connection = *event.connection;
    TrafficSink::Result result;
    switch (event.kind) {
      case Event::Kind::open:
        result = sink.open(connection.index, connection.client, connection.server, event.time_ns);
        break;
      case Event::Kind::message: result = sayMessage(sink, event, format); break;
      case Event::Kind::close:
        result = sink.close(connection.index, peerOf(event.sender), connection.end(event.sender).how,
                            event.time_ns);
        break;
    }
    if (!result) return result;
  }
  return {};
}

std::expected<void, std::string> writeConversation(const std::string& path, const Conversation& conversation,
                                                   const PcapWriterOptions& options,
                                                   const MessageFormat* format) {
  PcapWriterOptions with_start = options;
  with_start.start_time_ns = conversation.start_time_ns;
  auto writer = PcapWriter::create(path, with_start);
  if (!writer) return std::unexpected(writer.error());
  if (auto played = playConversation(conversation, *writer, format); !played) return played;
  return writer->flush();
}

}  // namespace jitrig
