#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "protocol/stream/communication_stream.h"

namespace jitrig {

/// The steps of a conversation at which a peer can misbehave: those of a client, then those of a server.
/// Where nothing is said to be due, a correct peer does nothing there.
enum class ConversationStep : std::uint8_t {
  connected,       ///< a connection has come about; nothing is due
  request,         ///< the compilationRequest is due
  reply,           ///< the answer to a query is due
  finalRead,       ///< the final message has been read; nothing is due
  goodbye,         ///< connectionTerminate is due
  sessionGoodbye,  ///< clientSessionTerminate is due, alone on a connection
  accepted,        ///< a connection was accepted, the request not read yet; nothing is due
  requestRead,     ///< the request has been read; nothing is due
  query,           ///< a query is due
  replyRead,       ///< the answer has been read; nothing is due
  finalMessage,    ///< the message that ends the compilation is due
  parking,         ///< it has been sent; nothing is due
};

/// One step of one conversation.
struct ConversationTurn {
  ConversationStep step = ConversationStep::connected;
  std::uint64_t compilation = 0;                   ///< the persona's n-th, from 1; 0: it belongs to none
  std::uint64_t index = 0;                         ///< of the query in its compilation, from 0
  std::vector<std::string>* misbehaved = nullptr;  ///< gets the names of misbehaviours; may be null
};

/// How a peer takes its turns: this one correctly. A peer that misbehaves has another. Thread-safe.
class Conduct {
 public:
  Conduct() = default;
  Conduct(const Conduct&) = delete;
  Conduct& operator=(const Conduct&) = delete;
  virtual ~Conduct() = default;

  /// `message`, which is whole, is due. Throws as CommunicationStream's writes do.
  virtual void write(CommunicationStream& stream, std::span<const std::byte> message,
                     const ConversationTurn& turn) {
    static_cast<void>(turn);
    stream.writeEncoded(message);
  }

  /// Nothing is due.
  virtual void pass(CommunicationStream& stream, const ConversationTurn& turn) {
    static_cast<void>(stream);
    static_cast<void>(turn);
  }

  /// Whether it does anything at that step that is not correct.
  virtual bool actsAt(ConversationStep step) const {
    static_cast<void>(step);
    return false;
  }

  /// Ends all waiting of write() and pass(), now and later. From any task.
  virtual void stop() {}
};

/// The one that does everything right.
Conduct& correctConduct();

}  // namespace jitrig
