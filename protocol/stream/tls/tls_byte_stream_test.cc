#include "protocol/stream/tls/tls_byte_stream.h"

#include <array>

#include "protocol/stream/tls/tls_test.h"

namespace jitrig {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

/// Text in which no two places look alike to a reader that is off by some bytes.
std::string patternOf(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& character : text) {
    state = state * 1'664'525 + 1'013'904'223;
    character = static_cast<char>(state >> 24U);
  }
  return text;
}

class TlsByteStreamTest : public OverEveryCarrier {};
JITRIG_OVER_EVERY_CARRIER(TlsByteStreamTest);

TEST_P(TlsByteStreamTest, CarriesBytesBothWaysAndEndsInOrder) {
  run([](Runtime& runtime, StreamPair pair) {
    TlsPair tls = connected(runtime, testContexts(runtime), std::move(pair));
    EXPECT_EQ(tls.clientStream().session().version, TlsVersion::tls1_3);
    EXPECT_EQ(tls.clientStream().session().cipher, "TLS_AES_256_GCM_SHA384");
    EXPECT_FALSE(tls.clientStream().session().resumed);
    EXPECT_EQ(tls.clientStream().localName(), tls.serverStream().peerName());

    const auto server = runtime.spawn("server", [&] {
      ByteStream& stream = tls.serverStream();
      writeText(runtime, stream, "to " + readText(runtime, stream, 4));
      const NetError end = readError(stream, patience(runtime));
      EXPECT_EQ(end.code, NetErrc::endOfFile);
      EXPECT_THAT(end.detail, EndsWith(": the peer ended TLS with close_notify"));
      EXPECT_EQ(readError(stream, patience(runtime)).code, NetErrc::endOfFile) << "every time";
      EXPECT_EQ(stream.buffered(), 1U) << "the end is to be read, not to be waited for";
      writeText(runtime, stream, "still open this way");
    });
    writeText(runtime, tls.clientStream(), "ping");
    EXPECT_EQ(readText(runtime, tls.clientStream(), 7), "to ping");
    valueOrThrow(tls.clientStream().closeWrite());
    valueOrThrow(tls.clientStream().closeWrite());
    const auto late = tls.clientStream().writeSome(std::as_bytes(std::span("x")), patience(runtime));
    EXPECT_EQ(late.error().code, NetErrc::other);
    EXPECT_THAT(late.error().detail, EndsWith(": after closeWrite"));
    EXPECT_EQ(readText(runtime, tls.clientStream(), 19), "still open this way");
    server->join();
  });
}

TEST_P(TlsByteStreamTest, CarriesMessagesOfAllSizesHoweverTheyAreCut) {
  run([](Runtime& runtime, StreamPair pair) {
    WatchedPair watches;
    TlsPair tls = connected(runtime, testContexts(runtime), watches.watched(std::move(pair)));
    std::vector<std::size_t> sizes{1000, 4095, 4096, 16383, 16384, 16385, 32768, 65535, 65536, 65537, 70000};
    for (std::size_t size = 1; size <= 300; size += 1) sizes.push_back(size);
    for (const std::optional<std::size_t> at_a_time :
         {std::optional<std::size_t>(), std::optional<std::size_t>(1), std::optional<std::size_t>(1000)}) {
      watches.client.at_a_time = at_a_time;
      watches.server.at_a_time = at_a_time;
      const auto echo = runtime.spawn("echo", [&] {
        for (const std::size_t size : sizes) {
          if (at_a_time == 1U && size > 5000) continue;
          writeText(runtime, tls.serverStream(), readText(runtime, tls.serverStream(), size));
        }
      });
      for (const std::size_t size : sizes) {
        if (at_a_time == 1U && size > 5000) continue;
        const std::string text = patternOf(size);
        writeText(runtime, tls.clientStream(), text);
        ASSERT_TRUE(readText(runtime, tls.clientStream(), size) == text) << size << " bytes";
      }
      echo->join();
      EXPECT_EQ(tls.clientStream().buffered(), 0U);
    }
  });
}

