// What takes time, ends that are injected, and what becomes of those who wait.

#include "protocol/stream/client_stream.h"
#include "protocol/stream/stream_exceptions.h"
#include "scenarios/fault/fault_place.h"
#include "scenarios/fault/fault_set.h"
#include "scenarios/fault/fault_test_support.h"

namespace jitrig::test {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(FaultTimeTest, AStalledReadEndsAtItsDeadlineAndLosesNothing) {
  simulate([](Runtime& runtime) {
    const auto faults =
        makeFaults(runtime, {faultOf("stall", FaultPlace::insideHeader, {{"duration_ms", "1000"}})});
    Ends ends = connectEnds(runtime);
    ends.client = faults->decorate(std::move(ends.client), Direction::client);
    const Bytes message = messageOf(kType, 50);
    ASSERT_TRUE(writeAll(*ends.server, message, patience(runtime)));
    const Instant deadline = runtime.now() + milliseconds(100);
    Received early = receiveAll(runtime, *ends.client, deadline);
    EXPECT_EQ(early.error.code, NetErrc::timedOut);
    EXPECT_THAT(early.error.detail, HasSubstr("[injected: stall]"));
    EXPECT_TRUE(isInjected(early.error));
    EXPECT_EQ(early.ended, deadline);
    EXPECT_THAT(early.bytes, SizeIs(9));
    EXPECT_GT(ends.client->buffered(), 0U);
    static_cast<void>(ends.server->closeWrite());
    const Received late = receiveAll(runtime, *ends.client, patience(runtime));
    EXPECT_EQ(late.error.code, NetErrc::endOfFile);
    EXPECT_FALSE(isInjected(late.error));
    EXPECT_TRUE(joined({early.bytes, late.bytes}) == message);
    EXPECT_GE(late.ended, faults->firings().at(0).time + milliseconds(1000));
  });
}

TEST(FaultTimeTest, AStalledWriteEndsAtItsDeadlineAndGoesOnWithTheSameBytes) {
  simulate([](Runtime& runtime) {
    FaultSpec changed = faultOf("rewrite", FaultPlace::beforeMessage, {{"type", "101"}});
    for (const std::vector<FaultSpec>& specs :
         {std::vector{faultOf("stall", FaultPlace::insideHeader)},
          std::vector{faultOf("stall", FaultPlace::insideHeader), changed}}) {
      const auto faults = makeFaults(runtime, specs);
      Ends ends = connectEnds(runtime);
      ends.client = faults->decorate(std::move(ends.client), Direction::client);
      const Bytes message = messageOf(kType, 50);
      std::span<const std::byte> rest = message;
      const Instant deadline = runtime.now() + milliseconds(100);
      while (true) {
        const auto written = ends.client->writeSome(rest, deadline);
        if (!written) {
          EXPECT_EQ(written.error().code, NetErrc::timedOut);
          EXPECT_TRUE(isInjected(written.error()));
          break;
        }
        rest = rest.subspan(*written);
        if (rest.empty()) break;
      }
      EXPECT_EQ(runtime.now(), deadline);
      ASSERT_TRUE(writeAll(*ends.client, rest, patience(runtime)));
      // What was taken arrives without another call.
      const Received received = receiveAll(runtime, *ends.server, runtime.now() + std::chrono::seconds(2));
      EXPECT_EQ(received.bytes.size(), message.size());
      EXPECT_TRUE(received.bytes == (specs.size() == 1 ? message : messageOf(101, 50)));
    }
  });
}

TEST(FaultTimeTest, TheBeginningOfAMessageIsHeldNoLongerThanToTheDeadline) {
  simulate([](Runtime& runtime) {
    const auto faults = makeFaults(runtime, {faultOf("drop")});
    Ends ends = connectEnds(runtime);
    ends.client = faults->decorate(std::move(ends.client), Direction::client);
    ASSERT_TRUE(writeAll(*ends.server, firstOf(messageOf(kType, 50), 3), patience(runtime)));
    const Received received = receiveAll(runtime, *ends.client, runtime.now() + milliseconds(100));
    EXPECT_THAT(received.bytes, SizeIs(3));
    EXPECT_EQ(received.error.code, NetErrc::timedOut);
    EXPECT_FALSE(isInjected(received.error));
  });
}

TEST(FaultTimeTest, CancelEndsAStallThatHasBegun) {
  simulate([](Runtime& runtime) {
    const auto faults =
        makeFaults(runtime, {faultOf("stall", FaultPlace::beforeMessage, {{"duration_ms", "10000"}})});
    Ends ends = connectEnds(runtime);
    ends.client = faults->decorate(std::move(ends.client), Direction::client);
    const auto writer = runtime.spawn("writer", [&] {
      EXPECT_EQ(writeAll(*ends.client, messageOf(kType, 50), kNever).error().code, NetErrc::cancelled);
      EXPECT_LE(runtime.now(), Instant{2'000'000'000});
    });
    runtime.sleepUntil(Instant{1'000'000'000});
    ends.client->cancel();
    writer->join();
  });
}

TEST(FaultTimeTest, ABandwidthTakesTheTimeThatItMust) {
  simulate([](Runtime& runtime) {
    const auto faults =
        makeFaults(runtime, {faultOf("bandwidth", FaultPlace::beforeMessage, {{"bytes_per_s", "1000"}})});
    const Instant before = runtime.now();
    const Bytes message = messageOf(kType, 2000);
    const Received received = transfer(runtime, *faults, {message, message});
    EXPECT_EQ(received.bytes.size(), 2 * message.size());
    EXPECT_GE(received.ended - before, std::chrono::seconds(4) - milliseconds(20));
    EXPECT_LE(received.ended - before, std::chrono::seconds(5));
  });
}

TEST(FaultTimeTest, SlicesAreSmall) {
  simulate([](Runtime& runtime) {
    FaultSpec spec = faultOf("slice", FaultPlace::insideHeader, {{"size_bytes", "3"}});
    const auto faults = makeFaults(runtime, {spec});
    Ends ends = connectEnds(runtime);
    ends.client = faults->decorate(std::move(ends.client), Direction::client);
    const Bytes message = messageOf(kType, 40);
    ASSERT_TRUE(writeAll(*ends.server, joined({message, message}), patience(runtime)));
    static_cast<void>(ends.server->closeWrite());
    const Received received = receiveAll(runtime, *ends.client, patience(runtime));
    EXPECT_TRUE(received.bytes == joined({message, message}));
    std::size_t at = 0;
    bool ends_with_the_message = false;
    for (const std::size_t portion : received.portions) {
      ends_with_the_message |= at == message.size();
      if (at >= 9 && at < message.size()) {
        EXPECT_LE(portion, 3U) << at;
      }
      at += portion;
    }
    ASSERT_NE((message.size() - 9) % 3, 0U);
    EXPECT_TRUE(ends_with_the_message) << "a slice reaches into the next message";
  });
}

/// What was not used in a pause is not there afterwards.
TEST(FaultTimeTest, ABandwidthSavesNothingUp) {
  simulate([](Runtime& runtime) {
    const auto faults =
        makeFaults(runtime, {faultOf("bandwidth", FaultPlace::beforeMessage, {{"bytes_per_s", "1000"}})});
    Ends ends = connectEnds(runtime);
    ends.client = faults->decorate(std::move(ends.client), Direction::client);
    const Bytes message = messageOf(kType, 2000);
    for (int round = 0; round < 3; ++round) {
      const Instant before = runtime.now();
      ASSERT_TRUE(writeAll(*ends.client, message, patience(runtime)));
      Bytes got(message.size());
      for (std::size_t have = 0; have < got.size();) {
        have += ends.server->readSome(std::span(got).subspan(have), patience(runtime)).value();
      }
      EXPECT_GE(runtime.now() - before, milliseconds(1900)) << round;
      EXPECT_LE(runtime.now() - before, milliseconds(2500)) << round;
      runtime.sleepUntil(runtime.now() + std::chrono::seconds(60));
    }
  });
}

TEST(FaultTimeTest, WhatIsHeldGoesOnWhenItsTimeIsOver) {
  simulate([](Runtime& runtime) {
    for (const std::string action : {"coalesce", "reorder"}) {
      for (const bool at_sender : {true, false}) {
        const auto faults =
            makeFaults(runtime, {faultOf(action, FaultPlace::beforeMessage, {{"at_most_ms", "50"}})});
        Ends ends = connectEnds(runtime);
        if (at_sender) ends.server = faults->decorate(std::move(ends.server), Direction::server);
        if (!at_sender) ends.client = faults->decorate(std::move(ends.client), Direction::client);
        const Bytes message = messageOf(kType, 50);
        ASSERT_TRUE(writeAll(*ends.server, message, patience(runtime)));
        Bytes got(message.size());
        for (std::size_t have = 0; have < got.size();) {
          have += ends.client->readSome(std::span(got).subspan(have), patience(runtime)).value();
        }
        EXPECT_TRUE(got == message);
        EXPECT_GE(runtime.now(), faults->firings().at(0).time + milliseconds(50));
        EXPECT_LE(runtime.now(), faults->firings().at(0).time + milliseconds(80));
      }
    }
  });
}

TEST(FaultTimeTest, ABlackHoleDeliversNotEvenTheEnd) {
  simulate([](Runtime& runtime) {
    for (const bool at_sender : {true, false}) {
      const auto faults = makeFaults(runtime, {faultOf("black_hole")});
      Ends ends = connectEnds(runtime);
      if (at_sender) ends.client = faults->decorate(std::move(ends.client), Direction::client);
      if (!at_sender) ends.server = faults->decorate(std::move(ends.server), Direction::server);
      for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(writeAll(*ends.client, messageOf(kType, 1000), runtime.now() + std::chrono::seconds(1)));
        if (!at_sender) {
          EXPECT_EQ(receiveAll(runtime, *ends.server, runtime.now() + milliseconds(10)).error.code,
                    NetErrc::timedOut);
        }
      }
      ASSERT_TRUE(ends.client->closeWrite());
      const Instant deadline = runtime.now() + std::chrono::seconds(5);
      const Received received = receiveAll(runtime, *ends.server, deadline);
      EXPECT_EQ(received.error.code, NetErrc::timedOut);
      EXPECT_EQ(received.ended, deadline);
      EXPECT_EQ(isInjected(received.error), !at_sender);
      EXPECT_THAT(received.bytes, IsEmpty());
    }
  });
}

TEST_P(FaultSetTest, CancelEndsEveryWait) {
  run([](Runtime& runtime) {
    for (const std::string action : {"stall", "black_hole", "delay", "coalesce", "reorder", "drop"}) {
      for (const bool reading : {true, false}) {
        FaultSpec spec = faultOf(action);
        if (action == "stall") spec.parameters["duration_ms"] = "86400000";
        if (action == "delay") spec.parameters["delay_ms"] = "86400000";
        if (action == "coalesce" || action == "reorder") spec.parameters["at_most_ms"] = "86400000";
        const auto faults = makeFaults(runtime, {spec});
        Ends ends = connectEnds(runtime);
        ends.client = faults->decorate(std::move(ends.client), Direction::client);
        const Bytes message = messageOf(kType, 50);
        NetErrc ended_with = NetErrc::other;
        const auto waiting = runtime.spawn("waiting", [&] {
          if (!reading) {
            // What is held is taken; then the reply is waited for.
            const auto written = writeAll(*ends.client, message, kNever);
            ended_with = written ? NetErrc::other : written.error().code;
            if (!written) return;
          }
          ended_with = receiveAll(runtime, *ends.client, kNever).error.code;
        });
        if (reading) {
          ASSERT_TRUE(writeAll(*ends.server, message, kNever));
        }
        ends.client->cancel();
        waiting->join();
        EXPECT_EQ(ended_with, NetErrc::cancelled) << action << reading;
        EXPECT_EQ(ends.client->writeSome(message, kNever).error().code, NetErrc::cancelled);
      }
    }
  });
}

/// The peer need not close for that.
TEST(FaultTimeTest, AnInjectedEndWakesWhoeverReadsTheSameStream) {
  simulate([](Runtime& runtime) {
    const auto faults = makeFaults(runtime, {faultOf("close", FaultPlace::afterMessage)});
    Ends ends = connectEnds(runtime);
    ends.client = faults->decorate(std::move(ends.client), Direction::client);
    const Instant deadline = runtime.now() + std::chrono::hours(1);
    Received received;
    const auto reader =
        runtime.spawn("reader", [&] { received = receiveAll(runtime, *ends.client, deadline); });
    runtime.sleepUntil(runtime.now() + milliseconds(10));
    ASSERT_TRUE(writeAll(*ends.client, messageOf(kType, 20), deadline));
    reader->join();
    EXPECT_EQ(received.error.code, NetErrc::endOfFile) << received.error.detail;
    EXPECT_TRUE(isInjected(received.error));
    EXPECT_LT(received.ended, deadline);
  });
}

/// A parked stream is seen as readable when a read would not wait for the peer.
TEST_P(FaultSetTest, AnEndThatWasInjectedBehindTheLastMessageIsSeenByWhoeverParks) {
  run([](Runtime& runtime) {
    for (const std::string action : {"close", "half_close", "reset"}) {
      const auto faults = makeFaults(runtime, {faultOf(action, FaultPlace::afterMessage)});
      Ends ends = connectEnds(runtime);
      ends.server = faults->decorate(std::move(ends.server), Direction::server);
      const Bytes message = messageOf(kType, 50);
      ASSERT_TRUE(writeAll(*ends.client, message, patience(runtime)));
      Bytes got(message.size());
      for (std::size_t have = 0; have < got.size();) {
        have += ends.server->readSome(std::span(got).subspan(have), patience(runtime)).value();
      }
      if (ends.server->buffered() == 0) {
        const auto selector = runtime.makeSelector("parked");
        selector->add(ends.server->waitable());
        EXPECT_THAT(selector->wait(patience(runtime)), ElementsAre(&ends.server->waitable())) << action;
      }
      const auto read = ends.server->readSome(got, patience(runtime));
      ASSERT_FALSE(read) << action;
      EXPECT_TRUE(isInjected(read.error())) << action << ": " << read.error().detail;
    }
  });
}

TEST_P(FaultSetTest, BytesThatAreHeldAreBuffered) {
  run([](Runtime& runtime) {
    for (const std::string action : {"coalesce", "reorder"}) {
      FaultSpec spec = faultOf(action, FaultPlace::beforeMessage, {{"at_most_ms", "86400000"}});
      const auto faults = makeFaults(runtime, {spec});
      Ends ends = connectEnds(runtime);
      ends.server = faults->decorate(std::move(ends.server), Direction::server);
      const Bytes message = messageOf(kType, 50);
      ASSERT_TRUE(writeAll(*ends.client, message, patience(runtime)));
      // Whoever waits for the second message has the first in its hands.
      Bytes got(2 * message.size());
      const auto reader = runtime.spawn("reader", [&] {
        for (std::size_t have = 0; have < got.size();) {
          const auto count = ends.server->readSome(std::span(got).subspan(have), patience(runtime));
          ASSERT_TRUE(count);
          have += *count;
        }
      });
      ASSERT_TRUE(writeAll(*ends.client, message, patience(runtime)));
      reader->join();
      EXPECT_EQ(ends.server->buffered(), 0U);
      EXPECT_TRUE(got == joined({message, message}));
    }
  });
}

TEST(FaultMarkTest, SurvivesUpToTheStreamsException) {
  struct Case {
    std::string action;
    StreamFailure::Cause cause;
  };
  simulate([](Runtime& runtime) {
    using Cause = StreamFailure::Cause;
    for (const Case& marked : {Case{"close", Cause::endOfStream}, Case{"reset", Cause::network},
                               Case{"half_close", Cause::endOfStream}, Case{"stall", Cause::timeout},
                               Case{"black_hole", Cause::timeout}, Case{"drop", Cause::timeout}}) {
      FaultSpec spec = faultOf(marked.action);
      if (marked.action == "stall") spec.parameters["duration_ms"] = "86400000";
      const auto faults = makeFaults(runtime, {spec});
      Ends ends = connectEnds(runtime);
      ClientStream stream(runtime, faults->decorate(std::move(ends.client), Direction::client), headDialect(),
                          {});
      ASSERT_TRUE(writeAll(*ends.server, messageOf(kType, 50), patience(runtime)));
      try {
        stream.read();
        ADD_FAILURE() << marked.action;
      } catch (const StreamFailure& failure) {
        EXPECT_EQ(failure.cause(), marked.cause) << marked.action;
        EXPECT_TRUE(isInjected(std::string_view(failure.what()))) << failure.what();
        EXPECT_THAT(failure.what(), HasSubstr("[injected: " + marked.action + "]"));
      }
    }
  });
}

}  // namespace
}  // namespace jitrig::test
