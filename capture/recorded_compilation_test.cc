#include "capture/recorded_compilation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/message_test_support.h"
#include "protocol/wire/args_raw.h"

namespace jitrig {
namespace {

using test::numberOf;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Answer = RecordedQuery::Answer;

class RecordedCompilationsTest : public ::testing::Test {
 public:
  template <class... T>
  RecordedCompilationsTest& from(Direction direction, std::string_view type, const T&... args) {
    Message message(numberOf(type));
    if constexpr (sizeof...(T) != 0) setArgs(message, args...);
    conversation.messages.push_back(
        {.connection = connection, .direction = direction, .message = std::move(message)});
    return *this;
  }
  template <class... T>
  RecordedCompilationsTest& client(std::string_view type, const T&... args) {
    return from(Direction::client, type, args...);
  }
  template <class... T>
  RecordedCompilationsTest& server(std::string_view type, const T&... args) {
    return from(Direction::server, type, args...);
  }
  RecordedCompilationsTest& on(std::uint32_t number) {
    connection = number;
    return *this;
  }

  std::vector<RecordedCompilation> compilations() const {
    return recordedCompilations(conversation, *dialect);
  }

  std::shared_ptr<const Dialect> dialect = defaultDialect();
  Conversation conversation;
  std::uint32_t connection = 0;
};

TEST_F(RecordedCompilationsTest, AWholeOne) {
  client("compilationRequest", std::uint64_t{1})
      .server("VM_isClassArray", true)
      .client("VM_isClassArray", false);
  server("compilationCode", std::string("code")).client("connectionTerminate");
  const auto result = compilations();
  ASSERT_THAT(result, SizeIs(1));
  EXPECT_EQ(result[0].request, std::vector<Value>{std::uint64_t{1}});
  ASSERT_THAT(result[0].queries, SizeIs(1));
  EXPECT_EQ(result[0].queries[0].type, numberOf("VM_isClassArray"));
  EXPECT_EQ(result[0].queries[0].values, std::vector<Value>{true});
  EXPECT_EQ(result[0].queries[0].answer, Answer::reply);
  EXPECT_EQ(result[0].queries[0].reply, std::vector<Value>{false});
  ASSERT_TRUE(result[0].end);
  EXPECT_EQ(result[0].end->type, numberOf("compilationCode"));
  EXPECT_EQ(result[0].end->values, std::vector<Value>{Value::String{"code"}});
}

TEST_F(RecordedCompilationsTest, AnInterruptedOneAndTheNext) {
  client("compilationRequest", std::uint64_t{1})
      .server("VM_isClassArray", true)
      .client("compilationInterrupted");
  client("compilationRequest", std::uint64_t{2})
      .server("compilationFailure", std::uint32_t{6}, std::uint64_t{0});
  const auto result = compilations();
  ASSERT_THAT(result, SizeIs(2));
  EXPECT_EQ(result[0].queries.at(0).answer, Answer::interrupted);
  EXPECT_FALSE(result[0].end);
  EXPECT_EQ(result[1].end.value().type, numberOf("compilationFailure"));
}

TEST_F(RecordedCompilationsTest, OneThatStopsAtAQuery) {
  client("compilationRequest", std::uint64_t{1}).server("VM_isClassArray", true);
  const auto result = compilations();
  ASSERT_THAT(result, SizeIs(1));
  EXPECT_EQ(result[0].queries.at(0).answer, Answer::none);
  EXPECT_FALSE(result[0].end);
}

TEST_F(RecordedCompilationsTest, SeveralConnectionsAreKeptApart) {
  on(0).client("compilationRequest", std::uint64_t{1});
  on(1).client("compilationRequest", std::uint64_t{2});
  on(0).server("VM_isClassArray", true);
  on(1).server("compilationCode", std::string("1"));
  on(0).client("VM_isClassArray", true).server("compilationCode", std::string("0"));
  const auto result = compilations();
  ASSERT_THAT(result, SizeIs(2));
  EXPECT_EQ(result[0].connection, 0U);
  EXPECT_THAT(result[0].queries, SizeIs(1));
  EXPECT_EQ(result[0].end.value().values, std::vector<Value>{Value::String{"0"}});
  EXPECT_THAT(result[1].queries, IsEmpty());
  EXPECT_EQ(result[1].end.value().values, std::vector<Value>{Value::String{"1"}});
}

TEST_F(RecordedCompilationsTest, WhatFitsNoCompilationIsPassedOver) {
  server("VM_isClassArray", true).client("VM_isClassArray", true).client("connectionTerminate");
  client("clientSessionTerminate", std::uint64_t{1});
  EXPECT_THAT(compilations(), IsEmpty());
  // A reply before any query, of another type, or a second one.
  client("compilationRequest", std::uint64_t{1}).client("VM_isClassArray", true);
  server("VM_isClassArray", true).client("VM_isClassInitialized", true).client("VM_isClassArray", false);
  client("VM_isClassArray", true);
  const auto result = compilations();
  ASSERT_THAT(result, SizeIs(1));
  ASSERT_THAT(result[0].queries, SizeIs(1));
  EXPECT_EQ(result[0].queries[0].reply, std::vector<Value>{false});
}

}  // namespace
}  // namespace jitrig