TEST_P(TlsByteStreamTest, OneReaderBesideOneWriterOnBothSides) {
  run([](Runtime& runtime, StreamPair pair) {
    TlsPair tls = connected(runtime, testContexts(runtime), std::move(pair));
    const std::string text = patternOf(200'000);
    const auto client_writer =
        runtime.spawn("client writes", [&] { writeText(runtime, tls.clientStream(), text); });
    const auto server_writer =
        runtime.spawn("server writes", [&] { writeText(runtime, tls.serverStream(), text); });
    const auto server_reader = runtime.spawn(
        "server reads", [&] { EXPECT_TRUE(readText(runtime, tls.serverStream(), text.size()) == text); });
    EXPECT_TRUE(readText(runtime, tls.clientStream(), text.size()) == text);
    for (Task* task : {client_writer.get(), server_writer.get(), server_reader.get()}) task->join();
  });
}

TEST_P(TlsByteStreamTest, WhatAShortReadLeavesIsBuffered) {
  run([](Runtime& runtime, StreamPair pair) {
    TlsPair tls = connected(runtime, testContexts(runtime), std::move(pair));
    const auto writer =
        runtime.spawn("writer", [&] { writeText(runtime, tls.serverStream(), "twelve bytes"); });
    EXPECT_EQ(tls.clientStream().buffered(), 0U);
    EXPECT_EQ(readText(runtime, tls.clientStream(), 5), "twelv");
    EXPECT_EQ(tls.clientStream().buffered(), 7U);
    EXPECT_EQ(readText(runtime, tls.clientStream(), 7), "e bytes");
    EXPECT_EQ(tls.clientStream().buffered(), 0U);
    writer->join();
  });
}

TEST_P(TlsByteStreamTest, ADeadlinePassesWithoutHarm) {
  run([](Runtime& runtime, StreamPair pair) {
    WatchedPair watches;
    TlsPair tls = connected(runtime, testContexts(runtime), watches.watched(std::move(pair)));
    const NetError error = readError(tls.clientStream(), runtime.now() + milliseconds(1));
    EXPECT_EQ(error.code, NetErrc::timedOut);
    EXPECT_THAT(error.detail, testing::StartsWith("TLS read "));
    EXPECT_EQ(readError(tls.clientStream(), kAtOnce).code, NetErrc::timedOut);
    const auto writer = runtime.spawn("writer", [&] { writeText(runtime, tls.serverStream(), "late"); });
    EXPECT_EQ(readText(runtime, tls.clientStream(), 4), "late");
    writer->join();
    std::byte byte{};
    EXPECT_EQ(tls.clientStream().readSome({&byte, 0}, kAtOnce).error().code, NetErrc::other);
  });
}

TEST_P(TlsByteStreamTest, AWriteThatTimedOutGoesOnWithTheSameBytes) {
  run([](Runtime& runtime, StreamPair pair) {
    WatchedPair watches;
    TlsPair tls = connected(runtime, testContexts(runtime), watches.watched(std::move(pair)));
    const std::string text = patternOf(500);
    std::string received;
    const auto reader =
        runtime.spawn("reader", [&] { received = readText(runtime, tls.serverStream(), 503); });
    watches.client.write_limit = 10;
    const auto bytes = std::as_bytes(std::span(text));
    EXPECT_EQ(tls.clientStream().writeSome(bytes, patience(runtime)).error().code, NetErrc::timedOut);
    EXPECT_EQ(tls.clientStream().writeSome(bytes, patience(runtime)).error().code, NetErrc::timedOut);
    watches.client.write_limit.reset();
    const auto other = tls.clientStream().writeSome(std::as_bytes(std::span("other")), patience(runtime));
    EXPECT_EQ(other.error().code, NetErrc::other);
    EXPECT_THAT(other.error().detail, HasSubstr("the same bytes have to be written again before others"));
    EXPECT_EQ(tls.clientStream().writeSome(bytes.first(200), patience(runtime)).value(), 200U);
    EXPECT_EQ(tls.clientStream().writeSome(bytes.subspan(200), patience(runtime)).value(), 300U);
    writeText(runtime, tls.clientStream(), "end");
    reader->join();
    EXPECT_TRUE(received == text + "end");
  });
}

TEST_P(TlsByteStreamTest, CancelEndsReadsAndWritesEvenWithBytesBuffered) {
  run([](Runtime& runtime, StreamPair pair) {
    TlsPair tls = connected(runtime, testContexts(runtime), std::move(pair));
    const auto writer =
        runtime.spawn("writer", [&] { writeText(runtime, tls.serverStream(), "twelve bytes"); });
    EXPECT_EQ(readText(runtime, tls.clientStream(), 5), "twelv");
    writer->join();
    tls.clientStream().cancel();
    EXPECT_EQ(readError(tls.clientStream(), patience(runtime)).code, NetErrc::cancelled);
    EXPECT_EQ(tls.clientStream().writeSome(std::as_bytes(std::span("x")), patience(runtime)).error().code,
              NetErrc::cancelled);
    EXPECT_EQ(tls.clientStream().closeWrite().error().code, NetErrc::cancelled);
  });
}

TEST_P(TlsByteStreamTest, CancelWakesAReader) {
  run([](Runtime& runtime, StreamPair pair) {
    TlsPair tls = connected(runtime, testContexts(runtime), std::move(pair));
    const auto reader = runtime.spawn("reader", [&] {
      EXPECT_EQ(readError(tls.clientStream(), patience(runtime)).code, NetErrc::cancelled);
    });
    runtime.sleepUntil(runtime.now() + milliseconds(2));
    tls.clientStream().cancel();
    reader->join();
  });
}

TEST_P(TlsByteStreamTest, AResetIsSeenByBothSides) {
  run([](Runtime& runtime, StreamPair pair) {
    TlsPair tls = connected(runtime, testContexts(runtime), std::move(pair));
    tls.clientStream().reset();
    EXPECT_EQ(readError(tls.clientStream(), patience(runtime)).code, NetErrc::reset);
    EXPECT_EQ(tls.clientStream().writeSome(std::as_bytes(std::span("x")), patience(runtime)).error().code,
              NetErrc::reset);
    EXPECT_EQ(readError(tls.serverStream(), patience(runtime)).code, NetErrc::reset);
  });
}

TEST_P(TlsByteStreamTest, ParkedItIsWokenByTheFirstRecord) {
  run([](Runtime& runtime, StreamPair pair) {
    TlsPair tls = connected(runtime, testContexts(runtime), std::move(pair));
    const auto selector = runtime.makeSelector("parked");
    ASSERT_EQ(tls.serverStream().buffered(), 0U);
    selector->add(tls.serverStream().waitable());
    EXPECT_TRUE(selector->wait(runtime.now() + milliseconds(1)).empty());
    const auto writer = runtime.spawn("writer", [&] { writeText(runtime, tls.clientStream(), "request"); });
    EXPECT_EQ(selector->wait(patience(runtime)).size(), 1U);
    EXPECT_EQ(readText(runtime, tls.serverStream(), 7), "request");
    writer->join();
  });
}

class TlsOverPipeTest : public TlsTest {};
JITRIG_TLS_IN_EVERY_RUNTIME(TlsOverPipeTest);

TEST_P(TlsOverPipeTest, AMessageIsOneWriteAndOneReadOfTheInnerStream) {
  run([](Runtime& runtime) {
    WatchedPair watches;
    TlsPair tls = connected(runtime, testContexts(runtime), watches.watched(connectThroughPipe(runtime)));
    for (const std::size_t size : {std::size_t{1}, std::size_t{2700}, std::size_t{16384}}) {
      const int reads = watches.server.reads;
      const int writes = watches.client.writes;
      const auto writer =
          runtime.spawn("writer", [&] { writeText(runtime, tls.clientStream(), patternOf(size)); });
      EXPECT_EQ(readText(runtime, tls.serverStream(), size), patternOf(size));
      writer->join();
      EXPECT_EQ(watches.server.reads - reads, 1);
      EXPECT_EQ(watches.client.writes - writes, 1);
    }
  });
}

// ---- the end ---------------------------------------------------------------------------------------------

class TlsEndTest : public TlsTest {};
JITRIG_TLS_IN_EVERY_RUNTIME(TlsEndTest);

TEST_P(TlsEndTest, CloseWriteSaysGoodbyeThenClosesTheInnerStream) {
  run([](Runtime& runtime) {
    WatchedPair watches;
    TlsPair tls = connected(runtime, testContexts(runtime), watches.watched(connectThroughPort(runtime)));
    watches.client.events.clear();
    valueOrThrow(tls.clientStream().closeWrite());
    tls.client = std::unexpected(NetError{});
    EXPECT_THAT(watches.client.events, testing::ElementsAre("write", "closeWrite", "destroyed"));
    EXPECT_THAT(readError(tls.serverStream(), patience(runtime)).detail, EndsWith("close_notify"));
  });
}

TEST_P(TlsEndTest, TheDestructorSaysGoodbyeBeforeTheInnerStreamGoes) {
  run([](Runtime& runtime) {
    WatchedPair watches;
    TlsPair tls = connected(runtime, testContexts(runtime), watches.watched(connectThroughPort(runtime)));
    watches.client.events.clear();
    tls.client = std::unexpected(NetError{});
    EXPECT_THAT(watches.client.events, testing::ElementsAre("write", "destroyed"));
    EXPECT_THAT(readError(tls.serverStream(), patience(runtime)).detail,
                EndsWith(": the peer ended TLS with close_notify"));
  });
}

TEST_P(TlsEndTest, AfterResetOrCancelNothingIsSaid) {
  run([](Runtime& runtime) {
    for (const bool reset : {true, false}) {
      WatchedPair watches;
      TlsPair tls = connected(runtime, testContexts(runtime), watches.watched(connectThroughPort(runtime)));
      watches.client.events.clear();
      if (reset) {
        tls.clientStream().reset();
      } else {
        tls.clientStream().cancel();
      }
      tls.client = std::unexpected(NetError{});
      EXPECT_THAT(watches.client.events, testing::ElementsAre(reset ? "reset" : "cancel", "destroyed"));
      const NetError end = readError(tls.serverStream(), patience(runtime));
      EXPECT_THAT(end.detail,
                  EndsWith(reset ? "onnection reset by peer"
                                 : ": the peer closed the connection without TLS's close_notify"));
      EXPECT_EQ(end.code, reset ? NetErrc::reset : NetErrc::endOfFile);
    }
  });
}

TEST_P(TlsEndTest, AHandshakeThatFailedSaysWhyOnly) {
  run([](Runtime& runtime) {
    WatchedPair watches;
    TlsClientOptions client = testClientOptions();
    client.root_certificates = CertificateAuthority("another authority").certificate();
    const TlsPair tls =
        handshake(runtime, testContexts(runtime, client), watches.watched(connectThroughPort(runtime)));
    EXPECT_FALSE(tls.client.has_value());
    EXPECT_THAT(watches.client.events, testing::ElementsAre("write", "closeWrite", "destroyed"));
    // A record of two bytes: fatal, unknown_ca.
    const std::array<std::byte, 7> alert{std::byte{21}, std::byte{3}, std::byte{3}, std::byte{0},
                                         std::byte{2},  std::byte{2}, std::byte{48}};
    const auto last = std::span(watches.client.written).last(alert.size());
    EXPECT_TRUE(std::ranges::equal(last, alert));
  });
}

TEST_P(TlsEndTest, APeerThatTakesNothingDoesNotHoldUpTheEnd) {
  run([](Runtime& runtime) {
    TlsPair tls = connected(runtime, testContexts(runtime), connectThroughPipe(runtime));
    const Instant began = runtime.now();
    valueOrThrow(tls.clientStream().closeWrite());  // nobody reads the other end of the pipe
    EXPECT_LT(runtime.now(), began + std::chrono::seconds(30));
    EXPECT_THAT(readError(tls.serverStream(), patience(runtime)).detail,
                EndsWith(": the peer closed the connection without TLS's close_notify"));
  });
}

TEST_P(TlsEndTest, NothingIsEverWrittenToStandardError) {
  testing::internal::CaptureStderr();
  run([](Runtime& runtime) {
    for (int i = 0; i < 3; ++i) {
      TlsClientOptions client = testClientOptions();
      client.root_certificates = CertificateAuthority("another authority").certificate();
      static_cast<void>(handshake(runtime, testContexts(runtime, client), connectThroughPort(runtime)));
      WatchedPair watches;
      watches.server.read_limit = 20;
      static_cast<void>(
          handshake(runtime, testContexts(runtime), watches.watched(connectThroughPort(runtime))));
      TlsPair tls = connected(runtime, testContexts(runtime), connectThroughPort(runtime));
      tls.clientStream().reset();
      static_cast<void>(readError(tls.serverStream(), patience(runtime)));
      static_cast<void>(TlsContext::makeServer(runtime, {}));
    }
  });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace jitrig
