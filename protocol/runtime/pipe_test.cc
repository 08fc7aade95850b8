// What pipe.h promises beyond connection.h, on every Runtime.

#include "protocol/runtime/pipe.h"

#include <atomic>

#include "protocol/runtime/conformance_test.h"

namespace jitrig {
namespace {

class PipeTest : public OnRuntime {
 protected:
  /// Runs the body with a pipe and its two ends.
  void runWithPipe(
      const std::function<void(Runtime&, Connection& writer, std::unique_ptr<Connection> reader)>& body) {
    run([&](Runtime& runtime) {
      auto [writer, reader] = runtime.makePipe("pipe#7");
      body(runtime, *writer, std::move(reader));
    });
  }
};

TEST_P(PipeTest, AWriteEndsWhenAllOfItWasRead) {
  runWithPipe([](Runtime& runtime, Connection& writer, std::unique_ptr<Connection> reader) {
    std::atomic<bool> written = false;
    std::size_t count = 0;
    const auto task = runtime.spawn("writer", [&] {
      count = valueOrThrow(writer.writeSome(bytesOf("0123456789"), kNever));
      written = true;
    });
    EXPECT_EQ(readExactly(runtime, *reader, 4), "0123");
    letOthersWait(runtime);
    EXPECT_FALSE(written);
    EXPECT_EQ(readExactly(runtime, *reader, 6), "456789");
    task->join();
    EXPECT_EQ(count, 10U);
  });
}

TEST_P(PipeTest, AWriteThatNobodyReadsLeavesNothingBehind) {
  runWithPipe([](Runtime& runtime, Connection& writer, std::unique_ptr<Connection> reader) {
    const Instant deadline = runtime.now() + milliseconds(5);
    EXPECT_EQ(errorOf(writer.writeSome(bytesOf("lost"), deadline)), NetErrc::timedOut);
    EXPECT_GE(runtime.now(), deadline);
    const auto task = runtime.spawn("writer", [&] { valueOrThrow(writeAll(writer, "kept", kNever)); });
    EXPECT_EQ(readExactly(runtime, *reader, 4), "kept");
    task->join();
  });
}

TEST_P(PipeTest, AWriteWhosePartWasReadReturnsThePartAtItsDeadline) {
  runWithPipe([](Runtime& runtime, Connection& writer, std::unique_ptr<Connection> reader) {
    const auto task = runtime.spawn("reader", [&] { EXPECT_EQ(readExactly(runtime, *reader, 4), "0123"); });
    // The reader takes its part first, however slow it is: 0 bytes are tried again.
    NetResult<std::size_t> count = writer.writeSome(bytesOf("0123456789"), runtime.now() + milliseconds(20));
    while (!count) count = writer.writeSome(bytesOf("0123456789"), runtime.now() + milliseconds(20));
    task->join();
    EXPECT_EQ(*count, 4U);
    const auto second = runtime.spawn("writer", [&] { valueOrThrow(writeAll(writer, "next", kNever)); });
    EXPECT_EQ(readExactly(runtime, *reader, 4), "next");
    second->join();
  });
}

TEST_P(PipeTest, AWriterWhoseReaderGoesAwayLearnsIt) {
  runWithPipe([](Runtime& runtime, Connection& writer, std::unique_ptr<Connection> reader) {
    NetErrc end = NetErrc::other;
    const auto task = runtime.spawn("writer", [&] { end = errorOf(writer.writeSome(bytesOf("x"), kNever)); });
    waitUntilReady(runtime, *reader);
    reader.reset();
    task->join();
    EXPECT_EQ(end, NetErrc::reset);
  });
}

TEST_P(PipeTest, AWriterWhoseReaderGoesAwayAfterAPartIsToldThePart) {
  runWithPipe([](Runtime& runtime, Connection& writer, std::unique_ptr<Connection> reader) {
    std::size_t count = 0;
    const auto task = runtime.spawn(
        "writer", [&] { count = valueOrThrow(writer.writeSome(bytesOf("0123456789"), kNever)); });
    EXPECT_EQ(readExactly(runtime, *reader, 4), "0123");
    reader.reset();
    task->join();
    EXPECT_EQ(count, 4U);
    EXPECT_EQ(errorOf(writer.writeSome(bytesOf("456789"), kNever)), NetErrc::reset);
  });
}

TEST_P(PipeTest, ResetDropsWhatWasNotRead) {
  runWithPipe([](Runtime& runtime, Connection& writer, std::unique_ptr<Connection> reader) {
    NetErrc end = NetErrc::other;
    const auto task = runtime.spawn("writer", [&] { end = errorOf(writer.writeSome(bytesOf("x"), kNever)); });
    waitUntilReady(runtime, *reader);
    writer.reset();
    EXPECT_EQ(errorOf(readUpTo(*reader, 10, kNever)), NetErrc::reset);
    task->join();
    EXPECT_EQ(end, NetErrc::reset);
  });
}

TEST_P(PipeTest, NothingToWriteAndNoRoomToRead) {
  runWithPipe([](Runtime&, Connection& writer, std::unique_ptr<Connection> reader) {
    EXPECT_EQ(valueOrThrow(writer.writeSome({}, kNever)), 0U);
    EXPECT_EQ(errorOf(reader->readSome({}, kNever)), NetErrc::other);
  });
}

TEST_P(PipeTest, EndsAreNamedAfterThePipe) {
  runWithPipe([](Runtime&, Connection& writer, std::unique_ptr<Connection> reader) {
    EXPECT_EQ(writer.localName(), "pipe#7/a");
    EXPECT_EQ(writer.peerName(), "pipe#7/b");
    EXPECT_EQ(writer.name(), "pipe#7/a");
    EXPECT_EQ(reader->localName(), "pipe#7/b");
    EXPECT_EQ(errorOf(readUpTo(*reader, 1, kAtOnce)), NetErrc::timedOut);
    EXPECT_EQ(readUpTo(*reader, 1, kAtOnce).error().detail, "read pipe#7/b: the deadline passed");
  });
}

INSTANTIATE_TEST_SUITE_P(, PipeTest, testing::ValuesIn(allRuntimes()), nameOfRuntime);

}  // namespace
}  // namespace jitrig
