#include "protocol/catalogue/signature_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/catalogue/catalogue.h"

namespace jitrig {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// "(a, b)" as a list of wire types.
std::vector<WireType> wireTypes(std::string_view text) {
  if (text.empty()) return {};
  return WireType::parse("tuple<" + std::string(text) + ">").value().elements;
}

MessageType query(std::optional<std::vector<WireType>> request, std::optional<std::vector<WireType>> reply) {
  MessageType type;
  type.name = "Q";
  type.request = std::move(request);
  type.reply = std::move(reply);
  return type;
}

std::vector<std::string> changes(const MessageType& before, const MessageType& after) {
  std::vector<std::string> texts;
  for (const SignatureChange& change : compareSignatures(before, after)) texts.push_back(toString(change));
  return texts;
}

/// A query whose request changes.
std::vector<std::string> requestChanges(std::string_view before, std::string_view after) {
  return changes(query(wireTypes(before), wireTypes("bool")), query(wireTypes(after), wireTypes("bool")));
}

TEST(SignatureChangeTest, TheSame) {
  EXPECT_THAT(requestChanges("", ""), IsEmpty());
  EXPECT_THAT(
      requestChanges("bool, vector<tuple<string, object(8)>>", "bool, vector<tuple<string, object(8)>>"),
      IsEmpty());
}

TEST(SignatureChangeTest, OneDataPointOfAnotherType) {
  EXPECT_THAT(requestChanges("int32, bool", "uint64, bool"), ElementsAre("request[0]: int32 became uint64"));
  EXPECT_THAT(requestChanges("object(664)", "object(688)"),
              ElementsAre("request[0]: object(664) became object(688)"));
  EXPECT_THAT(requestChanges("string", "vector<string>"),
              ElementsAre("request[0]: string became vector<string>"));
}

TEST(SignatureChangeTest, AddedAndRemoved) {
  EXPECT_THAT(requestChanges("", "bool"), ElementsAre("request[0]: bool was added"));
  EXPECT_THAT(requestChanges("bool", ""), ElementsAre("request[0]: bool was removed"));
  EXPECT_THAT(requestChanges("int32, string", "int32, bool, string"),
              ElementsAre("request[1]: bool was added"));
  EXPECT_THAT(requestChanges("int32, bool, string", "int32, string"),
              ElementsAre("request[1]: bool was removed"));
  EXPECT_THAT(requestChanges("int32, int64", "uint32, int64, bool, bool"),
              ElementsAre("request[0]: int32 became uint32", "request[2]: bool was added",
                          "request[3]: bool was added"));
}

TEST(SignatureChangeTest, InsideTuplesAndVectors) {
  EXPECT_THAT(requestChanges("tuple<string, bool>", "tuple<string, bool, uint64>"),
              ElementsAre("request[0][2]: uint64 was added"));
  EXPECT_THAT(
      requestChanges("bool, vector<tuple<object(96), string>>", "bool, vector<tuple<object(104), string>>"),
      ElementsAre("request[1][][0]: object(96) became object(104)"));
  EXPECT_THAT(requestChanges("vector<int32>", "vector<uint32>"),
              ElementsAre("request[0][]: int32 became uint32"));
}

TEST(SignatureChangeTest, ReplyAndDirection) {
  const MessageType asked = query(wireTypes("bool"), wireTypes("bool"));
  MessageType one_way = asked;
  one_way.direction = MessageType::Direction::serverToClient;
  one_way.has_reply = false;
  one_way.reply.reset();
  EXPECT_THAT(changes(asked, one_way),
              ElementsAre("direction: query became server", "reply: (bool) became none"));
  EXPECT_THAT(changes(one_way, asked),
              ElementsAre("direction: server became query", "reply: none became (bool)"));
  EXPECT_THAT(changes(asked, query(wireTypes("bool"), wireTypes("bool, int32"))),
              ElementsAre("reply[1]: int32 was added"));
}

TEST(SignatureChangeTest, WhatIsNotKnownIsNotCompared) {
  const MessageType known = query(wireTypes("bool"), wireTypes("bool"));
  const MessageType unknown = query(std::nullopt, std::nullopt);
  EXPECT_THAT(changes(known, unknown), IsEmpty());
  EXPECT_THAT(changes(unknown, known), IsEmpty());
}

TEST(SignatureChangeTest, RealOnes) {
  const Catalogue& catalogue = Catalogue::builtIn();
  const auto change = [&](std::string_view name, std::string_view before, std::string_view after) {
    return changes(*catalogue.table(before).value()->find(name), *catalogue.table(after).value()->find(name));
  };
  EXPECT_THAT(change("VM_getVMInfo", "0.38.0", "0.39.0"),
              ElementsAre("reply[0]: object(664) became object(688)"));
  EXPECT_THAT(change("VM_vTableOrITableIndexFromMemberName", "0.29.0", "0.29.1"),
              ElementsAre("reply[0]: int32 became uint64"));
  EXPECT_THAT(changes(*catalogue.table("head", Build::j9).value()->find("compilationCode"),
                      *catalogue.table("head").value()->find("compilationCode")),
              ElementsAre("request[11]: vector<object(24)> was added"));
}

}  // namespace
}  // namespace jitrig
