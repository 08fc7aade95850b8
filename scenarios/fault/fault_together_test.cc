// Several faults at one message, messages that go on together, limits; and many faults at once.

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>

#include "protocol/runtime/random_stream.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/fault/fault_action.h"
#include "scenarios/fault/fault_lane.h"
#include "scenarios/fault/fault_place.h"
#include "scenarios/fault/fault_set.h"
#include "scenarios/fault/fault_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::SizeIs;

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

}  // namespace
}  // namespace jitrig::test
