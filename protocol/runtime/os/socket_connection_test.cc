// TCP's own ways to end: what the kernel says once only, and in which order.

#include "protocol/runtime/os/socket_connection.h"

#include <sys/socket.h>

#include "protocol/runtime/conformance_test.h"
#include "protocol/runtime/os/operating_system_runtime.h"
#include "protocol/runtime/os/socket_address.h"
#include "protocol/runtime/os/socket_connect.h"

namespace jitrig {
namespace {

class SocketConnectionTest : public testing::Test {
 protected:
  OperatingSystemRuntime runtime_;
  ConnectedPair pair_ = connectThroughPort(runtime_);

  Instant soon() { return runtime_.now() + kTestPatience; }

  /// The server's kernel has what the client sent, or the end of the connection.
  void waitForServer() { waitUntilReady(runtime_, *pair_.server); }
};

TEST_F(SocketConnectionTest, DataThatTheKernelHasComeBeforeTheReset) {
  valueOrThrow(writeAll(*pair_.client, "abc", soon()));
  waitForServer();
  pair_.client->reset();
  const Remainder remainder = readToEnd(runtime_, *pair_.server);
  EXPECT_EQ(remainder.text, "abc");
  EXPECT_EQ(remainder.end, NetErrc::reset);
  EXPECT_EQ(errorOf(readUpTo(*pair_.server, 10, kNever)), NetErrc::reset);
}

TEST_F(SocketConnectionTest, AResetThatAWriteSawFirstIsNoEndOfFileForReads) {
  valueOrThrow(writeAll(*pair_.client, "abc", soon()));
  waitForServer();
  pair_.client->reset();
  NetResult<std::size_t> written = 0;
  while (written) written = pair_.server->writeSome(bytesOf("x"), soon());  // takes the kernel's error away
  EXPECT_EQ(written.error().code, NetErrc::reset);
  const Remainder remainder = readToEnd(runtime_, *pair_.server);
  EXPECT_EQ(remainder.text, "abc");
  EXPECT_EQ(remainder.end, NetErrc::reset);
}

TEST_F(SocketConnectionTest, AnOrderlyEndStaysOneForReadsThoughWritesFail) {
  valueOrThrow(writeAll(*pair_.client, "abc", soon()));
  pair_.client.reset();  // closes; what is written now is answered with a reset
  NetResult<std::size_t> written = 0;
  while (written) written = pair_.server->writeSome(bytesOf("x"), soon());
  EXPECT_EQ(written.error().code, NetErrc::reset);
  EXPECT_THAT(written.error().detail, testing::AnyOf(testing::HasSubstr("Broken pipe"),
                                                     testing::HasSubstr("Connection reset by peer")));
  EXPECT_EQ(readToEnd(runtime_, *pair_.server).text, "abc");
}

TEST_F(SocketConnectionTest, APeerThatClosesWithUnreadDataResets) {
  valueOrThrow(writeAll(*pair_.server, "never read", soon()));
  waitUntilReady(runtime_, *pair_.client);
  pair_.client.reset();
  EXPECT_EQ(readToEnd(runtime_, *pair_.server).end, NetErrc::reset);
}

TEST_F(SocketConnectionTest, CancelGoesBeforeDataAndReset) {
  valueOrThrow(writeAll(*pair_.client, "abc", soon()));
  waitForServer();
  pair_.server->reset();
  pair_.server->cancel();
  EXPECT_EQ(errorOf(readUpTo(*pair_.server, 10, kNever)), NetErrc::cancelled);
}

TEST_F(SocketConnectionTest, AResetIsSentAtOnceThoughTheConnectionLivesOn) {
  pair_.client->reset();
  pair_.client->reset();
  EXPECT_EQ(readToEnd(runtime_, *pair_.server).end, NetErrc::reset);
  EXPECT_EQ(errorOf(readUpTo(*pair_.client, 10, kNever)), NetErrc::reset);
}

TEST_F(SocketConnectionTest, CancellingAReaderInTheKernelIsNoWordToThePeer) {
  NetErrc read_end = NetErrc::other;
  const auto reader =
      runtime_.spawn("reader", [&] { read_end = errorOf(readUpTo(*pair_.server, 10, soon())); });
  letOthersWait(runtime_);
  pair_.server->cancel();
  reader->join();
  EXPECT_EQ(read_end, NetErrc::cancelled);
  EXPECT_EQ(errorOf(readUpTo(*pair_.client, 10, kAtOnce)), NetErrc::timedOut);
  valueOrThrow(writeAll(*pair_.client, "never read", soon()));
  EXPECT_EQ(errorOf(readUpTo(*pair_.client, 10, runtime_.now() + milliseconds(5))), NetErrc::timedOut);
}

TEST_F(SocketConnectionTest, AResetWhileAReaderIsInTheKernelIsSent) {
  NetErrc read_end = NetErrc::other;
  const auto reader =
      runtime_.spawn("reader", [&] { read_end = errorOf(readUpTo(*pair_.server, 10, soon())); });
  letOthersWait(runtime_);
  pair_.server->reset();
  EXPECT_EQ(readToEnd(runtime_, *pair_.client).end, NetErrc::reset);
  reader->join();
  EXPECT_EQ(read_end, NetErrc::reset);
}

// What the socket's own limit leaves of the time is waited for, and not more.
TEST_F(SocketConnectionTest, AReadLastsUntilItsDeadlineWhateverDeadlinesWereBefore) {
  for (const auto length : {milliseconds(50), milliseconds(1), milliseconds(70), milliseconds(30)}) {
    const Instant deadline = runtime_.now() + length;
    EXPECT_EQ(errorOf(readUpTo(*pair_.server, 10, deadline)), NetErrc::timedOut);
    EXPECT_GE(runtime_.now(), deadline);
  }
  const auto writer = runtime_.spawn("writer", [&] {
    runtime_.sleepUntil(runtime_.now() + milliseconds(40));  // longer than the socket's limit is by now
    valueOrThrow(writeAll(*pair_.client, "late", soon()));
  });
  EXPECT_EQ(valueOrThrow(readUpTo(*pair_.server, 10, soon())), "late");
  writer->join();
}

TEST_F(SocketConnectionTest, NothingToWriteAndNoRoomToRead) {
  EXPECT_EQ(valueOrThrow(pair_.client->writeSome({}, kNever)), 0U);
  EXPECT_EQ(errorOf(pair_.client->readSome({}, kNever)), NetErrc::other);
}

TEST_F(SocketConnectionTest, ErrorsNameTheConnection) {
  EXPECT_EQ(
      readUpTo(*pair_.client, 1, kAtOnce).error().detail,
      "read " + pair_.client->localName() + " -> " + pair_.client->peerName() + ": the deadline passed");
}

TEST(TakeConnected, ASocketThatHasReachedItselfIsRefused) {
  const SystemClock clock;
  TaskRegistry tasks;
  Descriptor descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  SocketAddress address = resolve({"127.0.0.1", 0})->front();
  ASSERT_EQ(bind(descriptor.number(), address.get(), address.size), 0);
  address = localAddress(descriptor.number());
  ASSERT_EQ(connect(descriptor.number(), address.get(), address.size), 0);
  const auto connection = takeConnected({clock, tasks}, std::move(descriptor), "connect to itself");
  EXPECT_EQ(errorOf(connection), NetErrc::refused);
  EXPECT_EQ(connection.error().detail,
            "connect to itself: nobody listens there (the socket had reached itself)");
}

TEST(TakeConnected, ASocketWhosePeerIsGoneAlreadyIsReset) {
  const SystemClock clock;
  TaskRegistry tasks;
  Descriptor unconnected(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(errorOf(takeConnected({clock, tasks}, std::move(unconnected), "connect")), NetErrc::reset);
}

/// Cancels at all moments of a read and a write, with TSan and ASan as witnesses.
TEST_F(SocketConnectionTest, CancelAtAnyMoment) {
  for (int round = 0; round < 100; ++round) {
    ConnectedPair pair = connectThroughPort(runtime_);
    const auto reader = runtime_.spawn("reader", [&] {
      EXPECT_EQ(readToEnd(runtime_, *pair.server).end, round % 2 == 0 ? NetErrc::cancelled : NetErrc::reset);
    });
    const auto writer = runtime_.spawn("writer", [&] {
      NetResult<std::size_t> count = 0;
      while (count) count = pair.server->writeSome(bytesOf("some text"), kNever);
      EXPECT_EQ(count.error().code, round % 2 == 0 ? NetErrc::cancelled : NetErrc::reset);
    });
    if (round % 4 < 2) valueOrThrow(writeAll(*pair.client, "first", soon()));
    if (round % 2 == 0) {
      pair.server->cancel();
    } else {
      pair.server->reset();
    }
    reader->join();
    writer->join();
  }
}

}  // namespace
}  // namespace jitrig
