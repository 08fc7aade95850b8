#include "protocol/catalogue/message_json.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/catalogue/catalogue.h"
#include "protocol/wire/hex.h"
#include "protocol/wire/value.h"

namespace jitrig {
namespace {

using testing::HasSubstr;

class MessageJsonTest : public testing::Test {
 protected:
  std::string json(const Message& message) const { return toJson(message, *table_); }

  Message parsed(std::string_view json) const {
    auto message = parseMessageJson(json, *table_);
    EXPECT_TRUE(message) << json << ": " << toString(message.error());
    return message ? std::move(*message) : Message();
  }

  TextError errorOf(std::string_view json) const {
    const auto message = parseMessageJson(json, *table_);
    EXPECT_FALSE(message) << json;
    return message ? TextError{} : message.error();
  }

  std::shared_ptr<const MessageTable> table_ = Catalogue::builtIn().defaultTable();
};

TEST_F(MessageJsonTest, KeysInTheirOrder) {
  Message message(67);
  addValue(message, Value(Value::Object{{std::byte{0x0a}, std::byte{0x0b}}}));
  EXPECT_EQ(json(message),
            R"({"type":"VM_isClassArray","number":67,"version":0,"config":0,"data":[{"object":"0a0b"}]})");
}

TEST_F(MessageJsonTest, VersionAndConfigurationAreTheWordsOfTheHeader) {
  Message message;
  message.start(11, 0x01006900, 0x3011);
  EXPECT_EQ(json(message),
            R"({"type":"connectionTerminate","number":11,"version":16804096,"config":12305,"data":[]})");
}

TEST_F(MessageJsonTest, AnUnknownNumberIsItsOwnName) {
  const std::string line = R"({"type":"#305","number":305,"version":0,"config":0,"data":[]})";
  EXPECT_EQ(json(Message(305)), line);
  EXPECT_EQ(parsed(line).type(), 305);
}

TEST_F(MessageJsonTest, BackToTheSameBytes) {
  Message message;
  message.start(8, 0x01006900, 0x3011);
  addValue(message, Value(std::int32_t{-2}));
  addValue(message,
           Value(Value::Vector{{Value(Value::String{"a"}), Value(Value::String{std::string("\0\xff", 2)})}}));
  addValue(message, Value(Value::Tuple{{Value(std::uint64_t{1} << 63U), Value(Value::EmptyVector{})}}));
  EXPECT_TRUE(std::ranges::equal(parsed(json(message)).serialize(), message.serialize()));
}

TEST_F(MessageJsonTest, KeysMayComeInAnyOrderWithBlanks) {
  const Message message = parsed(R"( { "data" : [ ] , "config" : 3 , "number" : 67 , "version" : 2 } )");
  EXPECT_EQ(message.type(), 67);
  EXPECT_EQ(message.version(), 2U);
  EXPECT_EQ(message.config(), 3U);
}

TEST_F(MessageJsonTest, EitherTypeOrNumberIsEnough) {
  EXPECT_EQ(parsed(R"({"type":"VM_isClassArray","data":[]})").type(), 67);
  EXPECT_EQ(parsed(R"({"type":"#67","data":[]})").type(), 67);
  EXPECT_EQ(parsed(R"({"type":"#65535","number":65535,"data":[]})").type(), 65535);
  EXPECT_EQ(parsed(R"({"number":67,"data":[]})").type(), 67);
  EXPECT_EQ(errorOf(R"( {"data":[]})").offset, 1U);
  EXPECT_EQ(errorOf(R"({"data":[]})").message, "expected the key type, or number");
}

TEST_F(MessageJsonTest, TypeAndNumberMustAgree) {
  for (const char* line : {R"({"type":"VM_isClassArray","number":68,"data":[]})",
                           R"({"number":68,"type":"VM_isClassArray","data":[]})"}) {
    const TextError error = errorOf(line);
    EXPECT_THAT(error.message, HasSubstr("contradict each other: VM_isClassArray is 67, and 68 is "));
    EXPECT_THAT(error.message, HasSubstr("release head, openjdk build"));
  }
  EXPECT_EQ(errorOf(R"({"type":"#1","number":2,"data":[]})").field, "number");
}

TEST_F(MessageJsonTest, AnUnknownTypeNamesTheRelease) {
  const TextError error = errorOf(R"({"type":"VM_isClassArra","data":[]})");
  EXPECT_EQ(toString(error),
            R"(offset 8: type: unknown message type "VM_isClassArra" (release head, openjdk build))");
}

TEST_F(MessageJsonTest, NumbersMustFit) {
  EXPECT_EQ(errorOf(R"({"number":65536,"data":[]})").field, "number");
  EXPECT_EQ(errorOf(R"({"number":-1,"data":[]})").field, "number");
  EXPECT_EQ(errorOf(R"({"number":1.5,"data":[]})").field, "number");
  EXPECT_EQ(errorOf(R"({"type":"#65536","data":[]})").field, "type");
  EXPECT_EQ(errorOf(R"({"type":"#","data":[]})").field, "type");
  EXPECT_EQ(errorOf(R"({"number":1,"version":4294967296,"data":[]})").field, "version");
  EXPECT_EQ(errorOf(R"({"number":1,"config":"0x3011","data":[]})").field, "config");
}

TEST_F(MessageJsonTest, ErrorsInDataHaveTheirPath) {
  const TextError error = errorOf(R"({"number":1,"data":[{"bool":true},{"int32":2147483648}]})");
  EXPECT_EQ(error.field, "data[1].int32");
  EXPECT_EQ(error.offset, 43U);
}

TEST_F(MessageJsonTest, KeysOfShowArePassedOver) {
  EXPECT_EQ(parsed(R"({"connection":3,"time_ns":17,"direction":"client","number":67,"data":[]})").type(), 67);
}

TEST_F(MessageJsonTest, UnknownAndRepeatedKeysAreErrors) {
  const TextError unknown = errorOf(R"({"number":1,"flags":0,"data":[]})");
  EXPECT_EQ(unknown.offset, 12U);
  EXPECT_EQ(unknown.field, "flags");
  EXPECT_THAT(unknown.message, HasSubstr("unknown key"));
  for (const char* line :
       {R"({"number":1,"number":1,"data":[]})", R"({"type":"#1","type":"#1","data":[]})",
        R"({"number":1,"version":0,"version":0,"data":[]})",
        R"({"number":1,"config":0,"config":0,"data":[]})", R"({"number":1,"data":[],"data":[]})"}) {
    EXPECT_EQ(errorOf(line).message, "this key is given twice") << line;
  }
}

TEST_F(MessageJsonTest, DataMustBeGivenUnlessTheTypeHasNone) {
  EXPECT_EQ(errorOf(R"({"type":"VM_isClassArray"})").message, "expected the key data");
  EXPECT_EQ(parsed(R"({"type":"connectionTerminate"})").size(), 16U);
  EXPECT_EQ(parsed(R"({"type":"connectionTerminate","data":[]})").size(), 16U);
  const TextError error = errorOf(R"({"data":[{"bool":true}],"type":"compilationInterrupted"})");
  EXPECT_EQ(error.offset, 8U);
  EXPECT_THAT(error.message, HasSubstr("compilationInterrupted has no body"));
}

TEST_F(MessageJsonTest, WhatIsNoObjectOrGoesOnBehindItsEnd) {
  EXPECT_EQ(errorOf("").offset, 0U);
  EXPECT_EQ(errorOf("[]").offset, 0U);
  EXPECT_EQ(errorOf(R"({"number":1,"data":[]} x)").offset, 23U);
  EXPECT_EQ(errorOf(R"({"number":1,"data":[])").offset, 21U);
  EXPECT_EQ(errorOf(R"({"type":5,"data":[]})").field, "type");
  EXPECT_EQ(errorOf(R"({"connection":[1,"number":1})").field, "connection");
}

TEST_F(MessageJsonTest, AMessageBeyondTheLimitIsAnError) {
  WireLimits limits;
  limits.max_message_size_bytes = 27;
  const std::string_view line = R"({"number":1,"data":[{"int32":1}]})";
  const auto refused = parseMessageJson(line, *table_, limits);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "the message has 28 bytes, but may have no more than 27 (max_message_size_bytes)");
  limits.max_message_size_bytes = 28;
  EXPECT_TRUE(parseMessageJson(line, *table_, limits));
}

}  // namespace
}  // namespace jitrig
