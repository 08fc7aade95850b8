// What both ends see of each action, at each place of a message, with the fault at either end.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <functional>
#include <map>

#include "scenarios/fault/fault_action.h"
#include "scenarios/fault/fault_place.h"
#include "scenarios/fault/fault_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Three messages of one direction; the second is the one that faults happen to.
const std::vector<Bytes>& sentMessages() {
  static const std::vector<Bytes> kMessages{messageOf(kType, 20, 'a'), messageOf(kType, 101, 'b'),
                                            messageOf(kType, 60, 'c')};
  return kMessages;
}

/// Both ends after the sender wrote three messages and closed, or could not.
struct Outcome {
  Received receiver;
  std::optional<NetError> sender;  ///< why it could not write
  NetError sender_read;            ///< what it read at the end
  std::vector<FaultFiring> firings;
};

/// With `fault_at_sender` the end that writes has the fault, otherwise the end that reads.
Outcome play(Runtime& runtime, FaultSpec spec, bool fault_at_sender, Instant deadline) {
  spec.trigger.message = 2;
  spec.trigger.direction = Direction::client;
  const auto faults = makeFaults(runtime, {spec});
  Ends ends = connectEnds(runtime);
  if (fault_at_sender) {
    ends.client = faults->decorate(std::move(ends.client), Direction::client);
  } else {
    ends.server = faults->decorate(std::move(ends.server), Direction::server);
  }
  Outcome outcome;
  const auto receiver = runtime.spawn("receiver", [&] {
    outcome.receiver = receiveAll(runtime, *ends.server, deadline);
    ends.server.reset();
  });
  for (const Bytes& message : sentMessages()) {
    if (const auto written = writeAll(*ends.client, message, deadline); !written) {
      outcome.sender = written.error();
      break;
    }
  }
  if (!outcome.sender) static_cast<void>(ends.client->closeWrite());
  outcome.sender_read = receiveAll(runtime, *ends.client, deadline).error;
  ends.client.reset();
  receiver->join();
  outcome.firings = faults->firings();
  return outcome;
}

/// The messages with another one in the second's place.
Bytes withSecond(const Bytes& second) {
  return joined({sentMessages()[0], second, sentMessages()[2]});
}

/// The bytes before that place in the second message.
Bytes upTo(FaultPlace place) {
  const Bytes& second = sentMessages()[1];
  return joined(
      {sentMessages()[0], firstOf(second, *offsetOf(place, 30, second.size(), FaultUnit::message))});
}

struct ActionCase {
  std::string name;
  std::map<std::string, std::string> parameters;
  /// What arrives; the place is the trigger's.
  std::function<Bytes(FaultPlace)> arrives;
  NetErrc receiver_reads_then = NetErrc::endOfFile;
  std::optional<NetErrc> sender_fails = std::nullopt;  ///< where the fault is at its end
  bool needs_time = false;                             ///< so only in the simulation
};

Bytes rewritten(std::size_t offset, std::uint32_t value, std::size_t size_bytes) {
  Bytes second = sentMessages()[1];
  std::memcpy(second.data() + offset, &value, size_bytes);
  return withSecond(second);
}

std::function<Bytes(FaultPlace)> always(Bytes bytes) {
  return [bytes = std::move(bytes)](FaultPlace) { return bytes; };
}

const Bytes& all() {
  static const Bytes kAll = joined(sentMessages());
  return kAll;
}

/// An inserted message, where the place is.
Bytes inserted(FaultPlace place) {
  Message message(headDialect()->compilation_interrupted);
  const auto bytes = message.serialize();
  const Bytes before = upTo(place);
  return joined({before, Bytes(bytes.begin(), bytes.end()),
                 Bytes(all().begin() + static_cast<std::ptrdiff_t>(before.size()), all().end())});
}

Bytes withoutTail(FaultPlace place) {
  return joined({upTo(place), sentMessages()[2]});
}

