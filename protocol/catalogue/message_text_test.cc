#include "protocol/catalogue/message_text.h"

#include <gtest/gtest.h>

#include "protocol/catalogue/catalogue.h"
#include "protocol/wire/value.h"

namespace jitrig {
namespace {

class MessageTextTest : public testing::Test {
 protected:
  std::string text(const Message& message) const { return toText(message, *table_); }

  std::shared_ptr<const MessageTable> table_ = Catalogue::builtIn().defaultTable();
};

TEST_F(MessageTextTest, TheNameOfTheTypeThenTheDataPoints) {
  Message message(67);
  addValue(message, Value(Value::Object{{std::byte{0x0a}, std::byte{0x0b}}}));
  addValue(message, Value(true));
  EXPECT_EQ(text(message), "VM_isClassArray(object(0a0b), bool(true))");
}

TEST_F(MessageTextTest, VersionAndConfigurationWhereTheyAreNotZero) {
  Message message;
  message.start(8, versionWord(1, 105), 0x3011);
  EXPECT_EQ(text(message), "compilationRequest[version 1.105, config 0x3011]()");
  message.setVersion(versionWord(1, 105), 0);
  EXPECT_EQ(text(message), "compilationRequest[version 1.105]()");
  message.setVersion(0, 0x11);
  EXPECT_EQ(text(message), "compilationRequest[config 0x11]()");
}

TEST_F(MessageTextTest, AVersionWordThatIsNoneIsShownAsItIs) {
  Message message;
  message.start(8, 0x01006901, 0);
  EXPECT_EQ(text(message), "compilationRequest[version 0x01006901]()");
}

TEST_F(MessageTextTest, ANumberThatTheReleaseDoesNotHave) {
  EXPECT_EQ(text(Message(65535)), "#65535()");
}

TEST_F(MessageTextTest, TheNameIsThatOfTheRelease) {
  const auto oldest = Catalogue::builtIn().table("0.20.0");
  ASSERT_TRUE(oldest) << oldest.error();
  EXPECT_EQ(messageTypeName(5, **oldest), "compilationRequest");
  EXPECT_EQ(messageTypeName(8, *table_), "compilationRequest");
}

}  // namespace
}  // namespace jitrig
