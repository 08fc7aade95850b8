// Triggers and firings, and personas as their messages pass: what is not any single action's.

#include "scenarios/fault/fault_set.h"

#include <algorithm>
#include <functional>

#include "scenarios/fault/fault_place.h"
#include "scenarios/fault/fault_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

INSTANTIATE_TEST_SUITE_P(, FaultSetTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

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

}  // namespace
}  // namespace jitrig::test
