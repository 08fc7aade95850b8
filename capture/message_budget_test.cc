#include "capture/message_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>

#include "capture/capture_file.h"
#include "capture/message_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kText =
    "version 0x01006900\n"
    "client VM_isClassArray 20 800 bool\n"
    "server VM_isClassArray 20 1000 object8\n"
    "server compilationFailure 1 48 uint32,uint64|-\n";

MessageBudget budget() {
  auto parsed = parseBudget(kText);
  EXPECT_TRUE(parsed) << parsed.error();
  return parsed ? std::move(*parsed) : MessageBudget{};
}

MessageCost& queries(MessageBudget& of) {
  return of.types.at({Direction::server, "VM_isClassArray"});
}

TEST(MessageBudgetTest, IsReadAndWritten) {
  const MessageBudget read = budget();
  EXPECT_EQ(read.version, 0x01006900U);
  EXPECT_EQ(read.types.at({Direction::server, "compilationFailure"}),
            (MessageCost{.messages = 1, .bytes = 48, .shapes = {"", "uint32,uint64"}}));
  EXPECT_EQ(parseBudget(toText(read)), read);
  EXPECT_EQ(parseBudget("# words\n\n" + std::string(kText)), read);
}

TEST(MessageBudgetTest, RefusesWhatIsNoBudget) {
  for (const std::string line :
       {"version 1.105", "VM_isClassArray 20 800", "peer VM_isClassArray 20 800 bool",
        "client VM_isClassArray many 800 bool", "client VM_isClassArray 20 800 bool x"}) {
    const auto parsed = parseBudget("version 0x01006900\n" + line);
    ASSERT_FALSE(parsed) << line;
    EXPECT_THAT(parsed.error(), HasSubstr("line 2: expected 'version")) << line;
  }
}

TEST(MessageBudgetTest, FivePercentMoreAreAllowed) {
  MessageBudget cost = budget();
  queries(cost) = {.messages = 21, .bytes = 1050, .shapes = {"object8"}};
  EXPECT_THAT(excesses(cost, budget()), IsEmpty());
  queries(cost).messages = 22;
  EXPECT_THAT(excesses(cost, budget()),
              ElementsAre("VM_isClassArray of the server: 22 messages, the budget is 20 and 5 %"));
  queries(cost) = {.messages = 20, .bytes = 1051, .shapes = {"object8"}};
  EXPECT_THAT(excesses(cost, budget()),
              ElementsAre("VM_isClassArray of the server: 1051 bytes, the budget is 1000 and 5 %"));
}

TEST(MessageBudgetTest, LessIsNoExcess) {
  MessageBudget cost = budget();
  cost.types.erase({Direction::client, "VM_isClassArray"});
  queries(cost).messages = 1;
  EXPECT_THAT(excesses(cost, budget()), IsEmpty());
}

TEST(MessageBudgetTest, ANewTypeAndTheSumOfSmallThings) {
  MessageBudget cost = budget();
  cost.types[{Direction::server, "VM_isClassVisible"}] = {.messages = 3, .bytes = 100, .shapes = {"object8"}};
  EXPECT_THAT(excesses(cost, budget()),
              ElementsAre("VM_isClassVisible of the server: 3 messages, 100 bytes; the budget has none",
                          "all together: 44 messages, the budget is 41 and 5 %",
                          "all together: 1948 bytes, the budget is 1848 and 5 %"));
}

TEST(MessageBudgetTest, AnotherShapeWantsAnotherVersion) {
  MessageBudget cost = budget();
  queries(cost).shapes = {"object8,bool"};
  EXPECT_THAT(
      excesses(cost, budget()),
      ElementsAre(HasSubstr("its data points are (object8,bool), and were (object8), but the version is "
                            "0x01006900 as before")));
  cost.version = 0x01006a00;
  EXPECT_THAT(excesses(cost, budget()), IsEmpty());
}

TEST(MessageBudgetTest, OfARecording) {
  const MessageTable& table = headTable();
  const auto file = readCaptureFile(JITRIG_SOURCE_DIR "/testdata/captures/plain_1conn_3compiles.pcap");
  ASSERT_TRUE(file) << file.error();
  const MessageBudget cost = budgetOf(conversationFromCapture(*file, table), table);
  EXPECT_EQ(cost.version, 0x01006900U);
  const MessageCost& code = cost.types.at({Direction::server, "compilationCode"});
  EXPECT_EQ(code.messages, 3U);
  EXPECT_GT(code.bytes, 3U * 16);
  EXPECT_EQ(code.shapes.size(), 1U);
  EXPECT_EQ(parseBudget(toText(cost)), cost);
}

}  // namespace
}  // namespace jitrig::test