std::vector<ActionCase> actionCases() {
  const Bytes& first = sentMessages()[0];
  const Bytes& second = sentMessages()[1];
  const Bytes& third = sentMessages()[2];
  const std::string for_ever = "86400000";
  Message other_body(kType);
  setArgs(other_body, std::int32_t{-2}, true);
  const auto other = other_body.serialize();
  return {
      {"close", {}, upTo, NetErrc::endOfFile, NetErrc::reset},
      {"half_close", {}, upTo},
      {"reset", {}, upTo, NetErrc::reset, NetErrc::reset},
      {"stall", {{"duration_ms", "5"}}, always(all())},
      {"black_hole", {}, upTo, NetErrc::timedOut, std::nullopt, true},
      {"delay", {{"delay_ms", "3"}, {"jitter_ms", "2"}}, always(all())},
      {"bandwidth", {{"bytes_per_s", "50000"}}, always(all())},
      {"slice", {}, always(all())},
      {"slice", {{"size_bytes", "7"}}, always(all())},
      {"coalesce", {{"at_most_ms", for_ever}}, always(all())},
      {"coalesce", {{"messages", "3"}, {"at_most_ms", for_ever}}, always(all())},
      {"reorder", {{"at_most_ms", for_ever}}, always(joined({first, third, second}))},
      {"reorder", {{"at_most_ms", for_ever}, {"messages", "2"}}, always(joined({first, third, second}))},
      {"truncate", {}, upTo, NetErrc::endOfFile, NetErrc::reset},
      {"truncate", {{"then", "half_close"}}, upTo},
      {"truncate", {{"then", "reset"}}, upTo, NetErrc::reset, NetErrc::reset},
      {"truncate", {{"then", "go_on"}}, withoutTail},
      {"duplicate", {}, always(withSecond(joined({second, second})))},
      {"duplicate", {{"times", "3"}}, always(withSecond(joined({second, second, second, second})))},
      {"drop", {}, always(withSecond({}))},
      {"insert", {}, inserted},
      {"rewrite", {{"type", "compilationRequest"}}, always(rewritten(12, 8, 2))},
      {"rewrite", {{"version", "0x01006800"}}, always(rewritten(4, 0x01006800, 4))},
      {"rewrite", {{"configuration", "17"}}, always(rewritten(8, 17, 4))},
      {"rewrite", {{"data_points", "9"}}, always(rewritten(14, 9, 2))},
      {"rewrite", {{"size_bytes", "0xffffffff"}}, always(rewritten(0, 0xffffffff, 4))},
      {"rewrite",
       {{"size_change_bytes", "-4"}},
       always(rewritten(0, static_cast<std::uint32_t>(second.size() - 4), 4))},
      {"rewrite",
       {{"values", "int32(-2), bool(true)"}},
       always(withSecond(Bytes(other.begin(), other.end())))},
  };
}

std::string describe(const ActionCase& action, FaultPlace place, bool fault_at_sender) {
  std::string text = action.name;
  for (const auto& [name, value] : action.parameters) text += " " + name + "=" + value;
  return text + " " + std::string(toString(place)) +
         (fault_at_sender ? ", at the sender" : ", at the receiver");
}

class FaultActionsTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  static bool isSimulated() { return GetParam().name != "operating_system"; }
};
INSTANTIATE_TEST_SUITE_P(, FaultActionsTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

bool isPrefix(const Bytes& bytes, const Bytes& of) {
  return bytes.size() <= of.size() && std::equal(bytes.begin(), bytes.end(), of.begin());
}

/// A reset drops what is in flight, if it comes from the sender.
void expectArrived(const Outcome& outcome, const Bytes& expected, bool may_be_cut, const std::string& what) {
  if (may_be_cut) {
    EXPECT_TRUE(isPrefix(outcome.receiver.bytes, expected)) << what;
  } else {
    EXPECT_EQ(outcome.receiver.bytes.size(), expected.size()) << what;
    EXPECT_TRUE(outcome.receiver.bytes == expected) << what;
  }
}

TEST_P(FaultActionsTest, EachActionAtEachPlaceFromEitherEnd) {
  GetParam().run([](Runtime& runtime) {
    for (const ActionCase& action : actionCases()) {
      if (action.needs_time && !isSimulated()) continue;
      for (const FaultPlaceName& place : faultPlaces()) {
        for (const bool at_sender : {true, false}) {
          FaultSpec spec = faultOf(action.name, place.place, action.parameters);
          if (place.place == FaultPlace::atByte) spec.trigger.byte = 30;
          const Instant deadline =
              action.needs_time ? runtime.now() + std::chrono::seconds(1) : patience(runtime);
          const Outcome outcome = play(runtime, spec, at_sender, deadline);
          const std::string what = describe(action, place.place, at_sender);
          const bool resets = action.receiver_reads_then == NetErrc::reset;
          const Bytes expected = action.arrives(place.place);
          expectArrived(outcome, expected, resets && at_sender, what);
          EXPECT_EQ(outcome.receiver.error.code, action.receiver_reads_then)
              << what << ": " << outcome.receiver.error.detail;
          if (at_sender) {
            EXPECT_EQ(outcome.sender ? std::optional(outcome.sender->code) : std::nullopt,
                      action.sender_fails)
                << what;
          }
          ASSERT_EQ(outcome.firings.size(), 1U) << what;
          EXPECT_EQ(outcome.firings[0].action, action.name);
          EXPECT_EQ(outcome.firings[0].message, 2U);
          EXPECT_EQ(outcome.firings[0].type, kType);
          EXPECT_EQ(outcome.firings[0].connection, 1U);
          EXPECT_EQ(outcome.firings[0].local, at_sender ? Direction::client : Direction::server);
        }
      }
    }
  });
}

// corrupt draws its bits, so what arrives is known but for them.

struct CorruptCase {
  std::string field;
  std::size_t begin;  ///< in the second message
  std::size_t end;
};

std::vector<CorruptCase> corruptCases() {
  const std::size_t size = sentMessages()[1].size();
  return {{"behind_place", 40, size}, {"size", 0, 4},    {"version", 4, 8},      {"configuration", 8, 12},
          {"type", 12, 14},           {"count", 14, 16}, {"descriptor", 16, 24}, {"payload", 24, size}};
}

std::size_t flippedBits(const Bytes& sent, const Bytes& arrived, std::size_t begin, std::size_t end) {
  std::size_t bits = 0;
  for (std::size_t i = begin; i < end; ++i) {
    bits += static_cast<std::size_t>(std::popcount(std::to_integer<unsigned>(sent[i] ^ arrived[i])));
  }
  return bits;
}

TEST_P(FaultActionsTest, CorruptFlipsBitsOfItsFieldAndNoOthers) {
  GetParam().run([](Runtime& runtime) {
    const std::size_t before = sentMessages()[0].size();
    for (const CorruptCase& corrupt : corruptCases()) {
      for (const bool at_sender : {true, false}) {
        FaultSpec spec = faultOf("corrupt", FaultPlace::atByte, {{"field", corrupt.field}});
        spec.trigger.byte = 40;
        const Outcome outcome = play(runtime, spec, at_sender, patience(runtime));
        const Bytes& arrived = outcome.receiver.bytes;
        ASSERT_EQ(arrived.size(), all().size()) << corrupt.field;
        EXPECT_EQ(flippedBits(all(), arrived, before + corrupt.begin, before + corrupt.end), 1U)
            << corrupt.field;
        EXPECT_EQ(flippedBits(all(), arrived, 0, all().size()), 1U) << corrupt.field;
        EXPECT_THAT(outcome.firings, ::testing::SizeIs(1)) << corrupt.field;
      }
    }
  });
}

TEST_P(FaultActionsTest, CorruptFlipsAsManyBitsAsItIsTold) {
  GetParam().run([](Runtime& runtime) {
    const FaultSpec spec = faultOf("corrupt", FaultPlace::beforeMessage, {{"bits", "64"}});
    const Outcome outcome = play(runtime, spec, true, patience(runtime));
    ASSERT_EQ(outcome.receiver.bytes.size(), all().size());
    // A bit that is drawn twice is what it was; of 1,000 that befalls few of 64.
    EXPECT_THAT(flippedBits(all(), outcome.receiver.bytes, 0, all().size()),
                ::testing::AllOf(::testing::Gt(16U), ::testing::Le(64U)));
  });
}

/// A message that lacks the field, which only strangers send, is hit where it can be.
TEST_P(FaultActionsTest, CorruptHitsTheLastByteOfAMessageWithoutTheField) {
  GetParam().run([](Runtime& runtime) {
    const Message goodbye(headDialect()->connection_terminate);
    const auto bytes = goodbye.serialize();
    const auto faults =
        makeFaults(runtime, {faultOf("corrupt", FaultPlace::beforeMessage, {{"field", "payload"}})});
    Ends ends = connectEnds(runtime);
    ends.client = faults->decorate(std::move(ends.client), Direction::client);
    ASSERT_TRUE(writeAll(*ends.client, bytes, patience(runtime)));
    static_cast<void>(ends.client->closeWrite());
    const Bytes arrived = receiveAll(runtime, *ends.server, patience(runtime)).bytes;
    const Bytes sent(bytes.begin(), bytes.end());
    ASSERT_EQ(arrived.size(), sent.size());
    EXPECT_EQ(flippedBits(sent, arrived, sent.size() - 1, sent.size()), 1U);
    EXPECT_EQ(flippedBits(sent, arrived, 0, sent.size()), 1U);
  });
}

}  // namespace
}  // namespace jitrig::test
