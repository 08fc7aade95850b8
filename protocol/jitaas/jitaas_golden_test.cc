#include <cstddef>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <span>
#include <vector>

#include "protocol/jitaas/jitaas_goldens.h"
#include "protocol/jitaas/jitaas_message.h"
#include "protocol/jitaas/jitaas_message_types.h"
#include "protocol/jitaas/tagged_value.h"
#include "protocol/wire/hex.h"
#include "protocol/wire/value_text.h"
#include "protocol/wire/wire_testing.h"

// What the real socket code wrote, without C++ types. With them: protobuf_type_convert_test.cc.
namespace jitrig {
namespace {

using ::testing::ElementsAre;
using testing::JitaasGolden;
using testing::jitaasGolden;
using testing::jitaasGoldens;

const JitaasMessageTypes& goldensRelease() {
  return *findJitaasRelease("0.18.0");
}

JitaasMessage parsed(const JitaasGolden& golden) {
  auto message = JitaasMessage::parse(golden.frame);
  if (!message) throw std::runtime_error(golden.name + ": " + toString(message.error()));
  return std::move(*message);
}

TEST(JitaasGolden, EachBecomesTheValuesThatWereSent) {
  EXPECT_EQ(jitaasGoldens().size(), 30U);
  for (const JitaasGolden& golden : jitaasGoldens()) {
    const JitaasMessage message = parsed(golden);
    EXPECT_EQ(message.type(), golden.type) << golden.name;
    EXPECT_EQ(message.version(), golden.version) << golden.name;
    EXPECT_TRUE(toTaggedValues(message.data()) == golden.values)
        << golden.name << ": " << toText(withoutTags(toTaggedValues(message.data())));
  }
}

TEST(JitaasGolden, ValuesBecomeTheSameBytes) {
  for (const JitaasGolden& golden : jitaasGoldens()) {
    JitaasMessage message(golden.type, golden.version);
    addTaggedValues(message.data(), golden.values);
    EXPECT_EQ(toHex(message.serialize()), toHex(golden.frame)) << golden.name;
  }
}

/// As no peer writes it, but protobuf reads it: its data in pieces. And as we write it then.
const std::vector<std::byte> kInPieces =
    testing::fromHex("1700000012060a0408031005120d0a0b28ffffffffffffffffff01");
const char* const kInOnePiece = "1500000012130a04080310050a0b28ffffffffffffffffff01";

TEST(JitaasGolden, OneMessageIsEachOfThemInTurn) {
  JitaasMessage received(1);
  JitaasMessage sent(1);
  std::vector<std::byte> frame(500);
  for (const JitaasGolden& golden : jitaasGoldens()) {
    ASSERT_TRUE(received.read(golden.frame)) << golden.name;
    received.serialize(frame);
    EXPECT_EQ(toHex(frame), toHex(golden.frame)) << golden.name;
    EXPECT_TRUE(toTaggedValues(received.data()) == golden.values) << golden.name;  // with what protobuf has
    ASSERT_TRUE(received.read(kInPieces)) << golden.name;
    received.serialize(frame);
    EXPECT_EQ(toHex(frame), kInOnePiece) << golden.name;
    sent.start(golden.type, golden.version);
    addTaggedValues(sent.data(), golden.values);
    sent.serialize(frame);
    EXPECT_EQ(toHex(frame), toHex(golden.frame)) << golden.name;
  }
}

TEST(JitaasGolden, AMessageThatRefusesAFrameHasNothingOfTheOneBefore) {
  for (const JitaasGolden& golden : jitaasGoldens()) {
    JitaasMessage message = parsed(golden);
    const std::span cut_off(golden.frame.data(), golden.frame.size() - 1);
    const auto refused = message.read(cut_off);
    ASSERT_FALSE(refused) << golden.name;
    EXPECT_EQ(toString(refused.error()), toString(JitaasMessage::parse(cut_off).error()));
    EXPECT_EQ(toHex(message.serialize()), "020000001200") << golden.name;
  }
}

TEST(JitaasGolden, TypesHaveTheNamesOfTheirRelease) {
  for (const JitaasGolden& golden : jitaasGoldens()) {
    EXPECT_EQ(goldensRelease().nameOf(golden.type), golden.type_name);
    EXPECT_EQ(goldensRelease().numberOf(golden.type_name), golden.type);
  }
}

TEST(JitaasGolden, WithoutTagsAValueIsThatOfTheRawGeneration) {
  EXPECT_EQ(toText(withoutTags(jitaasGolden("tuple").values)),
            "tuple(uint32(1), uint64(2), bool(true), string(\"t\"))");
  EXPECT_EQ(toText(withoutTags(jitaasGolden("vec_string").values)),
            "string(\"n\"), vector(object(61), object(), object(68656c6c6f))");
  EXPECT_EQ(toText(withoutTags(jitaasGolden("vec_empty_u32").values)), "vector()");
}

TEST(JitaasMessageTypes, KnowEachRelease) {
  std::vector<std::string_view> releases;
  for (const JitaasMessageTypes& release : jitaasReleases()) releases.push_back(release.release);
  EXPECT_THAT(releases, ElementsAre("grpc_2019", "0.16.0", "0.17.0", "0.18.0", "0.19.0"));
  EXPECT_EQ(findJitaasRelease("0.20.0"), nullptr);
  EXPECT_EQ(findJitaasRelease("0.19.0")->numberOf("ResolvedMethod_dynamicConstant"), 156);
  EXPECT_EQ(goldensRelease().numberOf("ResolvedMethod_dynamicConstant"), std::nullopt);
}

TEST(JitaasMessageTypes, AnUnknownNumberIsItsOwnName) {
  EXPECT_EQ(goldensRelease().nameOf(4711), "#4711");
  EXPECT_EQ(goldensRelease().nameOf(-1), "#-1");
}

}  // namespace
}  // namespace jitrig
