#include "protocol/jitaas/protobuf_validation.h"

#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/jitaas/jitaas_goldens.h"
#include "protocol/jitaas/jitaas_message.h"
#include "protocol/jitaas/tagged_value.h"
#include "protocol/wire/hex.h"
#include "protocol/wire/wire_testing.h"

namespace jitrig {
namespace {

using testing::Bytes;
using testing::fromHex;
using ::testing::HasSubstr;
using testing::jitaasGolden;
using testing::jitaasGoldens;
using testing::kByteChangeStep;
using testing::SplitMix;

/// With a size field that is right.
Bytes frameOf(Bytes body) {
  const auto size = static_cast<std::uint32_t>(body.size());
  const auto* first = reinterpret_cast<const std::byte*>(&size);
  body.insert(body.begin(), first, first + sizeof size);
  return body;
}

std::string refusal(const Bytes& frame, const ProtobufLimits& limits = {}) {
  const auto message = JitaasMessage::parse(frame, limits);
  return message ? "accepted" : toString(message.error());
}

struct BadBody {
  std::string_view name;
  std::string_view hex;
  std::string_view error;
};

TEST(ProtobufValidation, SaysWhereAMessageIsWrong) {
  const std::vector<BadBody> kBodies{
      {"a number that does not end", "08ff",
       "offset 5: message: a number that does not end within the 1 bytes left"},
      {"a number of eleven bytes", "088080808080808080808000",
       "offset 5: message: a number of more than 10 bytes"},
      {"field 0", "0001", "offset 4: message: 0 is no field number; expected 1 to 536870911"},
      {"a field number of 30 bits", "80808080108000", "offset 4: message: 536870912 is no field number"},
      {"a group", "0b0c", "offset 5: message: wire type 3; expected 0, 1, 2 or 5"},
      {"a wire type that is none", "0f", "offset 5: message: wire type 7; expected 0, 1, 2 or 5"},
      {"data beyond the end", "1205", "offset 5: message: a length of 5 bytes, but only 0 are left"},
      {"a value beyond its data", "12030a0508", "offset 7: data: a length of 5 bytes, but only 1 are left"},
      {"half of a fixed64", "1900000000", "offset 5: message: 8 bytes are due, but only 4 are left"},
      {"half of a fixed32", "1d0000", "offset 5: message: 4 bytes are due, but only 2 are left"},
      {"a string beyond its value", "120a0a02280a0a0432056162",
       "offset 13: data[1]: a length of 5 bytes, but only 2 are left"},
      {"a value without content", "12040a020807", "offset 8: data[0]: a value without content"},
      {"an empty value", "12020a00", "offset 8: data[0]: a value without content"},
      {"content of another wire type", "12070a0535000000aa", "offset 8: data[0]: a value without content"},
      {"an empty value in a vector", "12060a0442020a00",
       "offset 12: data[0].vector_v[0]: a value without content"},
  };
  for (const BadBody& bad : kBodies) {
    EXPECT_THAT(refusal(frameOf(fromHex(bad.hex))), HasSubstr(bad.error)) << bad.name;
  }
}

TEST(ProtobufValidation, SaysWhatIsWrongWithTheFrame) {
  EXPECT_EQ(refusal(fromHex("040000")),
            "offset 0: size: 3 bytes; expected the 4 of a size, and what it says");
  EXPECT_EQ(refusal(fromHex("0400000008")), "offset 0: size: 4 bytes, but 1 follow");
  EXPECT_EQ(refusal(fromHex("000000000806")), "offset 0: size: 0 bytes, but 2 follow");
  EXPECT_EQ(refusal(fromHex("01000004")),
            "offset 0: size: 67108865 bytes, but a message may have no more than "
            "67108864 (max_message_size_bytes)");
}

TEST(ProtobufValidation, PassesOverWhatIsNotKnown) {
  // Fields 15 of all four kinds in the message, its data and a value; a type given twice.
  const std::string unknown = "78017900000000000000007a02abcd7d00000000";
  const std::string value = "2807" + unknown;
  const std::string values = "0a16" + value + unknown;
  EXPECT_EQ(refusal(frameOf(fromHex("08050806122c" + values + unknown))), "accepted");
  const auto message = JitaasMessage::parse(frameOf(fromHex("08050806122c" + values + unknown)));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type(), 6);
  EXPECT_EQ(toTaggedValues(message->data()), (std::vector<TaggedValue>{{0, std::int32_t{7}}}));
}

TEST(ProtobufValidation, NoDataIsEmptyData) {
  const auto message = JitaasMessage::parse(frameOf(fromHex("0806")));
  ASSERT_TRUE(message);
  EXPECT_TRUE(toTaggedValues(message->data()).empty());
  EXPECT_EQ(toHex(message->serialize()), "020000000806");
}

Bytes nested(std::size_t containers) {
  TaggedValue value{1, true};
  for (std::size_t i = 0; i < containers; ++i) {
    TaggedValue::Tuple tuple;
    tuple.elements.push_back(std::move(value));
    value = TaggedValue{1, std::move(tuple)};
  }
  JitaasMessage message(1);
  addTaggedValues(message.data(), std::span(&value, 1));
  return message.serialize();
}

TEST(ProtobufLimits, NestAsDeepAsProtobufReads) {
  EXPECT_EQ(refusal(nested(49)), "accepted");
  EXPECT_THAT(refusal(nested(50)), HasSubstr("vectors and tuples nest deeper than 49 (max_nesting)"));
  // The limit is protobuf's own.
  EXPECT_THAT(refusal(nested(50), {.max_nesting = 50}), HasSubstr("protobuf does not read it"));
  EXPECT_THAT(refusal(nested(1), {.max_nesting = 0}),
              HasSubstr("data[0]: vectors and tuples nest deeper than 0"));
}

TEST(ProtobufLimits, OfSizeAndOfValues) {
  const Bytes frame = jitaasGolden("eight_mixed").frame;
  EXPECT_EQ(refusal(frame, {.max_message_size_bytes = frame.size() - 4, .max_values = 8}), "accepted");
  EXPECT_THAT(refusal(frame, {.max_message_size_bytes = frame.size() - 5}),
              HasSubstr("(max_message_size_bytes)"));
  EXPECT_THAT(refusal(frame, {.max_values = 7}), HasSubstr("data[7]: more than 7 values (max_values)"));
  // Nested ones count.
  EXPECT_THAT(refusal(jitaasGolden("vec_u8").frame, {.max_values = 3}),
              HasSubstr("data[0].vector_v[2]: more than 3"));
}

/// Whatever the bytes are: refused with a place in them, or read, and then written and read again as the
/// same.
void expectSane(const Bytes& frame, const std::string& name) {
  const auto message = JitaasMessage::parse(frame);
  if (!message) {
    EXPECT_LE(message.error().offset, frame.size()) << name;
    return;
  }
  const auto values = toTaggedValues(message->data());
  JitaasMessage again(message->type(), message->version());
  addTaggedValues(again.data(), values);
  const auto back = JitaasMessage::parse(again.serialize());
  ASSERT_TRUE(back) << name << ": " << toString(back.error());
  EXPECT_TRUE(toTaggedValues(back->data()) == values) << name;
}

TEST(ProtobufMutation, EachByteOfTheGoldensChanged) {
  for (const testing::JitaasGolden& golden : jitaasGoldens()) {
    if (golden.frame.size() > 1000) continue;
    Bytes frame = golden.frame;
    for (std::size_t i = 0; i < frame.size(); ++i) {
      for (unsigned change = 1; change < 256; change += 3 * kByteChangeStep) {
        const std::byte original = frame[i];
        frame[i] ^= static_cast<std::byte>(change);
        expectSane(frame, golden.name);
        frame[i] = original;
      }
    }
  }
}

TEST(ProtobufMutation, GoldensCutOffAtEachLength) {
  for (const testing::JitaasGolden& golden : jitaasGoldens()) {
    if (golden.frame.size() > 1000) continue;
    for (std::size_t length = kJitaasFrameHeaderSize; length < golden.frame.size(); ++length) {
      const Bytes body(golden.frame.begin() + kJitaasFrameHeaderSize,
                       golden.frame.begin() + static_cast<long>(length));
      expectSane(frameOf(body), golden.name);
    }
  }
}

TEST(ProtobufMutation, RandomChangesAndRandomBytes) {
  SplitMix random(4711);
  const auto& goldens = jitaasGoldens();
  for (int round = 0; round < 3000; ++round) {
    Bytes frame = goldens[random.below(goldens.size())].frame;
    if (frame.size() > 1000) continue;
    for (std::size_t changes = 1 + random.below(4); changes > 0; --changes) {
      frame[kJitaasFrameHeaderSize + random.below(frame.size() - kJitaasFrameHeaderSize)] =
          static_cast<std::byte>(random.next());
    }
    expectSane(frame, "round " + std::to_string(round));
    Bytes body(random.below(40));
    for (std::byte& byte : body) byte = static_cast<std::byte>(random.next());
    expectSane(frameOf(body), "bytes of round " + std::to_string(round));
  }
}

}  // namespace
}  // namespace jitrig
