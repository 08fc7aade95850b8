#include "fakecompiler/parked_streams.h"

#include <array>

#include "fakecompiler/compilation_queue.h"
#include "fakecompiler/fake_compiler_test_support.h"

namespace jitrig::test {
namespace {

/// The server's end of a pipe, and the client's.
struct Pair {
  explicit Pair(Runtime& runtime) {
    auto [near, far] = runtime.makePipe("pipe");
    client = std::make_unique<ConnectionByteStream>(std::move(near));
    server = std::make_unique<ServerStream>(runtime, std::make_unique<ConnectionByteStream>(std::move(far)),
                                            headDialect(), ServerStreamOptions{});
  }

  std::unique_ptr<ByteStream> client;
  std::unique_ptr<ServerStream> server;
};

std::vector<std::byte> goodbye() {
  const Message message(headDialect()->connection_terminate);
  return {message.serialize().begin(), message.serialize().end()};
}

NetErrc readError(ByteStream& stream) {
  std::array<std::byte, 8> buffer{};
  const auto count = stream.readSome(buffer, kNever);
  return count ? NetErrc::other : count.error().code;
}

class ParkedStreamsTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  /// Readable streams go into a queue, silent ones too, into another.
  void run(const std::function<void(Runtime&, ParkedStreams&, CompilationQueue& readable,
                                    CompilationQueue& silent)>& body) {
    GetParam().run([&](Runtime& runtime) {
      CompilationQueue readable(runtime, 1, [] { return true; });
      CompilationQueue silent(runtime, 1, [] { return true; });
      ParkedStreams parked(
          runtime, [&](std::unique_ptr<ServerStream> stream) { readable.push(std::move(stream)); },
          [&](std::unique_ptr<ServerStream> stream) { silent.push(std::move(stream)); });
      body(runtime, parked, readable, silent);
    });
  }
};
INSTANTIATE_TEST_SUITE_P(, ParkedStreamsTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(ParkedStreamsTest, AStreamComesBackWhenItIsReadable) {
  run([](Runtime& runtime, ParkedStreams& parked, CompilationQueue& readable, CompilationQueue&) {
    parked.start();
    Pair first(runtime);
    Pair second(runtime);
    const ServerStream* expected = second.server.get();
    parked.park(std::move(first.server), kNever);
    parked.park(std::move(second.server), kNever);
    EXPECT_EQ(parked.count(), 2U);
    const auto writer =
        runtime.spawn("client", [&] { EXPECT_TRUE(writeAll(*second.client, goodbye(), kNever)); });
    const auto stream = readable.pop().stream;
    EXPECT_EQ(stream.get(), expected);
    EXPECT_THROW(stream->readCompileRequestMessage(), StreamConnectionTerminate);
    writer->join();
    EXPECT_EQ(parked.count(), 1U);
  });
}

TEST_P(ParkedStreamsTest, TheEndOfAStreamIsReadable) {
  run([](Runtime& runtime, ParkedStreams& parked, CompilationQueue& readable, CompilationQueue&) {
    parked.start();
    Pair pair(runtime);
    parked.park(std::move(pair.server), kNever);
    pair.client.reset();
    EXPECT_THROW(readable.pop().stream->readCompileRequestMessage(), StreamFailure);
  });
}

TEST_P(ParkedStreamsTest, ASilentStreamComesBackAtItsDeadline) {
  run([](Runtime& runtime, ParkedStreams& parked, CompilationQueue&, CompilationQueue& silent) {
    parked.start();
    const Instant begin = runtime.now();
    Pair patient(runtime);
    Pair hasty(runtime);
    const ServerStream* expected = hasty.server.get();
    parked.park(std::move(patient.server), kNever);
    parked.park(std::move(hasty.server), begin + std::chrono::milliseconds(10));
    const auto stream = silent.pop().stream;
    EXPECT_EQ(stream.get(), expected);
    EXPECT_GE(runtime.now() - begin, std::chrono::milliseconds(10));
    EXPECT_EQ(parked.count(), 1U);
  });
}

TEST_P(ParkedStreamsTest, BufferedInputIsReadableAtOnce) {
  run([](Runtime& runtime, ParkedStreams& parked, CompilationQueue& readable, CompilationQueue&) {
    Pair pair(runtime);
    // Two messages in one segment: the second waits in the stream, where no Selector sees it.
    std::vector<std::byte> twice = goodbye();
    twice.insert(twice.end(), twice.begin(), twice.begin() + 16);
    const auto writer = runtime.spawn("client", [&] { EXPECT_TRUE(writeAll(*pair.client, twice, kNever)); });
    EXPECT_THROW(pair.server->readCompileRequestMessage(), StreamConnectionTerminate);
    writer->join();
    ASSERT_TRUE(pair.server->hasBufferedInput());
    parked.park(std::move(pair.server), kNever);  // without its task: park() itself hands it over
    EXPECT_EQ(parked.count(), 0U);
    EXPECT_THROW(readable.pop().stream->readCompileRequestMessage(), StreamConnectionTerminate);
  });
}

TEST_P(ParkedStreamsTest, StoppingClosesAll) {
  run([](Runtime& runtime, ParkedStreams& parked, CompilationQueue&, CompilationQueue&) {
    parked.start();
    Pair before(runtime);
    Pair after(runtime);
    parked.park(std::move(before.server), kNever);
    parked.stop();
    parked.stop();  // nothing more to do
    parked.park(std::move(after.server), kNever);
    EXPECT_EQ(parked.count(), 0U);
    EXPECT_EQ(readError(*before.client), NetErrc::endOfFile);
    EXPECT_EQ(readError(*after.client), NetErrc::endOfFile);
  });
}

TEST_P(ParkedStreamsTest, ManyComeAndGo) {
  run([](Runtime& runtime, ParkedStreams& parked, CompilationQueue& readable, CompilationQueue&) {
    parked.start();
    constexpr int kStreams = 100;
    std::vector<Pair> pairs;
    for (int i = 0; i < kStreams; ++i) {
      pairs.emplace_back(runtime);
      parked.park(std::move(pairs.back().server), kNever);
    }
    const auto clients = runtime.spawn("clients", [&] {
      for (Pair& pair : pairs) EXPECT_TRUE(writeAll(*pair.client, goodbye(), kNever));
    });
    for (int i = 0; i < kStreams; ++i) {
      EXPECT_THROW(readable.pop().stream->readCompileRequestMessage(), StreamConnectionTerminate);
    }
    clients->join();
    EXPECT_EQ(parked.count(), 0U);
  });
}

class CompilationQueueTest : public ::testing::TestWithParam<RuntimeUnderTest> {};
INSTANTIATE_TEST_SUITE_P(, CompilationQueueTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(CompilationQueueTest, FirstInFirstOut) {
  GetParam().run([](Runtime& runtime) {
    CompilationQueue queue(runtime, 1, [] { return true; });
    Pair first(runtime);
    Pair second(runtime);
    const ServerStream* expected_first = first.server.get();
    const ServerStream* expected_second = second.server.get();
    queue.push(std::move(first.server));
    queue.push(std::move(second.server));
    EXPECT_EQ(queue.pop().stream.get(), expected_first);
    EXPECT_EQ(queue.pop().stream.get(), expected_second);
  });
}

TEST_P(CompilationQueueTest, PopWaitsForAnEntry) {
  GetParam().run([](Runtime& runtime) {
    CompilationQueue queue(runtime, 1, [] { return true; });
    Pair pair(runtime);
    const auto thread = runtime.spawn("pop", [&] { EXPECT_TRUE(queue.pop().stream); });
    queue.push(std::move(pair.server));
    thread->join();
  });
}

TEST_P(CompilationQueueTest, ClosingDropsEntriesAndWakesAll) {
  GetParam().run([](Runtime& runtime) {
    CompilationQueue queue(runtime, 1, [] { return true; });
    std::vector<std::unique_ptr<Task>> threads;
    Pair queued(runtime);
    Pair late(runtime);
    queue.push(std::move(queued.server));
    queue.close();
    for (int i = 0; i < 3; ++i)
      threads.push_back(runtime.spawn("pop", [&] { EXPECT_FALSE(queue.pop().stream); }));
    for (const auto& thread : threads) thread->join();
    EXPECT_EQ(readError(*queued.client), NetErrc::endOfFile);
    queue.push(std::move(late.server));
    EXPECT_EQ(readError(*late.client), NetErrc::endOfFile);
  });
}

TEST_P(CompilationQueueTest, ClosingEndsAPopThatWaits) {
  GetParam().run([](Runtime& runtime) {
    CompilationQueue queue(runtime, 1, [] { return true; });
    const auto thread = runtime.spawn("pop", [&] { EXPECT_FALSE(queue.pop().stream); });
    queue.close();
    thread->join();
  });
}

}  // namespace
}  // namespace jitrig::test
