// What connection.h promises of a Connection, on every Runtime, over sockets and pipes.

#include <atomic>

#include "protocol/runtime/conformance_test.h"

namespace jitrig {
namespace {

class ConnectionConformance : public OverMedium {};

TEST_P(ConnectionConformance, BytesGoBothWays) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const auto server = runtime.spawn("server", [&] {
      const std::string request = readExactly(runtime, *pair.server, 5);
      valueOrThrow(writeAll(*pair.server, request + request, runtime.now() + kTestPatience));
    });
    valueOrThrow(writeAll(*pair.client, "hello", runtime.now() + kTestPatience));
    EXPECT_EQ(readExactly(runtime, *pair.client, 10), "hellohello");
    server->join();
  });
}

TEST_P(ConnectionConformance, LargeTransfersInBothDirectionsAtOnce) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const std::string to_server = patternOf(300'001, 1);
    const std::string to_client = patternOf(300'007, 2);
    const auto send = [&](Connection& connection, const std::string& text) {
      valueOrThrow(writeAll(connection, text, runtime.now() + kTestPatience));
      valueOrThrow(connection.closeWrite());
    };
    const auto client_writer = runtime.spawn("client writer", [&] { send(*pair.client, to_server); });
    const auto server_writer = runtime.spawn("server writer", [&] { send(*pair.server, to_client); });
    Remainder at_server;
    const auto server_reader =
        runtime.spawn("server reader", [&] { at_server = readToEnd(runtime, *pair.server); });
    const Remainder at_client = readToEnd(runtime, *pair.client);
    client_writer->join();
    server_writer->join();
    server_reader->join();
    EXPECT_TRUE(at_client.text == to_client) << at_client.text.size() << " bytes";
    EXPECT_TRUE(at_server.text == to_server) << at_server.text.size() << " bytes";
    EXPECT_EQ(at_client.end, NetErrc::endOfFile);
    EXPECT_EQ(at_server.end, NetErrc::endOfFile);
  });
}

TEST_P(ConnectionConformance, HalfCloseLeavesTheOtherDirectionOpen) {
  run([](Runtime& runtime, ConnectedPair pair) {
    valueOrThrow(pair.client->closeWrite());
    for (int repetition = 0; repetition < 3; ++repetition) {
      EXPECT_EQ(errorOf(readUpTo(*pair.server, 10, runtime.now() + kTestPatience)), NetErrc::endOfFile);
    }
    const auto writer = runtime.spawn(
        "server", [&] { valueOrThrow(writeAll(*pair.server, "answer", runtime.now() + kTestPatience)); });
    EXPECT_EQ(readExactly(runtime, *pair.client, 6), "answer");
    writer->join();
    pair.server.reset();
    EXPECT_EQ(errorOf(readUpTo(*pair.client, 10, runtime.now() + kTestPatience)), NetErrc::endOfFile);
  });
}

TEST_P(ConnectionConformance, TheEndOfFileComesAfterTheLastByte) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const auto writer = runtime.spawn("writer", [&] {
      valueOrThrow(writeAll(*pair.client, "the last bytes", runtime.now() + kTestPatience));
      pair.client.reset();  // closes
    });
    const Remainder remainder = readToEnd(runtime, *pair.server);
    writer->join();
    EXPECT_EQ(remainder.text, "the last bytes");
    EXPECT_EQ(remainder.end, NetErrc::endOfFile);
  });
}

TEST_P(ConnectionConformance, ClosingTheWritingSideTwiceIsNoError) {
  run([](Runtime&, ConnectedPair pair) {
    EXPECT_TRUE(pair.client->closeWrite().has_value());
    EXPECT_TRUE(pair.client->closeWrite().has_value());
  });
}

TEST_P(ConnectionConformance, WritingAfterCloseWriteIsAnError) {
  run([](Runtime& runtime, ConnectedPair pair) {
    valueOrThrow(pair.client->closeWrite());
    const auto result = pair.client->writeSome(bytesOf("x"), runtime.now() + kTestPatience);
    EXPECT_EQ(errorOf(result), NetErrc::other);
    EXPECT_FALSE(result.error().detail.empty());
  });
}

