#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/dialect.h"
#include "scenarios/dialogue/dialogue_line.h"

namespace jitrig::dialogue {

/// Who says a line, seen from the code under test.
enum class Role : std::uint8_t {
  underTest,  ///< `<<`: it must say this
  peer,       ///< `>>`: this arrives at it; the dialogue says it
};

/// Where a dialogue did not go as written, and how.
struct DialogueMismatch {
  std::source_location where;
  std::string text;
};

/// Plays a dialogue's lines against the code at the other end of a ByteStream. Used by one task at a time.
class DialoguePlayer {
 public:
  /// `timeout_ms` bounds each line.
  DialoguePlayer(Runtime& runtime, std::unique_ptr<ByteStream> stream, std::shared_ptr<const Dialect> dialect,
                 std::int64_t timeout_ms);

  void add(Role role, DialogueLine line);

  /// Plays the lines that were not played yet. After a mismatch the connection is reset, so that nobody waits
  /// for what will not come, and nothing more is played: each later call gives the same mismatch.
  std::optional<DialogueMismatch> play();

  /// Takes what comes until the stream ends or cancel() is called: everything is too much.
  std::optional<DialogueMismatch> readSurplus();

  /// nullptr: all lines have been played.
  const DialogueLine* nextLine() const { return next_ < lines_.size() ? &lines_[next_].line : nullptr; }
  /// "line 3 of 6: << VM_isClassArray(bool(true))".
  std::string describe(std::size_t index) const;
  std::size_t playedLines() const { return next_; }

  /// Ends what play() and readSurplus() wait for. From any task.
  void cancel() { stream_->cancel(); }

 private:
  struct PlayedBy {
    Role role;
    DialogueLine line;
  };
  using Outcome = std::expected<void, std::string>;

  Outcome checkPlace(const PlayedBy& entry) const;
  Outcome playLine(const PlayedBy& entry);
  Outcome expectLine(const DialogueLine& line);
  Outcome sayLine(const DialogueLine& line);
  Outcome expectMessage(const DialogueLine& line);
  Outcome expectBytes(const std::string& expected);
  Outcome expectEnd(NetErrc how);
  Outcome expectSilence(Duration duration);
  std::expected<Message, std::string> readMessage();
  std::expected<std::optional<Message>, std::string> takeMessage();
  std::expected<Message, std::string> messageToSend(const DialogueLine& line) const;
  std::expected<std::uint16_t, std::string> typeOf(const DialogueLine& line) const;
  std::expected<std::vector<Value>, std::string> defaultsOf(std::uint16_t type) const;
  NetResult<void> readMore(Instant deadline);
  Instant deadline() const;
  std::string textOf(const DialogueLine& line) const;
  std::string textOfInput() const;
  std::string insteadOf(const NetError& error) const;
  DialogueMismatch mismatch(const std::string& what);

  Runtime& runtime_;
  std::unique_ptr<ByteStream> stream_;
  std::shared_ptr<const Dialect> dialect_;
  std::int64_t timeout_ms_;
  std::vector<PlayedBy> lines_;
  std::size_t next_ = 0;
  std::vector<std::byte> input_;           ///< arrived, and not yet taken
  std::optional<std::uint16_t> last_met_;  ///< the type of what came last: what is sent in it is a reply
  std::optional<DialogueMismatch> mismatch_;
};

}  // namespace jitrig::dialogue
