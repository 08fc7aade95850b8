#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/conduct.h"
#include "protocol/stream/misbehaviour.h"

namespace jitrig {

class Misconduct;

/// What a misbehaviour has in its hands: one turn of one conversation. `due` is what a correct peer would
/// write now, whole and encoded; empty where nothing is due.
class Misstep {
 public:
  Misstep(Misconduct& conduct, CommunicationStream& stream, std::span<const std::byte> due,
          const ConversationTurn& turn, std::string_view name);

  /// The conversation's.
  CommunicationStream& stream() { return stream_; }
  const Dialect& dialect() const { return stream_.dialect(); }
  /// As a message, whatever the dialect's format.
  std::span<const std::byte> due() const { return due_; }
  /// The same as it would be written.
  std::span<const std::byte> frame() const { return frame_; }
  const ConversationTurn& turn() const { return turn_; }

  /// In one write: messages, of which frames are made where the dialect has a format of its own, or bytes
  /// that are none.
  void send(std::span<const std::byte> bytes);
  /// As they are.
  void sendBytes(std::span<const std::byte> bytes) { stream_.writeEncoded(bytes); }
  /// What a correct peer would send.
  void sendDue() { sendBytes(frame_); }
  /// In pieces of that many bytes, each in a write of its own.
  void sendInPieces(std::span<const std::byte> bytes, std::size_t piece_bytes);

  /// Waits, unless the persona is stopped: then it throws.
  void pause(Duration duration);
  /// The time that this peer gives a message; the other one may have another.
  Duration timeout() const;
  /// Waits twice as long as the timeout, and then gives up.
  [[noreturn]] void staySilent();

  /// The peer reads the end of the stream; this side goes on reading.
  void closeWrite();
  /// The stream is of no more use: the persona closes it, and its compilation is terminated.
  [[noreturn]] void close();
  [[noreturn]] void reset();

 private:
  Misconduct& conduct_;
  CommunicationStream& stream_;
  std::span<const std::byte> frame_;
  Message decoded_;  ///< of frame_, where it is not its bytes
  std::span<const std::byte> due_;
  const ConversationTurn& turn_;
  std::string_view name_;
};

/// An entry of a persona's table of misbehaviours.
struct Misbehaviour {
  MisbehaviourInfo info;
  ConversationStep step = ConversationStep::connected;
  /// Sends what is due, if it is to be sent. StreamFailure: the stream is of no more use.
  void (*act)(Misstep& misstep) = nullptr;
};

/// Everything correctly, except for the misbehaviours that it was given. At steps that come once per query,
/// only the first query of a compilation is concerned.
class Misconduct final : public Conduct {
 public:
  /// `specs` have been checked against `table`, which must outlive it.
  Misconduct(Runtime& runtime, std::span<const MisbehaviourSpec> specs, std::span<const Misbehaviour> table);

  void write(CommunicationStream& stream, std::span<const std::byte> message,
             const ConversationTurn& turn) override;
  void pass(CommunicationStream& stream, const ConversationTurn& turn) override;
  bool actsAt(ConversationStep step) const override;
  void stop() override;

 private:
  friend class Misstep;

  struct Chosen {
    const Misbehaviour* misbehaviour = nullptr;
    std::optional<std::uint64_t> compilation;
  };

  const Misbehaviour* find(const ConversationTurn& turn) const;
  void act(const Misbehaviour& misbehaviour, CommunicationStream& stream, std::span<const std::byte> due,
           const ConversationTurn& turn);
  /// False: stopped.
  bool sleepUntil(Instant instant);

  std::vector<Chosen> chosen_;
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> changed_;
  bool stopped_ = false;
};

/// The Conduct of a persona with these options. std::invalid_argument: a name that is not in the table.
std::unique_ptr<Conduct> makeConduct(Runtime& runtime, std::span<const MisbehaviourSpec> specs,
                                     std::span<const Misbehaviour> table);

/// The entries' info.
std::vector<MisbehaviourInfo> misbehaviourInfos(std::span<const Misbehaviour> table);

}  // namespace jitrig