TEST_P(ConnectionConformance, AReadWithoutDataEndsAtItsDeadline) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const Instant deadline = runtime.now() + milliseconds(20);
    const auto result = readUpTo(*pair.server, 10, deadline);
    EXPECT_EQ(errorOf(result), NetErrc::timedOut);
    EXPECT_THAT(result.error().detail, testing::HasSubstr(pair.server->localName()));
    EXPECT_GE(runtime.now(), deadline);

    // It is as usable as before.
    const auto writer = runtime.spawn(
        "writer", [&] { valueOrThrow(writeAll(*pair.client, "late", runtime.now() + kTestPatience)); });
    EXPECT_EQ(readExactly(runtime, *pair.server, 4), "late");
    writer->join();
  });
}

TEST_P(ConnectionConformance, AnAtOnceReadDoesNotWait) {
  run([](Runtime&, ConnectedPair pair) {
    EXPECT_EQ(errorOf(readUpTo(*pair.server, 10, kAtOnce)), NetErrc::timedOut);
  });
}

TEST_P(ConnectionConformance, DataGoBeforeTheDeadline) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const auto writer = runtime.spawn(
        "writer", [&] { valueOrThrow(writeAll(*pair.client, "a", runtime.now() + kTestPatience)); });
    waitUntilReady(runtime, *pair.server);
    EXPECT_EQ(valueOrThrow(readUpTo(*pair.server, 10, kAtOnce)), "a");
    writer->join();
    valueOrThrow(pair.client->closeWrite());
    waitUntilReady(runtime, *pair.server);
    EXPECT_EQ(errorOf(readUpTo(*pair.server, 10, kAtOnce)), NetErrc::endOfFile);
  });
}

TEST_P(ConnectionConformance, AWriterWhosePeerDoesNotReadEndsAtItsDeadline) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const std::string chunk = patternOf(65536, 3);
    std::size_t written = 0;
    Instant deadline = runtime.now() + milliseconds(20);
    NetResult<std::size_t> count = pair.client->writeSome(bytesOf(chunk), deadline);
    while (count) {
      written += *count;
      deadline = runtime.now() + milliseconds(20);
      count = pair.client->writeSome(bytesOf(chunk), deadline);
    }
    EXPECT_EQ(count.error().code, NetErrc::timedOut);
    EXPECT_GE(runtime.now(), deadline);
    // What was reported as written arrives, and nothing else does.
    valueOrThrow(pair.client->closeWrite());
    const Remainder remainder = readToEnd(runtime, *pair.server);
    EXPECT_EQ(remainder.text.size(), written);
    EXPECT_EQ(remainder.end, NetErrc::endOfFile);
  });
}

TEST_P(ConnectionConformance, CancelEndsAReadFromAnotherTask) {
  run([](Runtime& runtime, ConnectedPair pair) {
    NetErrc read_end = NetErrc::other;
    const auto reader =
        runtime.spawn("reader", [&] { read_end = errorOf(readUpTo(*pair.server, 10, kNever)); });
    letOthersWait(runtime);
    pair.server->cancel();
    reader->join();
    EXPECT_EQ(read_end, NetErrc::cancelled);
  });
}

TEST_P(ConnectionConformance, CancelEndsAWriteFromAnotherTask) {
  run([](Runtime& runtime, ConnectedPair pair) {
    NetErrc write_end = NetErrc::other;
    const auto writer = runtime.spawn("writer", [&] {
      const std::string chunk(65536, 'x');
      NetResult<std::size_t> count = 0;
      while (count) count = pair.client->writeSome(bytesOf(chunk), kNever);
      write_end = count.error().code;
    });
    letOthersWait(runtime);
    pair.client->cancel();
    writer->join();
    EXPECT_EQ(write_end, NetErrc::cancelled);
  });
}

