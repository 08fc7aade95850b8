#include "fakevm/recorded_frontend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jitrig {
namespace {

/// VM_isClassArray and two more, by number.
class RecordedFrontendTest : public ::testing::Test {
 public:
  static std::vector<Value> text(const std::string& bytes) { return {Value::String{bytes}}; }

  static RecordedQuery answered(std::uint16_t type, const std::string& reply) {
    return {.type = type, .values = {}, .answer = RecordedQuery::Answer::reply, .reply = text(reply)};
  }
  static RecordedQuery ended(std::uint16_t type, RecordedQuery::Answer answer) {
    return {.type = type, .values = {}, .answer = answer, .reply = {}};
  }
  static RecordedCompilation compilation(std::vector<RecordedQuery> queries) {
    RecordedCompilation result;
    result.request = {std::uint64_t{1}, std::uint32_t{0}, std::uint32_t{0}, Value::String{"recorded"}};
    result.queries = std::move(queries);
    result.end = RecordedFinal{};
    return result;
  }

  std::uint16_t number(std::string_view name) const { return dialect->table->numberOf(name).value(); }

  std::shared_ptr<const Dialect> dialect = defaultDialect();
  std::uint16_t array = number("VM_isClassArray");
  std::uint16_t signature = number("VM_isClassInitialized");
  std::uint16_t other = number("VM_isClassLibraryMethod");
};

TEST_F(RecordedFrontendTest, AnswersInTheRecordedOrder) {
  RecordedFrontend frontend(
      dialect, {compilation({answered(array, "1"), answered(signature, "2"), answered(array, "3")})}, {});
  const auto playing = frontend.beginCompilation(0);
  EXPECT_EQ(playing->answer(Message(array)).values, text("1"));
  EXPECT_EQ(playing->answer(Message(signature)).values, text("2"));
  EXPECT_EQ(playing->answer(Message(array)).values, text("3"));
}

/// The server has them wait for it. Recorded numbers are not this client's.
TEST_F(RecordedFrontendTest, RequestsNameTheLastCriticalOne) {
  const auto request = [](const std::string& class_hierarchy_changes) {
    RecordedCompilation recorded = compilation({});
    recorded.request = {std::uint64_t{1},     std::uint32_t{70},
                        std::uint32_t{50},    Value::EmptyVector{},
                        Value::EmptyVector{}, Value::Tuple{{Value::String{"class"}}},
                        Value::String{},      Value::String{},
                        Value::String{},      Value::String{class_hierarchy_changes}};
    return recorded;
  };
  RecordedFrontend frontend(dialect, {request(""), request("changes"), request("")}, {});
  std::vector<std::uint32_t> critical_numbers;
  for (std::uint32_t number = 0; number < 6; ++number) {
    const auto values = frontend.beginCompilation(number)->compilationRequest(
        {.client_uid = 1, .sequence_number = number + 1});
    EXPECT_EQ(values[1], Value(number + 1));
    critical_numbers.push_back(*values[2].get<std::uint32_t>());
  }
  EXPECT_THAT(critical_numbers, ::testing::ElementsAre(0, 0, 2, 2, 2, 5));
}

TEST_F(RecordedFrontendTest, OutOfOrderTheNextOfItsType) {
  RecordedFrontend frontend(
      dialect, {compilation({answered(array, "1"), answered(signature, "2"), answered(array, "3")})}, {});
  const auto playing = frontend.beginCompilation(0);
  EXPECT_EQ(playing->answer(Message(signature)).values, text("2"));
  EXPECT_EQ(playing->answer(Message(array)).values, text("1"));
  EXPECT_EQ(playing->answer(Message(array)).values, text("3"));
  EXPECT_EQ(playing->answer(Message(array)).values, text("1"));  // beyond: any of its type
}

TEST_F(RecordedFrontendTest, BeyondTheRecordingAnyReplyOfItsTypeThenTheDefault) {
  RecordedFrontend frontend(dialect, {compilation({}), compilation({answered(array, "other")})}, {});
  const auto playing = frontend.beginCompilation(0);
  EXPECT_EQ(playing->answer(Message(array)).values, text("other"));
  EXPECT_EQ(playing->answer(Message(other)).values, defaultReply(*dialect, other));
}

TEST_F(RecordedFrontendTest, AfterTheLastCompilationTheFirstComesAgain) {
  RecordedFrontend frontend(dialect,
                            {compilation({answered(array, "1")}), compilation({answered(array, "2")})}, {});
  for (const auto& [k, reply] : {std::pair{0U, "1"}, {1U, "2"}, {2U, "1"}, {5U, "2"}}) {
    const auto playing = frontend.beginCompilation(k);
    EXPECT_EQ(playing->answer(Message(array)).values, text(reply));
  }
  EXPECT_EQ(frontend.beginCompilation(3)->methodName(), "recorded compilation 1");
}

TEST_F(RecordedFrontendTest, RequestsAreRecordedOnesWithAnIdentityOfTheirOwn) {
  RecordedFrontend frontend(dialect, {compilation({})}, {});
  const std::vector<Value> expected{std::uint64_t{9}, std::uint32_t{8}, std::uint32_t{7},
                                    Value::String{"recorded"}};
  EXPECT_EQ(frontend.beginCompilation(0)->compilationRequest({9, 8, 7}), expected);
}

TEST_F(RecordedFrontendTest, RecordedEndsAreFollowedIfAskedFor) {
  const auto interrupted = compilation({ended(array, RecordedQuery::Answer::interrupted)});
  const auto closed = compilation({ended(array, RecordedQuery::Answer::none)});
  RecordedFrontend following(dialect, {interrupted, closed}, {.follow_recorded_ends = true});
  EXPECT_EQ(following.beginCompilation(0)->answer(Message(array)).kind, Answer::Kind::interrupt);
  EXPECT_EQ(following.beginCompilation(1)->answer(Message(array)).kind, Answer::Kind::close);

  RecordedFrontend going_on(dialect, {interrupted, closed}, {});
  for (const std::uint64_t k : {0U, 1U}) {
    const Answer answer = going_on.beginCompilation(k)->answer(Message(array));
    EXPECT_EQ(answer.kind, Answer::Kind::reply);
    EXPECT_EQ(answer.values, defaultReply(*dialect, array));
  }
}

TEST_F(RecordedFrontendTest, WithoutARecordingItIsTheDefault) {
  RecordedFrontend frontend(dialect, {}, {});
  const auto playing = frontend.beginCompilation(0);
  EXPECT_EQ(playing->methodName(), DefaultFrontend(dialect).beginCompilation(0)->methodName());
  EXPECT_EQ(playing->answer(Message(array)).values, defaultReply(*dialect, array));
}

}  // namespace
}  // namespace jitrig
