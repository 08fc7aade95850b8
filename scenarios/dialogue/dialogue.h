#pragma once

#include <cstdint>
#include <exception>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <utility>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/dialect.h"
#include "scenarios/dialogue/dialogue_line.h"
#include "scenarios/dialogue/dialogue_player.h"

namespace jitrig::dialogue {

/// A conversation with the code under test, written down as it is to go: `<<` is what the code must say, `>>`
/// what arrives at it. For GoogleTest: a mismatch is a failure at the line of the dialogue, with the
/// difference; so is a dialogue that is not played to its end.
///
///   Placeholder<std::uint64_t> uid("client UID");
///   Dialogue dialogue(runtime, dialect);                  // the code under test is a client
///   dialogue << message("compilationRequest", uid, kTheRest)
///            >> message("VM_isClassArray", clazz)
///            << message("VM_isClassArray", false)
///            >> message("compilationCode", "\x90\xc3", kTheRest);
///   dialogue.begin();
///   ClientStream client(runtime, dialogue.codesEnd(), dialect, {});
///   … what is tested
///   EXPECT_TRUE(dialogue.end());
///
/// Where the code under test runs in tasks of its own (a FakeCompiler), play() does it in the test's.
class Dialogue {
 public:
  /// How long each line may take.
  static constexpr std::int64_t kTimeoutMs = 30'000;

  /// Over a pipe of its own: codesEnd() is for the code under test.
  Dialogue(Runtime& runtime, std::shared_ptr<const Dialect> dialect,
           std::source_location where = std::source_location::current())
      : Dialogue(runtime, runtime.makePipe("dialogue"), std::move(dialect), where) {}

  /// `stream` is the other end of a connection to the code under test.
  Dialogue(Runtime& runtime, std::unique_ptr<ByteStream> stream, std::shared_ptr<const Dialect> dialect,
           std::source_location where = std::source_location::current())
      : runtime_(runtime),
        player_(runtime, std::move(stream), std::move(dialect), kTimeoutMs),
        mutex_(runtime.makeMutex("dialogue")),
        played_(runtime.makeCondition("dialogue")),
        where_(where) {}

  Dialogue(const Dialogue&) = delete;
  Dialogue& operator=(const Dialogue&) = delete;

  /// Fails if a line was not played. Not while an exception passes: then that says what is wrong.
  ~Dialogue() {
    if (task_) static_cast<void>(end());
    const DialogueLine* next = player_.nextLine();
    if (next == nullptr || reported_ || std::uncaught_exceptions() != exceptions_) return;
    reportAt(next->where, "this dialogue was never played to its end, only up to " +
                              player_.describe(player_.playedLines()));
  }

  /// The code under test must say this.
  Dialogue& operator<<(DialogueLine line) {
    player_.add(Role::underTest, std::move(line));
    return *this;
  }
  /// This arrives at the code under test.
  Dialogue& operator>>(DialogueLine line) {
    player_.add(Role::peer, std::move(line));
    return *this;
  }

  /// The other end of the pipe. Once.
  std::unique_ptr<ByteStream> codesEnd() { return std::move(codes_end_); }

  /// Plays all lines up to here, in this task; more may be added and played afterwards. False after a
  /// mismatch, which has been reported then.
  bool play() { return report(player_.play()); }

  /// Plays all lines in a task of its own, until end(). Once, and no play() besides.
  void begin() {
    task_ = runtime_.spawn("dialogue", [this] {
      auto mismatch = player_.play();
      {
        const Lock lock(*mutex_);
        lines_done_ = true;
        played_->notifyAll();
      }
      if (!mismatch) mismatch = player_.readSurplus();
      mismatch_ = std::move(mismatch);
    });
  }

  /// Waits until all lines are played, and takes what the code under test has said beyond them for a
  /// mismatch. False after one, which has been reported then.
  bool end() {
    {
      Lock lock(*mutex_);
      played_->wait(lock, kNever, [this] { return lines_done_; });
    }
    player_.cancel();
    std::exchange(task_, nullptr)->join();
    return report(std::exchange(mismatch_, std::nullopt));
  }

 private:
  Dialogue(Runtime& runtime, std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> pipe,
           std::shared_ptr<const Dialect> dialect, std::source_location where)
      : Dialogue(runtime, std::make_unique<ConnectionByteStream>(std::move(pipe.second)), std::move(dialect),
                 where) {
    codes_end_ = std::make_unique<ConnectionByteStream>(std::move(pipe.first));
  }

  bool report(const std::optional<DialogueMismatch>& mismatch) {
    if (mismatch && !reported_) reportAt(mismatch->where, mismatch->text);
    return !mismatch;
  }

  void reportAt(const std::source_location& line, const std::string& text) {
    reported_ = true;
    ADD_FAILURE_AT(line.file_name(), static_cast<int>(line.line()))
        << text << "\nThe dialogue begins at " << where_.file_name() << ':' << where_.line();
  }

  Runtime& runtime_;
  std::unique_ptr<ByteStream> codes_end_;
  DialoguePlayer player_;
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> played_;
  std::source_location where_;
  int exceptions_ = std::uncaught_exceptions();
  bool reported_ = false;
  bool lines_done_ = false;                   ///< guarded by mutex_
  std::optional<DialogueMismatch> mismatch_;  ///< the task's, until it is joined
  std::unique_ptr<Task> task_;
};

}  // namespace jitrig::dialogue
