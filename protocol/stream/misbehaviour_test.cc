#include "protocol/stream/misbehaviour.h"

#include <array>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/catalogue/catalogue.h"
#include "protocol/stream/spoiled_message.h"
#include "protocol/wire/args_raw.h"
#include "protocol/wire/message.h"
#include "protocol/wire/value.h"

namespace jitrig {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::array<MisbehaviourInfo, 2> kKnown{
    MisbehaviourInfo{"reply_twice", "Twice.", MisbehaviourEffect::ends},
    MisbehaviourInfo{"reply_late", "Late.", MisbehaviourEffect::harmless}};

TEST(MisbehaviourSpecTest, IsReadFromANameAndANumber) {
  const auto each = parseMisbehaviour("reply_late", kKnown);
  ASSERT_TRUE(each) << each.error();
  EXPECT_EQ(each->name, "reply_late");
  EXPECT_FALSE(each->compilation);
  const auto third = parseMisbehaviour("reply_twice:3", kKnown);
  ASSERT_TRUE(third) << third.error();
  EXPECT_EQ(third->compilation, 3U);
}

TEST(MisbehaviourSpecTest, AnUnknownNameIsToldTheNearest) {
  const auto parsed = parseMisbehaviour("reply_latte", kKnown);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error(), "no misbehaviour is called 'reply_latte'; nearest: reply_late");
  const auto far = parseMisbehaviour("x", kKnown);
  ASSERT_FALSE(far);
  EXPECT_EQ(far.error(), "no misbehaviour is called 'x'");
}

TEST(MisbehaviourSpecTest, OtherTextsAreRefusedInWords) {
  for (const char* text : {"reply_late:", "reply_late:x", "reply_late:1:2", "reply_late:-1", "reply_late: 1",
                           "reply_late:99999999999999999999"}) {
    const auto parsed = parseMisbehaviour(text, kKnown);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error(), AllOf(HasSubstr(text), HasSubstr("expected NAME or NAME:COMPILATION")));
  }
  const auto zero = parseMisbehaviour("reply_late:0", kKnown);
  ASSERT_FALSE(zero);
  EXPECT_EQ(zero.error(), "misbehaviour reply_late: compilations count from 1");
}

Message sample() {
  Message message(67);
  setArgs(message, std::uint64_t{7}, std::string("abc"), true);
  return message;
}

/// What a reader says of it.
std::string refusal(const EncodedMessage& message) {
  const auto parsed = Message::parse(message, ParseOptions{});
  return parsed ? "" : toString(parsed.error());
}

TEST(SpoiledMessageTest, OneThingIsWrong) {
  const Message message = sample();
  const auto bytes = message.serialize();
  EXPECT_THAT(refusal(withDescriptorBeyondEnd(bytes)), HasSubstr("payloadLength"));
  EXPECT_THAT(refusal(withNestedLie(bytes)), HasSubstr("descriptorPastEnd"));
  EXPECT_THAT(refusal(withVectorCountLie(bytes)), HasSubstr("vectorTooLong"));
  EXPECT_THAT(refusal(withEnumDataPoint(bytes)), HasSubstr("unknownDataType"));
  EXPECT_THAT(refusal(withCount(bytes, 4)), HasSubstr("descriptorPastEnd"));
  EXPECT_THAT(refusal(withCount(bytes, 2)), HasSubstr("trailingBytes"));
  EXPECT_EQ(firstHalf(bytes).size(), bytes.size() / 2);
}

TEST(SpoiledMessageTest, OtherwiseItIsWhole) {
  const Message message = sample();
  const auto bytes = message.serialize();
  const std::vector<Value> values = toValues(message);
  const auto valuesOf = [](const EncodedMessage& spoiled) {
    const auto parsed = Message::parse(spoiled, ParseOptions{});
    EXPECT_TRUE(parsed);
    return parsed ? toValues(*parsed) : std::vector<Value>{};
  };
  EXPECT_EQ(valuesOf(withTooFewDataPoints(bytes)), (std::vector<Value>{values[0], values[1]}));
  EXPECT_EQ(valuesOf(withTooManyDataPoints(bytes)),
            (std::vector<Value>{values[0], values[1], values[2], Value(true)}));
  EXPECT_TRUE(valuesOf(withoutDataPoints(bytes)).empty());
  EXPECT_EQ(valuesOf(withWrongDataType(bytes))[0].type(), DataType::STRING);
  EXPECT_EQ(valuesOf(withWrongDataSize(bytes))[0].type(), DataType::OBJECT);
  EXPECT_EQ(valuesOf(withDirtyPadding(bytes)), values);
  EXPECT_NE(withDirtyPadding(bytes), EncodedMessage(bytes.begin(), bytes.end()));
  EXPECT_EQ(typeOf(withType(bytes, 9)), 9);
  EXPECT_EQ(valuesOf(withVersion(bytes, {1, 2})), values);
}

TEST(SpoiledMessageTest, AMessageWithoutDataPointsStaysOne) {
  const EncodedMessage empty = encodedBodyless(11);
  for (const auto spoil : {withTooFewDataPoints, withWrongDataType, withWrongDataSize, withEnumDataPoint,
                           withDescriptorBeyondEnd, withDirtyPadding})
    EXPECT_EQ(spoil(empty), empty);
}

std::shared_ptr<const Dialect> dialectOf(std::string_view release) {
  const auto table = Catalogue::builtIn().table(std::string(release)).value();
  return Dialect::make(table, table->release().defaultVersion()).value();
}

TEST(SpoiledMessageTest, TwoQueriesAreThereInEachRelease) {
  for (const std::string_view name : {"0.20.0", "0.60.0"}) {
    const auto release = dialectOf(name);
    const std::uint16_t query = otherQueryThan(*release, kTypeOfNoRelease);
    const std::uint16_t other = otherQueryThan(*release, query);
    EXPECT_NE(other, query) << name;
    for (const std::uint16_t each : {query, other}) EXPECT_NE(release->table->find(each), nullptr) << name;
  }
}

TEST(SpoiledMessageTest, TypesHaveTheNumbersOfTheRelease) {
  const auto release = dialectOf("0.60.0");
  const MessageType* crashed = release->table->find(typeNamed(*release, "compilationThreadCrashed"));
  ASSERT_NE(crashed, nullptr);
  EXPECT_EQ(crashed->name, "compilationThreadCrashed");
}

TEST(SpoiledMessageTest, ATypeThatIsYoungerThanTheReleaseIsUnknownToIt) {
  const auto release = dialectOf("0.25.0");
  EXPECT_EQ(typeNamed(*release, "compilationThreadCrashed"), kTypeOfNoRelease);
  EXPECT_EQ(release->table->find(kTypeOfNoRelease), nullptr);
}

}  // namespace
}  // namespace jitrig
