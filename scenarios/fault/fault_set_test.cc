// Triggers, firings, time, ends and errors: what is not any single action's.

#include "scenarios/fault/fault_set.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>

#include "protocol/runtime/random_stream.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/client_stream.h"
#include "protocol/stream/stream_exceptions.h"
#include "scenarios/fault/fault_action.h"
#include "scenarios/fault/fault_lane.h"
#include "scenarios/fault/fault_place.h"
#include "scenarios/fault/fault_test_support.h"

namespace jitrig::test {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint16_t kType = 100;

class FaultSetTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  static void run(const std::function<void(Runtime&)>& body) { GetParam().run(body); }
};
INSTANTIATE_TEST_SUITE_P(, FaultSetTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

/// Everything that has to do with time runs here.
void simulate(const std::function<void(Runtime&)>& body) {
  for (const RuntimeUnderTest& house : allRuntimes()) {
    if (house.name != "operating_system") house.run(body);
  }
}

FaultSpec dropAll() {
  FaultSpec spec = faultOf("drop");
  spec.trigger.count = std::nullopt;
  return spec;
}

Message request() {
  Message message(headDialect()->compilation_request);
  setArgs(message, std::uint32_t{1});
  return message;
}

Bytes bytesOf(const Message& message) {
  const auto bytes = message.serialize();
  return {bytes.begin(), bytes.end()};
}

/// The client writes all of that, and closes; what the server reads.
Received transfer(Runtime& runtime, FaultSet& faults, const std::vector<Bytes>& messages) {
  Ends ends = connectEnds(runtime);
  ends.client = faults.decorate(std::move(ends.client), Direction::client);
  const auto writer = runtime.spawn("writer", [&] {
    for (const Bytes& message : messages) {
      if (!writeAll(*ends.client, message, patience(runtime))) return;
    }
    static_cast<void>(ends.client->closeWrite());
  });
  Received received = receiveAll(runtime, *ends.server, patience(runtime));
  writer->join();
  return received;
}

// Triggers. What is dropped tells which messages were meant.

struct TriggerCase {
  std::string name;
  std::function<void(FaultTrigger&)> trigger;
  std::vector<std::size_t> dropped;  ///< of the messages below, from 0
};

/// Request, two others, request, two others; the others have different types.
std::vector<Bytes> sixMessages() {
  const Bytes one = bytesOf(request());
  return {one, messageOf(100, 10), messageOf(101, 20), one, messageOf(100, 30), messageOf(101, 40)};
}

TEST_P(FaultSetTest, TriggersMeanTheirMessages) {
  const std::vector<TriggerCase> cases{
      {"always", [](FaultTrigger&) {}, {0, 1, 2, 3, 4, 5}},
      {"the third", [](FaultTrigger& t) { t.message = 3; }, {2}},
      {"a type", [](FaultTrigger& t) { t.type = 101; }, {2, 5}},
      {"a type, the first two", [](FaultTrigger& t) { t.type = 101, t.count = 1; }, {2}},
      {"the first two", [](FaultTrigger& t) { t.count = 2; }, {0, 1}},
      {"of the client", [](FaultTrigger& t) { t.direction = Direction::client; }, {0, 1, 2, 3, 4, 5}},
      {"of the server", [](FaultTrigger& t) { t.direction = Direction::server; }, {}},
      {"this connection", [](FaultTrigger& t) { t.connection = 1; }, {0, 1, 2, 3, 4, 5}},
      {"another connection", [](FaultTrigger& t) { t.connection = 2; }, {}},
      {"the second compilation", [](FaultTrigger& t) { t.compilation = 2; }, {3, 4, 5}},
      {"the third compilation", [](FaultTrigger& t) { t.compilation = 3; }, {}},
      {"the second of each compilation", [](FaultTrigger& t) { t.message_of_compilation = 2; }, {1, 4}},
      {"the third of the first compilation",
       [](FaultTrigger& t) { t.compilation = 1, t.message_of_compilation = 3; },
       {2}},
      {"never", [](FaultTrigger& t) { t.probability_ppm = 0; }, {}},
      {"too late", [](FaultTrigger& t) { t.not_before_ms = 100'000'000'000; }, {}},
      {"in time",
       [](FaultTrigger& t) { t.not_before_ms = 0, t.not_after_ms = 100'000'000'000; },
       {0, 1, 2, 3, 4, 5}},
  };
  run([&](Runtime& runtime) {
    for (const TriggerCase& trigger : cases) {
      FaultSpec spec = dropAll();
      trigger.trigger(spec.trigger);
      const auto faults = makeFaults(runtime, {spec});
      std::vector<Bytes> messages = sixMessages();
      const Received received = transfer(runtime, *faults, messages);
      for (const std::size_t dropped : trigger.dropped) messages[dropped].clear();
      EXPECT_TRUE(received.bytes == joined(messages)) << trigger.name;
      EXPECT_EQ(faults->firingCount(), trigger.dropped.size()) << trigger.name;
      const auto firings = faults->firings();
      ASSERT_EQ(firings.size(), trigger.dropped.size()) << trigger.name;
      for (std::size_t i = 0; i < firings.size(); ++i) {
        EXPECT_EQ(firings[i].message, trigger.dropped[i] + 1) << trigger.name;
        EXPECT_EQ(firings[i].compilation, trigger.dropped[i] < 3 ? 1U : 2U) << trigger.name;
      }
    }
  });
}

TEST(FaultTriggerTest, AProbabilityIsMetAboutSoOften) {
  simulate([](Runtime& runtime) {
    FaultSpec spec = dropAll();
    spec.trigger.probability_ppm = 250'000;
    const auto faults = makeFaults(runtime, {spec});
    transfer(runtime, *faults, std::vector<Bytes>(2000, messageOf(kType, 4)));
    EXPECT_GT(faults->firingCount(), 400U);
    EXPECT_LT(faults->firingCount(), 600U);
  });
}

TEST(FaultTriggerTest, TimesAreTheRuntimes) {
  simulate([](Runtime& runtime) {
    FaultSpec spec = dropAll();
    spec.trigger.not_before_ms = 10;
    spec.trigger.not_after_ms = 19;
    const auto faults = makeFaults(runtime, {spec});
    Ends ends = connectEnds(runtime);
    ends.client = faults->decorate(std::move(ends.client), Direction::client);
    for (const std::int64_t at_ms : {9, 10, 15, 19, 20}) {
      runtime.sleepUntil(Instant{at_ms * 1'000'000});
      ASSERT_TRUE(writeAll(*ends.client, messageOf(kType, 4), patience(runtime)));
    }
    const auto firings = faults->firings();
    ASSERT_THAT(firings, SizeIs(3));
    EXPECT_EQ(firings[0].message, 2U);
    EXPECT_EQ(firings[2].message, 4U);
    EXPECT_EQ(firings[0].time, Instant{10'000'000});
    EXPECT_THAT(toString(firings[0]),
                AllOf(HasSubstr("drop on connection 1 of the client"),
                      HasSubstr("client→server message 2 (type 100)"), HasSubstr("at 10.000 ms")));
  });
}

TEST_P(FaultSetTest, ConnectionsAreCountedAndFaultsAreSwitchedOffAndOn) {
  run([](Runtime& runtime) {
    FaultSpec second = dropAll();
    second.trigger.connection = 2;
    FaultSpec off = dropAll();
    off.enabled = false;
    const auto faults = makeFaults(runtime, {second, off});
    const std::vector<Bytes> messages{messageOf(kType, 4)};
    EXPECT_THAT(transfer(runtime, *faults, messages).bytes, SizeIs(messages[0].size()));
    EXPECT_THAT(transfer(runtime, *faults, messages).bytes, IsEmpty());
    EXPECT_THAT(transfer(runtime, *faults, messages).bytes, SizeIs(messages[0].size()));
    faults->setEnabled(1, true);
    EXPECT_THAT(transfer(runtime, *faults, messages).bytes, IsEmpty());
    faults->setEnabled(false);
    EXPECT_THAT(transfer(runtime, *faults, messages).bytes, SizeIs(messages[0].size()));
    EXPECT_EQ(faults->firingCount(0), 1U);
    EXPECT_EQ(faults->firingCount(1), 1U);
  });
}

TEST_P(FaultSetTest, BytesThatAreNoMessagesPass) {
  run([](Runtime& runtime) {
    for (const std::string text :
         {"GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n", "\x16\x03\x01 hello hello hello"}) {
      const auto faults = makeFaults(runtime, {dropAll(), faultOf("reset"), faultOf("coalesce")});
      Ends ends = connectEnds(runtime);
      ends.client = faults->decorate(std::move(ends.client), Direction::client);
      Bytes sent(text.size());
      std::ranges::copy(std::as_bytes(std::span(text)), sent.begin());
      Bytes got(text.size());
      // The peer answers only when it has all of it.
      for (ByteStream* from : {ends.client.get(), ends.server.get(), ends.client.get()}) {
        ByteStream& to = from == ends.client.get() ? *ends.server : *ends.client;
        ASSERT_TRUE(writeAll(*from, sent, patience(runtime)));
        for (std::size_t have = 0; have < got.size();) {
          have += to.readSome(std::span(got).subspan(have), patience(runtime)).value();
        }
        EXPECT_TRUE(got == sent) << text;
      }
      EXPECT_EQ(faults->firingCount(), 0U);
    }
  });
}

// Time.

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
    for (const std::size_t portion : received.portions) {
      if (at >= 9 && at < message.size()) {
        EXPECT_LE(portion, 3U) << at;
      }
      at += portion;
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

// Ends.

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

/// A parked stream is seen as readable when a read would not wait for the peer.
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

// Several faults at one message, and messages that go on together.

struct TogetherCase {
  std::string name;
  std::vector<FaultSpec> faults;
  Bytes arrives;  ///< of the three messages below
};

FaultSpec ofMessage(FaultSpec spec, std::uint64_t message) {
  spec.trigger.message = message;
  return spec;
}

std::vector<TogetherCase> togetherCases(const std::vector<Bytes>& sent) {
  const std::map<std::string, std::string> held{{"at_most_ms", "86400000"}};
  const Message interruption(headDialect()->compilation_interrupted);
  const Bytes inserted = bytesOf(interruption);
  const auto coalesce = ofMessage(faultOf("coalesce", FaultPlace::beforeMessage, held), 1);
  const auto reorder = ofMessage(faultOf("reorder", FaultPlace::beforeMessage, held), 1);
  const auto at = [](const std::string& action, std::uint64_t message, FaultPlace place) {
    return ofMessage(faultOf(action, place), message);
  };
  const std::size_t inside = *offsetOf(FaultPlace::insidePayload, 0, sent[1].size(), FaultUnit::message);
  const Bytes half = firstOf(sent[1], inside);
  const Bytes rest(sent[1].begin() + static_cast<std::ptrdiff_t>(inside), sent[1].end());
  return {
      {"a close within the second of two that wait for each other",
       {coalesce, at("close", 2, FaultPlace::insidePayload)},
       joined({sent[0], half})},
      {"an insertion within the second of two",
       {coalesce, at("insert", 2, FaultPlace::insidePayload)},
       joined({sent[0], half, inserted, rest, sent[2]})},
      {"an insertion within the one that overtakes",
       {reorder, at("insert", 2, FaultPlace::insidePayload)},
       joined({half, inserted, rest, sent[0], sent[2]})},
      {"an insertion behind a message that is doubled",
       {at("duplicate", 2, FaultPlace::beforeMessage), at("insert", 2, FaultPlace::afterMessage)},
       joined({sent[0], sent[1], sent[1], inserted, sent[2]})},
      {"a close behind a message that is lost",
       {at("drop", 2, FaultPlace::beforeMessage), at("close", 2, FaultPlace::afterMessage)},
       sent[0]},
      {"two places of one message, the later one given first",
       {at("insert", 2, FaultPlace::afterMessage), at("insert", 2, FaultPlace::insidePayload)},
       joined({sent[0], half, inserted, rest, inserted, sent[2]})},
      {"the same of one that is doubled",
       {at("duplicate", 2, FaultPlace::beforeMessage), at("insert", 2, FaultPlace::afterMessage),
        at("insert", 2, FaultPlace::insidePayload)},
       joined({sent[0], half, inserted, rest, sent[1], inserted, sent[2]})},
  };
}

TEST_P(FaultSetTest, FaultsOfOneMessageAndOfThoseThatItWaitsForHappenTogether) {
  run([](Runtime& runtime) {
    const std::vector<Bytes> sent{messageOf(kType, 40, 'a'), messageOf(kType, 101, 'b'),
                                  messageOf(kType, 20, 'c')};
    for (const TogetherCase& together : togetherCases(sent)) {
      const auto faults = makeFaults(runtime, together.faults);
      const Received received = transfer(runtime, *faults, sent);
      EXPECT_EQ(received.bytes.size(), together.arrives.size()) << together.name;
      EXPECT_TRUE(received.bytes == together.arrives) << together.name;
      EXPECT_EQ(faults->firingCount(), together.faults.size()) << together.name;
    }
  });
}

// Limits.

/// The first bytes of a message of that size.
Bytes beginningOf(std::uint32_t size_bytes) {
  Bytes begin = messageOf(kType, 100);
  std::memcpy(begin.data(), &size_bytes, sizeof size_bytes);
  return begin;
}

TEST(FaultLimitTest, AMessageThatIsTooLargeToBeHeldPassesUnharmed) {
  for (const std::size_t above : {std::size_t{0}, std::size_t{4}}) {
    simulate([above](Runtime& runtime) {
      const auto faults = makeFaults(runtime, {dropAll()});
      Ends ends = connectEnds(runtime);
      ends.client = faults->decorate(std::move(ends.client), Direction::client);
      const Instant deadline = runtime.now() + std::chrono::hours(1);
      const Bytes begin = beginningOf(static_cast<std::uint32_t>(kMaxHeldBytes + above));
      ASSERT_TRUE(writeAll(*ends.client, begin, deadline));
      const Received received = receiveAll(runtime, *ends.server, deadline);
      EXPECT_TRUE(received.bytes == (above == 0 ? Bytes() : begin)) << above;
    });
  }
}

TEST(FaultLimitTest, MessagesThatWaitForEachOtherGoOnWhenTheyAreTooMuch) {
  simulate([](Runtime& runtime) {
    FaultSpec hold =
        faultOf("coalesce", FaultPlace::beforeMessage, {{"messages", "16"}, {"at_most_ms", "86400000"}});
    const auto faults = makeFaults(runtime, {hold});
    Ends ends = connectEnds(runtime);
    ends.client = faults->decorate(std::move(ends.client), Direction::client);
    const Bytes message = messageOf(kType, kMaxHeldBytes / 2);
    const Instant deadline = runtime.now() + std::chrono::hours(1);
    const auto writer = runtime.spawn("writer", [&] {
      for (int i = 0; i < 2; ++i) static_cast<void>(writeAll(*ends.client, message, deadline));
    });
    const Received received = receiveAll(runtime, *ends.server, deadline, std::size_t{1} << 20U);
    writer->join();
    EXPECT_EQ(received.bytes.size(), 2 * message.size());
  });
}

TEST(FaultLimitTest, SoManyFiringsAreRememberedAndAllAreCounted) {
  simulate([](Runtime& runtime) {
    const auto faults = makeFaults(runtime, {dropAll()});
    const Bytes message = bytesOf(Message(headDialect()->connection_terminate));
    static_cast<void>(transfer(runtime, *faults, std::vector<Bytes>(FaultSet::kMaxFirings + 5, message)));
    EXPECT_THAT(faults->firings(), SizeIs(FaultSet::kMaxFirings));
    EXPECT_EQ(faults->firingCount(), FaultSet::kMaxFirings + 5);
    EXPECT_EQ(faults->firings().back().message, FaultSet::kMaxFirings);
  });
}

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

// Many faults at once.

/// Random messages in random pieces, over both directions at once; what both ends receive and how it ends.
struct Exchange {
  std::vector<Bytes> sent{2};
  std::vector<Received> received{2};
};

Bytes randomMessages(RandomStream& random) {
  Bytes bytes;
  for (std::uint64_t i = random.below(12); i > 0; --i) {
    Bytes one = random.chance(1, 5)
                    ? bytesOf(request())
                    : messageOf(static_cast<std::uint16_t>(random.below(300)), random.below(400));
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  // At times the last one is not whole.
  if (random.chance(1, 3) && !bytes.empty())
    bytes.resize(bytes.size() - 1 - random.below(std::min<std::size_t>(bytes.size(), 30)));
  return bytes;
}

Exchange exchange(Runtime& runtime, FaultSet* faults, std::uint64_t seed, Instant deadline) {
  RandomStream random(seed);
  Exchange result;
  Ends ends = connectEnds(runtime);
  const bool at_client = random.chance(1, 2);
  const bool resets = random.chance(1, 8);
  if (faults != nullptr && at_client)
    ends.client = faults->decorate(std::move(ends.client), Direction::client);
  if (faults != nullptr && !at_client)
    ends.server = faults->decorate(std::move(ends.server), Direction::server);
  std::vector<ByteStream*> side{ends.client.get(), ends.server.get()};
  std::vector<std::unique_ptr<Task>> tasks;
  for (const std::size_t i : {0U, 1U}) {
    result.sent[i] = randomMessages(random);
    const std::uint64_t pieces_seed = random.draw();
    tasks.push_back(runtime.spawn("writer", [&, i, pieces_seed] {
      RandomStream pieces(pieces_seed);
      std::span<const std::byte> rest = result.sent[i];
      while (!rest.empty()) {
        const std::size_t size =
            std::min<std::size_t>(1 + pieces.below(pieces.chance(1, 2) ? 20 : 900), rest.size());
        if (!writeAll(*side[i], rest.first(size), deadline)) return;
        rest = rest.subspan(size);
      }
      if (resets && i == 0) return side[i]->reset();
      static_cast<void>(side[i]->closeWrite());
    }));
    const std::size_t buffer_bytes = 1 + random.below(600);
    tasks.push_back(runtime.spawn("reader", [&, i, buffer_bytes] {
      result.received[1 - i] = receiveAll(runtime, *side[1 - i], deadline, buffer_bytes);
    }));
  }
  for (const auto& task : tasks) task->join();
  return result;
}

std::vector<FaultSpec> faultsThatDoNotMatch() {
  std::vector<FaultSpec> specs;
  for (const std::string action : {"reset", "drop", "corrupt", "coalesce", "stall", "insert"}) {
    for (const auto& change : std::vector<std::function<void(FaultTrigger&)>>{
             [](FaultTrigger& t) { t.type = 301; }, [](FaultTrigger& t) { t.message = 1000; },
             [](FaultTrigger& t) { t.compilation = 1000; }, [](FaultTrigger& t) { t.connection = 7; },
             [](FaultTrigger& t) { t.probability_ppm = 0; }}) {
      FaultSpec spec = faultOf(action);
      change(spec.trigger);
      specs.push_back(spec);
    }
  }
  return specs;
}

TEST(FaultSetPropertyTest, FaultsThatDoNotMatchChangeNothing) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::vector<Exchange> exchanges;
    for (const bool with_faults : {false, true}) {
      SimulationOptions options;
      options.seed = seed;
      SimulatedRuntime runtime(options);
      runtime.runOrThrow([&] {
        const auto faults = with_faults ? makeFaults(runtime, faultsThatDoNotMatch()) : nullptr;
        exchanges.push_back(exchange(runtime, faults.get(), seed, patience(runtime)));
        if (faults) {
          EXPECT_EQ(faults->firingCount(), 0U);
        }
      });
    }
    ASSERT_THAT(exchanges, SizeIs(2)) << seed;
    for (const std::size_t side : {0U, 1U}) {
      const Received& without = exchanges[0].received[side];
      const Received& with = exchanges[1].received[side];
      EXPECT_EQ(without.error.code, with.error.code) << seed;
      EXPECT_FALSE(isInjected(with.error));
      if (without.error.code == NetErrc::reset) continue;  // what was in flight is the network's to drop
      EXPECT_TRUE(without.bytes == with.bytes) << seed;
      EXPECT_TRUE(with.bytes == exchanges[1].sent[1 - side]) << seed;
    }
  }
}

FaultSpec randomFault(RandomStream& random) {
  while (true) {
    const FaultAction& action = *faultActions()[random.below(faultActions().size())];
    if (action.layer != FaultLayer::messages) continue;
    FaultSpec spec = faultOf(std::string(action.name));
    for (const FaultParameter& parameter : action.parameters) {
      if (random.chance(1, 2)) continue;
      if (parameter.kind == FaultParameter::Kind::choice) {
        spec.parameters[std::string(parameter.name)] =
            parameter.choices[random.below(parameter.choices.size())];
      } else if (parameter.kind == FaultParameter::Kind::number) {
        const auto span =
            static_cast<std::uint64_t>(std::min<std::int64_t>(parameter.max - parameter.min, 40));
        spec.parameters[std::string(parameter.name)] =
            std::to_string(parameter.min + static_cast<std::int64_t>(random.below(span + 1)));
      }
    }
    spec.trigger.place = static_cast<FaultPlace>(random.below(8));
    if (spec.trigger.place == FaultPlace::atByte) spec.trigger.byte = random.below(500);
    if (random.chance(1, 2)) spec.trigger.count = std::nullopt;
    if (random.chance(1, 2)) spec.trigger.probability_ppm = 300'000;
    if (random.chance(1, 3)) spec.trigger.message = 1 + random.below(4);
    return spec;
  }
}

/// Whatever is combined: everybody's calls end, by the deadline at the latest, and nothing grows without end.
TEST(FaultSetPropertyTest, RandomFaultsNeverLoopOrHang) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    SimulationOptions options;
    options.seed = seed;
    SimulatedRuntime runtime(options);
    bool ended = false;
    runtime.runOrThrow([&] {
      RandomStream random(seed);
      std::vector<FaultSpec> specs;
      for (std::uint64_t i = 1 + random.below(6); i > 0; --i) specs.push_back(randomFault(random));
      const auto faults = makeFaults(runtime, specs);
      const Exchange result = exchange(runtime, faults.get(), seed, runtime.now() + std::chrono::seconds(20));
      for (const Received& received : result.received)
        EXPECT_LE(received.bytes.size(), std::size_t{1} << 20U) << seed;
      EXPECT_LE(runtime.now(), Instant{22'000'000'000}) << seed;
      ended = true;
    });
    ASSERT_TRUE(ended) << seed;
  }
}

// Personas.

class CountingPersonas final : public PersonaControl {
 public:
  void pause(Direction persona, Duration duration) override {
    calls.push_back("pause " + std::string(toString(persona)) + " " + std::to_string(duration.count()));
  }
  void kill(Direction persona, std::optional<Duration> back_after) override {
    calls.push_back("kill " + std::string(toString(persona)) +
                    (back_after ? " for " + std::to_string(back_after->count()) : ""));
  }
  void refuseConnections(Duration duration) override {
    calls.push_back("refuse " + std::to_string(duration.count()));
  }
  void signalStorm(Direction persona, std::uint64_t signals, Duration interval) override {
    calls.push_back("storm " + std::string(toString(persona)) + " " + std::to_string(signals) + " " +
                    std::to_string(interval.count()));
  }

  std::vector<std::string> calls;
};

TEST_P(FaultSetTest, PersonasAreToldWhenTheirMessagePasses) {
  run([](Runtime& runtime) {
    const auto faults = makeFaults(
        runtime, {faultOf("pause", FaultPlace::insideHeader, {{"persona", "sender"}, {"duration_ms", "7"}}),
                  faultOf("kill", FaultPlace::insideHeader, {{"persona", "receiver"}}),
                  faultOf("kill", FaultPlace::insideHeader, {{"persona", "client"}, {"back_after_ms", "2"}}),
                  faultOf("refuse_connections"),
                  faultOf("signal_storm", FaultPlace::afterMessage, {{"signals", "9"}})});
    CountingPersonas personas;
    const std::vector<Bytes> messages{messageOf(kType, 4)};
    // Nobody controls them: nothing happens, and it is not said to have.
    transfer(runtime, *makeFaults(runtime, {faultOf("kill")}), messages);
    faults->setPersonas(&personas);
    EXPECT_TRUE(transfer(runtime, *faults, messages).bytes == messages[0]);
    EXPECT_THAT(personas.calls, ElementsAre("refuse 1000000000", "pause client 7000000", "kill server",
                                            "kill client for 2000000", "storm server 9 1000000"));
    EXPECT_EQ(faults->firingCount(), 5U);
    faults->setPersonas(nullptr);
  });
}

TEST(FaultTimeTest, ATimeAloneSetsOffWhatHappensToPersonas) {
  simulate([](Runtime& runtime) {
    FaultSpec late = faultOf("kill");
    late.trigger.not_before_ms = 500;
    FaultSpec early = faultOf("pause");
    early.trigger.not_before_ms = 100;
    FaultSpec never = faultOf("pause");
    never.trigger.not_before_ms = 100'000;
    const auto faults = makeFaults(runtime, {late, early, never});
    CountingPersonas personas;
    faults->setPersonas(&personas);
    runtime.sleepUntil(Instant{400'000'000});
    EXPECT_THAT(faults->firings(), SizeIs(1));
    runtime.sleepUntil(Instant{600'000'000});
    faults->setPersonas(nullptr);  // and nobody is inside any more
    ASSERT_THAT(personas.calls, SizeIs(2));
    EXPECT_EQ(personas.calls[0], "pause server 1000000000");
    ASSERT_THAT(faults->firings(), SizeIs(2));
    EXPECT_EQ(faults->firings()[1].time, Instant{500'000'000});
    EXPECT_EQ(toString(faults->firings()[1]), "kill at 500.000 ms");
  });
}

// Errors of who writes them down.

TEST(FaultCheckTest, SaysWhatIsWrongAndWhatWasExpected) {
  struct Case {
    FaultSpec spec;
    std::vector<std::string> words;
  };
  const auto with = [](std::string action, std::map<std::string, std::string> parameters) {
    return faultOf(std::move(action), FaultPlace::beforeMessage, std::move(parameters));
  };
  const auto when = [](std::string action, const std::function<void(FaultTrigger&)>& change) {
    FaultSpec spec = faultOf(std::move(action));
    change(spec.trigger);
    return spec;
  };
  const std::vector<Case> cases{
      {with("stal", {}), {"'stal': no such action; did you mean stall"}},
      {with("qqqqqqqqq", {}), {"no such action, expected close, half_close"}},
      {with("stall", {{"duration", "3"}}),
       {"'duration': no such parameter, expected duration_ms", "did you mean duration_ms?"}},
      {with("close", {{"hard", "1"}}), {"'hard': it has no parameters"}},
      {with("stall", {{"duration_ms", "-1"}}), {"duration_ms: '-1': expected a number from 0 to 86400000"}},
      {with("stall", {{"duration_ms", "soon"}}), {"duration_ms: 'soon': expected a number"}},
      {with("stall", {{"duration_ms", "3s"}}), {"duration_ms: '3s'"}},
      {with("stall", {{"duration_ms", "0x"}}), {"duration_ms: '0x'"}},
      {with("stall", {{"duration_ms", "99999999999999999999"}}), {"expected a number"}},
      {with("slice", {{"size_bytes", "0"}}), {"from 1 to 65536"}},
      {with("truncate", {{"then", "halfclose"}}),
       {"then: 'halfclose': expected one of close, half_close", "did you mean close, half_close?"}},
      {with("rewrite", {{"type", "compilationReqest"}}),
       {"type: 'compilationReqest'", "did you mean compilationRequest"}},
      {with("rewrite", {{"type", "70000"}}), {"expected the name of a message type or its number"}},
      {with("rewrite", {{"values", "int33(1)"}}), {"values: 'int33(1)':"}},
      {with("insert", {{"values", "int32("}}), {"values: 'int32(':"}},
      {when("drop", [](FaultTrigger& t) { t.message = 0; }), {"message: 0: expected a number from 1"}},
      {when("drop", [](FaultTrigger& t) { t.connection = 0; }), {"connection: 0"}},
      {when("drop", [](FaultTrigger& t) { t.probability_ppm = 1'000'001; }),
       {"probability_ppm: 1000001: expected at most 1000000"}},
      {when("drop", [](FaultTrigger& t) { t.not_before_ms = 2, t.not_after_ms = 1; }),
       {"not_after_ms: 1: expected no less than not_before_ms, 2"}},
      {when("drop", [](FaultTrigger& t) { t.byte = 3; }),
       {"byte: 3: goes with place at_byte, not with before_message"}},
      {when("tls_close", [](FaultTrigger& t) { t.compilation = 2; }), {"tls_close works below TLS"}},
      {when("tls_wrong_certificate", [](FaultTrigger& t) { t.type = 2; }),
       {"tls_wrong_certificate happens as a connection comes about"}},
  };
  for (const Case& wrong : cases) {
    const auto checked = checkFault(wrong.spec, *headDialect());
    ASSERT_FALSE(checked) << wrong.words[0];
    for (const std::string& words : wrong.words) EXPECT_THAT(checked.error(), HasSubstr(words));
  }
}

TEST(FaultCheckTest, MakeSaysWhichFaultIsMeant) {
  simulate([](Runtime& runtime) {
    const auto made = FaultSet::make(runtime, headDialect(), {faultOf("drop"), faultOf("dropp")});
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error(), HasSubstr("fault 2 (dropp): 'dropp': no such action; did you mean drop"));
  });
}

TEST(FaultActionTest, EachHasASentenceAndGoodDefaults) {
  std::vector<std::string_view> names;
  EXPECT_THAT(faultActions(), SizeIs(29));
  for (const FaultAction* action : faultActions()) {
    EXPECT_TRUE(std::ranges::find(names, action->name) == names.end()) << action->name;
    names.push_back(action->name);
    EXPECT_EQ(findFaultAction(action->name), action);
    EXPECT_TRUE(action->sentence.ends_with('.')) << action->name;
    EXPECT_FALSE(action->only_delays && action->alters_bytes) << action->name;
    EXPECT_TRUE(checkFault(faultOf(std::string(action->name)), *headDialect())) << action->name;
    for (const FaultParameter& parameter : action->parameters) {
      EXPECT_FALSE(parameter.sentence.empty()) << action->name << " " << parameter.name;
      EXPECT_LE(parameter.min, parameter.max) << action->name << " " << parameter.name;
      if (parameter.default_value.empty()) {
        EXPECT_THAT(parameter.sentence, HasSubstr("not given: "));
      }
    }
  }
}

}  // namespace
}  // namespace jitrig::test