TEST_P(ConnectionConformance, CancelEndsAllLaterCallsAndOnlyOnThisSide) {
  run([](Runtime& runtime, ConnectedPair pair) {
    pair.client->cancel();
    pair.client->cancel();
    EXPECT_EQ(errorOf(readUpTo(*pair.client, 10, kNever)), NetErrc::cancelled);
    EXPECT_EQ(errorOf(pair.client->writeSome(bytesOf("x"), kNever)), NetErrc::cancelled);
    EXPECT_EQ(errorOf(pair.client->closeWrite()), NetErrc::cancelled);
    // The peer hears nothing of it until the connection is destroyed.
    EXPECT_EQ(errorOf(readUpTo(*pair.server, 10, runtime.now() + milliseconds(10))), NetErrc::timedOut);
    pair.client.reset();
    EXPECT_EQ(errorOf(readUpTo(*pair.server, 10, runtime.now() + kTestPatience)), NetErrc::endOfFile);
  });
}

TEST_P(ConnectionConformance, ResetReachesThePeer) {
  run([](Runtime& runtime, ConnectedPair pair) {
    pair.client->reset();
    EXPECT_EQ(readToEnd(runtime, *pair.server).end, NetErrc::reset);
    // For good: it must not look like an orderly end afterwards.
    EXPECT_EQ(errorOf(readUpTo(*pair.server, 10, kNever)), NetErrc::reset);
    EXPECT_EQ(errorOf(pair.server->writeSome(bytesOf("x"), kNever)), NetErrc::reset);
    EXPECT_EQ(errorOf(readUpTo(*pair.server, 10, kNever)), NetErrc::reset);
  });
}

TEST_P(ConnectionConformance, ResetEndsTheCallsOfThisSide) {
  run([](Runtime& runtime, ConnectedPair pair) {
    NetErrc read_end = NetErrc::other;
    const auto reader =
        runtime.spawn("reader", [&] { read_end = errorOf(readUpTo(*pair.client, 10, kNever)); });
    letOthersWait(runtime);
    pair.client->reset();
    reader->join();
    EXPECT_EQ(read_end, NetErrc::reset);
    EXPECT_EQ(errorOf(pair.client->writeSome(bytesOf("x"), kNever)), NetErrc::reset);
    EXPECT_EQ(errorOf(pair.client->closeWrite()), NetErrc::reset);
  });
}

TEST_P(ConnectionConformance, ResetEndsAPeerThatWaits) {
  run([](Runtime& runtime, ConnectedPair pair) {
    NetErrc read_end = NetErrc::other;
    NetErrc write_end = NetErrc::other;
    const auto reader = runtime.spawn("reader", [&] { read_end = readToEnd(runtime, *pair.server).end; });
    const auto writer = runtime.spawn("writer", [&] {
      const std::string chunk(65536, 'x');
      NetResult<std::size_t> count = 0;
      while (count) count = pair.server->writeSome(bytesOf(chunk), kNever);
      write_end = count.error().code;
    });
    letOthersWait(runtime);
    pair.client->reset();
    reader->join();
    writer->join();
    EXPECT_EQ(read_end, NetErrc::reset);
    EXPECT_EQ(write_end, NetErrc::reset);
  });
}

TEST_P(ConnectionConformance, WritingToAPeerThatIsGoneEndsWithResetAndWithoutASignal) {
  run([](Runtime& runtime, ConnectedPair pair) {
    pair.client.reset();
    EXPECT_EQ(readToEnd(runtime, *pair.server).end, NetErrc::endOfFile);
    NetResult<std::size_t> count = 0;
    while (count) count = pair.server->writeSome(bytesOf("anybody there?"), runtime.now() + kTestPatience);
    EXPECT_EQ(count.error().code, NetErrc::reset);  // SIGPIPE would have ended the process
  });
}

TEST_P(ConnectionConformance, EachEndKnowsBothNames) {
  run([](Runtime&, ConnectedPair pair) {
    EXPECT_EQ(pair.client->localName(), pair.server->peerName());
    EXPECT_EQ(pair.client->peerName(), pair.server->localName());
    EXPECT_NE(pair.client->localName(), pair.client->peerName());
    EXPECT_THAT(pair.client->name(), testing::HasSubstr(pair.client->localName()));
  });
}

INSTANTIATE_TEST_SUITE_P(, ConnectionConformance,
                         testing::Combine(testing::ValuesIn(allRuntimes()), testing::ValuesIn(allMedia())),
                         nameOfRuntimeAndMedium);

}  // namespace
}  // namespace jitrig
