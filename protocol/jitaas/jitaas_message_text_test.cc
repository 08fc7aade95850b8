#include "protocol/jitaas/jitaas_message_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/jitaas/jitaas_goldens.h"
#include "protocol/wire/hex.h"

namespace jitrig {
namespace {

using ::testing::HasSubstr;
using testing::JitaasGolden;
using testing::jitaasGolden;
using testing::jitaasGoldens;

const JitaasMessageTypes& release() {
  return *findJitaasRelease("0.18.0");
}

std::string textOf(const JitaasMessage& message) {
  std::string text;
  appendText(text, message, release());
  return text;
}

std::string jsonOf(const JitaasMessage& message) {
  std::string json;
  appendJson(json, message, release());
  return json;
}

JitaasMessage messageOf(const std::string& golden_name) {
  return JitaasMessage::parse(jitaasGolden(golden_name).frame).value();
}

TEST(JitaasMessageText, IsThatOfTheRawGeneration) {
  EXPECT_EQ(textOf(messageOf("pointer_int32")),
            "VM_dereferenceStaticAddress(uint64(139638282147448), int32(4))");
  EXPECT_EQ(textOf(messageOf("compilationInterrupted")), "compilationInterrupted()");
  EXPECT_THAT(
      textOf(messageOf("compilationRequest_with_version")),
      ::testing::StartsWith("compilationRequest[version 0.1, config 0x100b](uint64(1234605616436508552), "));
  EXPECT_EQ(textOf(JitaasMessage(4711)), "#4711()");
}

TEST(JitaasMessageJson, HasTheTagsBefore) {
  EXPECT_EQ(jsonOf(messageOf("pointer_int32")),
            R"({"type":"VM_dereferenceStaticAddress","number":303,"version":0,)"
            R"("data":[{"tag":7,"uint64":139638282147448},{"tag":0,"int32":4}]})");
  EXPECT_THAT(jsonOf(messageOf("tuple")),
              HasSubstr(R"([{"tag":24,"tuple":[{"tag":1,"uint32":1},{"tag":3,"uint64":2},)"
                        R"({"tag":4,"bool":true},{"tag":6,"string":"t"}]}])"));
  EXPECT_THAT(jsonOf(messageOf("vec_string")),
              HasSubstr(R"({"tag":21,"vector":[{"object":"61"},{"object":""},{"object":"68656c6c6f"}]})"));
  EXPECT_THAT(jsonOf(messageOf("string_nuls")), HasSubstr(R"([{"tag":6,"string":{"hex":"61006200"}}])"));
  EXPECT_THAT(jsonOf(messageOf("compilationRequest_with_version")),
              HasSubstr(R"("version":17639430684928,)"));
}

TEST(JitaasMessageJson, OfTheGoldensBecomesTheirBytes) {
  for (const JitaasGolden& golden : jitaasGoldens()) {
    const auto back = parseJitaasMessageJson(jsonOf(messageOf(golden.name)), release());
    ASSERT_TRUE(back) << golden.name << ": " << toString(back.error());
    EXPECT_EQ(toHex(back->serialize()), toHex(golden.frame)) << golden.name;
  }
}

std::string hexOf(std::string_view json) {
  const auto message = parseJitaasMessageJson(json, release());
  return message ? toHex(message->serialize()) : toString(message.error());
}

TEST(JitaasMessageJson, SaysNoMoreThanItMust) {
  const std::string interrupted = "0400000008061200";
  EXPECT_EQ(hexOf(R"({"type":"compilationInterrupted"})"), interrupted);
  EXPECT_EQ(hexOf(R"({"number":6})"), interrupted);
  EXPECT_EQ(hexOf(R"({"data":[],"number":6,"direction":"client","type":"#6","version":0})"), interrupted);
  EXPECT_EQ(hexOf(R"({"type":"#-1"})"), "0d00000008ffffffffffffffffff011200");
  // Tags in any place, or none.
  EXPECT_EQ(hexOf(R"({"number":303,"data":[{"uint64":5,"tag":7},{"int32":4}]})"),
            "0f00000008af02120a0a04080710050a022804");
}

struct BadJson {
  std::string_view json;
  std::string_view error;
};

TEST(JitaasMessageJson, SaysWhatIsWrongAndWhere) {
  const std::vector<BadJson> kLines{
      {R"({})", "offset 0: expected the key type, or number"},
      {R"({"type":"VM_no"})", R"(offset 8: type: unknown message type "VM_no" (release 0.18.0))"},
      {R"({"type":"compilationInterrupted","number":7})", "type and number contradict each other: "},
      {R"({"number":6,"config":0})",
       "offset 12: config: unknown key; known are type, number, version, data and"},
      {R"({"number":6,"number":6})", "offset 12: number: this key is given twice"},
      {R"({"number":4294967296})", "4294967296 is not between -2147483648 and 2147483647"},
      {R"({"number":6,"data":[{"tag":7}]})", "offset 20: data[0]: a value without content; expected int32, "},
      {R"({"number":6,"data":[{"tag":7,"tag":7,"int32":1}]})",
       "offset 29: data[0].tag: this key is given twice"},
      {R"({"number":6,"data":[{"tag":-1,"int32":1}]})", "offset 27: data[0].tag: -1 is not between 0 and"},
      {R"({"number":6,"data":[{"int32":1,"int64":1}]})", "offset 31: data[0].int64: a further key"},
      {R"({"number":6,"data":[{"simple_vector":[]}]})",
       "data[0].simple_vector: no type of a value; expected int32"},
      {R"({"number":6,"data":[{"vector":[{"tag":1,"bool":true}]}]})",
       "offset 32: data[0].vector[0].tag: the elements of a vector have no tag"},
      {R"({"number":6,"data":[{"uint32":-1}]})", "data[0].uint32: -1 is not between 0 and 4294967295"},
      {R"({"number":6,"data":[{"int32":1}})", "offset 31: "},
  };
  for (const BadJson& bad : kLines) EXPECT_THAT(hexOf(bad.json), HasSubstr(bad.error)) << bad.json;
}

TEST(JitaasMessageJson, StaysWithinTheLimits) {
  const std::string_view json = R"({"number":6,"data":[{"vector":[{"object":"00"}]}]})";
  const auto refusal = [&](const ProtobufLimits& limits) {
    const auto message = parseJitaasMessageJson(json, release(), limits);
    return message ? "accepted" : toString(message.error());
  };
  EXPECT_EQ(refusal({.max_message_size_bytes = 13, .max_nesting = 1, .max_values = 2}), "accepted");
  EXPECT_THAT(refusal({.max_message_size_bytes = 12}),
              HasSubstr("the message has 13 bytes, but may have no more than"));
  EXPECT_THAT(refusal({.max_nesting = 0}), HasSubstr("vectors and tuples nest deeper than 0 (max_nesting)"));
  EXPECT_THAT(refusal({.max_values = 1}), HasSubstr("data[0].vector[0]: more than 1 values (max_values)"));
}

}  // namespace
}  // namespace jitrig
