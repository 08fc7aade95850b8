#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/conversation.h"
#include "capture/message_comparison.h"
#include "protocol/stream/communication_stream.h"

namespace jitrig {

/// What a replay came to. Without differences the peer did what was recorded, message by message.
struct ReplayReport {
  std::uint64_t messages_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t connections = 0;
  /// Where the peer did not do what was recorded. A connection is not replayed further after the first.
  std::vector<std::string> differences;
  /// Where the recorded peer stopped although it was its turn: the replay ends there, the peer would go on.
  std::vector<std::string> notes;
};

/// Plays the client side of a recording: sends the recorded messages, byte for byte, and compares what comes
/// back. The messages of all connections are played in the order in which they were recorded, by one task.
class ClientReplay {
 public:
  using Connect = std::function<std::unique_ptr<ByteStream>()>;

  /// `connect` makes a new connection to the server, or throws StreamFailure. All references must outlive it.
  ClientReplay(Runtime& runtime, const Conversation& conversation, std::shared_ptr<const Dialect> dialect,
               const StreamOptions& stream_options, const ComparisonRules& rules, Connect connect);
  ~ClientReplay();

  /// Throws StreamFailure (Cause::connect) if a connection cannot be had.
  ReplayReport run();

 private:
  class ReplayStream;

  struct Playing {
    std::unique_ptr<ReplayStream> stream;  ///< nullptr: given up after a difference
    std::size_t remaining = 0;             ///< recorded messages still to play
    bool opened = false;
    std::uint64_t position = 0;  ///< played messages, for texts
  };

  void play(const ConversationMessage& recorded, Playing& connection);
  void open(Playing& connection);
  void receive(const ConversationMessage& recorded, Playing& connection);
  void endConnection(const ConversationMessage& last, Playing& connection);
  void noteDefectiveEnd(const ConversationMessage& last);

  Runtime& runtime_;
  const Conversation& conversation_;
  std::shared_ptr<const Dialect> dialect_;
  StreamOptions stream_options_;
  ComparisonRules rules_;
  Connect connect_;
  ReplayReport report_;
};

}  // namespace jitrig
